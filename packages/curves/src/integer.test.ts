import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesToInteger, integerToBytes, reversedToInteger } from "./integer.ts";

test("an integer is what its hex digits say, whatever its length and wherever it lies", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.uint8Array({ maxLength: 70 }), fc.uint8Array({ minLength: 32, maxLength: 32 })),
      fc.nat(9),
      (bytes, offset) => {
        const around = new Uint8Array(bytes.length + offset + 3).fill(255);
        around.set(bytes, offset);
        const value = BigInt(`0x0${Buffer.from(bytes).toString("hex")}`);
        const inside = around.subarray(offset, offset + bytes.length);
        expect(bytesToInteger(inside)).toBe(value);
        expect(reversedToInteger(inside.toReversed())).toBe(value);
        inside.reverse();
        expect(reversedToInteger(inside)).toBe(value);
        if (bytes.length > 0) expect(integerToBytes(value, bytes.length)).toEqual(bytes);
      },
    ),
  );
});

test("an integer that does not fit, or is negative, has no bytes", () => {
  expect(() => integerToBytes(256n, 1)).toThrow("does not fit");
  expect(() => integerToBytes(-1n, 32)).toThrow("does not fit");
  expect(() => integerToBytes(1n << 256n, 32)).toThrow("does not fit");
});
