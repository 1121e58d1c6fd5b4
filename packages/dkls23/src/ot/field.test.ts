import { createCipheriv, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesOf, words } from "./bit-matrix.ts";
import { fold } from "./field.ts";

const element = fc.uint8Array({ minLength: 16, maxLength: 16 });
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const xor = (a: Uint8Array, b: Uint8Array) => a.map((byte, at) => byte ^ b[at]!);
const concat = (...parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
const zero = new Uint8Array(16);

/** The product of two elements, as one block of a row and one challenge. */
function multiply(a: Uint8Array, b: Uint8Array, block = 0): Uint8Array {
  const place = (value: Uint8Array) => Array.from({ length: 4 }, (_, j) => (j === block ? value : zero));
  return bytesOf(fold(words(concat(...place(a), zero)), words(concat(...place(b)))));
}

/** GHASH numbers the bits of a byte from the other end. */
const reflect = (bytes: Uint8Array) =>
  bytes.map((byte) => Number.parseInt(byte.toString(2).padStart(8, "0").split("").reverse().join(""), 2));

describe("GF(2^128)", () => {
  test("multiplies as AES-GCM does, whose tag over 16 bytes is two products", () => {
    for (let run = 0; run < 20; run++) {
      const [key, iv, aad] = [randomBytes(16), randomBytes(12), new Uint8Array(randomBytes(16))];
      const block = (input: Uint8Array) => {
        const cipher = createCipheriv("aes-128-ecb", key, null);
        return new Uint8Array(cipher.update(input));
      };
      const gcm = createCipheriv("aes-128-gcm", key, iv).setAAD(aad);
      gcm.final();
      const h = block(zero);
      const lengths = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 128, 0, 0, 0, 0, 0, 0, 0, 0);
      const product = (a: Uint8Array) => reflect(multiply(reflect(a), reflect(h), run % 4));
      const tag = xor(block(concat(iv, Uint8Array.of(0, 0, 0, 1))), product(xor(product(aad), lengths)));
      expect(hex(tag)).toBe(gcm.getAuthTag().toString("hex"));
    }
  });

  test("is a field of 2^128 elements: a^(2^128) = a", () => {
    fc.assert(
      fc.property(element, (a) => {
        let power: Uint8Array = a;
        for (let squarings = 0; squarings < 128; squarings++) power = multiply(power, power);
        expect(hex(power)).toBe(hex(a));
      }),
      { numRuns: 20 },
    );
  });

  test("has X^128 = X^7 + X^2 + X + 1", () => {
    const x = (power: number) => zero.map((_, at) => (at === power >> 3 ? 1 << (power & 7) : 0));
    expect(hex(multiply(x(64), x(64)))).toBe(`87${"00".repeat(15)}`);
    expect(hex(multiply(x(127), x(1)))).toBe(`87${"00".repeat(15)}`);
    expect(hex(multiply(x(60), x(67)))).toBe(hex(x(127)));
  });
});

test("a fold is the sum of the tail and the products, row by row", () => {
  const blocks = fc.array(element, { minLength: 5, maxLength: 5 });
  const rows = fc.array(blocks, { minLength: 1, maxLength: 4 });
  const challenges = fc.array(element, { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(rows, challenges, (matrix, chi) => {
      const folded = bytesOf(fold(words(concat(...matrix.flat())), words(concat(...chi))));
      const expected = matrix.map((row) => chi.reduce((sum, one, j) => xor(sum, multiply(row[j]!, one)), row[4]!));
      expect(hex(folded)).toBe(expected.map(hex).join(""));
    }),
  );
});
