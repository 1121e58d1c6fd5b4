import { group } from "@quorate/curves";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Residues } from "./residues.ts";

const NAMES = ["secp256k1", "p256"] as const;

describe.each(NAMES)("scalars of %s as bytes", (name) => {
  const { order, encodeScalar, mod } = group(name, "noble");
  const bytes = (value: bigint) => new Uint8Array(Buffer.from(value.toString(16).padStart(64, "0"), "hex"));
  const residues = new Residues(bytes(order));
  const view = (...values: readonly bigint[]) => {
    const all = Uint8Array.from(values.flatMap((value) => [...bytes(value)]));
    return { view: new DataView(all.buffer), at: (n: number) => all.subarray(32 * n, 32 * n + 32) };
  };
  const scalar = fc.oneof(
    fc.bigInt(0n, order - 1n),
    fc.constantFrom(0n, 1n, order - 1n, order - 2n, order >> 1n, (1n << 255n) - 1n, 1n << 255n, (1n << 16n) - 1n),
  );

  test("subtract and add as integers do", () => {
    fc.assert(
      fc.property(scalar, scalar, scalar, (minuend, subtrahend, addend) => {
        const [left, right, more, out] = [view(7n, minuend), view(7n, subtrahend), view(addend), view(0n, 0n, 0n)];
        residues.correct(out.view, 64, left.view, right.view, 32, more.view, 0);
        expect(out.at(2)).toEqual(encodeScalar(mod(minuend - subtrahend + addend)));
        expect([out.at(0), out.at(1)]).toEqual([bytes(0n), bytes(0n)]);
      }),
      { numRuns: 400 },
    );
  });

  test("are added where the mask says so", () => {
    fc.assert(
      fc.property(scalar, scalar, fc.constantFrom(0, -1), (value, addend, mask) => {
        const [sum, more] = [view(5n, value), view(9n, addend)];
        residues.addMasked(sum.view, 32, more.view, 32, mask);
        expect(sum.at(1)).toEqual(encodeScalar(mod(value + (mask === 0 ? 0n : addend))));
        expect(sum.at(0)).toEqual(bytes(5n));
      }),
      { numRuns: 400 },
    );
  });

  test("are canonical below the order", () => {
    const words = Array.from({ length: 8 }, (_, n) => 1n << BigInt(32 * n));
    const edges = [
      0n,
      1n,
      order - 1n,
      order,
      order + 1n,
      (1n << 256n) - 1n,
      ...words.flatMap((w) => [order - w, order + w]),
    ];
    for (const value of edges.filter((one) => one < 1n << 256n)) {
      expect(residues.isCanonical(view(1n, value).view, 32)).toBe(value < order);
    }
  });
});
