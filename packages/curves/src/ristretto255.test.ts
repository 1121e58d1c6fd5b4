import { ristretto255 as noble } from "@noble/curves/ed25519.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import vectors from "../../../test/vectors/ristretto255.json" with { type: "json" };
import { group } from "./groups.ts";
import { ristretto255 } from "./ristretto255.ts";

const { base, multiply, add, subtract } = ristretto255;
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));
const hex = (P: Uint8Array) => Buffer.from(P).toString("hex");
const G = base(1n);
const identity = new Uint8Array(32);

describe("ristretto255", () => {
  test("has the small multiples of RFC 9496", () => {
    for (const [k, multiple] of vectors.multiples.entries()) {
      if (k > 0) expect(hex(base(BigInt(k)))).toBe(multiple);
      expect(hex(add(bytes(multiple), G))).toBe(hex(base(BigInt(k + 1))));
      expect(hex(subtract(base(BigInt(k + 1)), G))).toBe(multiple);
    }
  });

  test("multiplies as noble does", () => {
    const scalar = fc.bigInt(1n, group("ed25519", "noble").order - 1n);
    fc.assert(
      fc.property(scalar, scalar, (k, l) => {
        expect(hex(multiply(base(k), l))).toBe(noble.Point.BASE.multiply(k).multiply(l).toHex());
      }),
      { numRuns: 20 },
    );
  });

  test("has the order of Ed25519's scalars", () => {
    const { order } = group("ed25519", "fast");
    expect(hex(base(order - 1n))).toBe(hex(subtract(identity, G)));
    expect(() => base(order)).toThrow();
  });

  test.each(Object.entries(vectors.invalid))("refuses what is no element: %s", (_, encodings) => {
    for (const encoding of encodings.map(bytes)) {
      expect(() => multiply(encoding, 2n)).toThrow();
      expect(() => add(encoding, G)).toThrow();
      expect(() => subtract(G, encoding)).toThrow();
    }
  });

  test("refuses other lengths, and the identity as a product", () => {
    for (const P of [G.subarray(1), Uint8Array.of(...G, 0), new Uint8Array(0)]) {
      expect(() => multiply(P, 2n)).toThrow();
      expect(() => add(P, G)).toThrow();
      expect(() => subtract(G, P)).toThrow();
    }
    expect(() => multiply(identity, 2n)).toThrow();
    expect(() => base(0n)).toThrow();
  });
});
