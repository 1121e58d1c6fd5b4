import { ED25519_TORSION_SUBGROUP, ed25519 } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { describe, expect, test } from "vitest";
import { decode } from "./codec.ts";
import type { Backend, Group } from "./group.ts";
import { group } from "./groups.ts";
import { integerToBytes } from "./integer.ts";

const BACKENDS: readonly Backend[] = ["fast", "noble"];
const unhex = (digits: string) => new Uint8Array(Buffer.from(digits, "hex"));
const littleEndian = (k: bigint) => integerToBytes(k, 32).reverse();

function refusesPoint(G: Group, bytes: Uint8Array): void {
  expect(() => G.decodePoint(bytes), Buffer.from(bytes).toString("hex")).toThrow();
  expect(() => decode(G.point, bytes)).toThrow();
}

describe.each(BACKENDS)("Ed25519 points from peers (%s)", (backend) => {
  const G = group("ed25519", backend);
  const p = ed25519.Point.Fp.ORDER;
  const good = G.encodePoint(G.base(12345n));

  test("of any length but 32 are refused", () => {
    for (const length of [0, 31, 33, 64]) expect(() => G.decodePoint(new Uint8Array(length))).toThrow("32 bytes");
    expect(G.equals(G.decodePoint(good), G.base(12345n))).toBe(true);
  });

  test("that are one of the eight of small order are refused, the identity among them", () => {
    expect(ED25519_TORSION_SUBGROUP).toHaveLength(8);
    for (const torsion of ED25519_TORSION_SUBGROUP) refusesPoint(G, unhex(torsion));
    refusesPoint(G, littleEndian(1n));
  });

  test("that are a good point plus one of small order are refused", () => {
    const point = ed25519.Point.fromBytes(good);
    const mixed = ED25519_TORSION_SUBGROUP.map((torsion) => point.add(ed25519.Point.fromHex(torsion)).toBytes());
    const refused = mixed.filter((bytes) => Buffer.compare(bytes, good) !== 0);
    expect(refused).toHaveLength(7);
    for (const bytes of refused) refusesPoint(G, bytes);
  });

  test("with y not below p are refused, whatever the sign", () => {
    for (let y = p; y < 1n << 255n; y++) {
      const bytes = littleEndian(y);
      refusesPoint(G, bytes);
      bytes[31]! |= 0x80;
      refusesPoint(G, bytes);
    }
  });

  test("with a sign for x = 0 are refused", () => {
    for (const y of [1n, p - 1n]) {
      const bytes = littleEndian(y);
      bytes[31]! |= 0x80;
      refusesPoint(G, bytes);
    }
  });

  test("off the curve are refused", () => {
    refusesPoint(G, littleEndian(2n));
    refusesPoint(G, littleEndian(7n));
  });
});

const CURVES = [
  { name: "secp256k1", Point: secp256k1.Point, offCurve: 5n },
  { name: "p256", Point: p256.Point, offCurve: 1n },
] as const;

describe.each(CURVES.flatMap((curve) => BACKENDS.map((backend) => ({ ...curve, backend }))))(
  "$name points from peers ($backend)",
  ({ name, backend, Point, offCurve }) => {
    const G = group(name, backend);
    const good = Point.BASE.multiply(12345n);
    const withX = (prefix: number, x: bigint) => Uint8Array.of(prefix, ...integerToBytes(x, 32));

    test("in any form but the compressed are refused", () => {
      const uncompressed = good.toBytes(false);
      const hybrid = Uint8Array.from(uncompressed);
      hybrid[0] = 6 + (uncompressed[64]! & 1);
      for (const bytes of [uncompressed, hybrid, Uint8Array.of(0), new Uint8Array(0)]) {
        expect(() => G.decodePoint(bytes)).toThrow("33 bytes");
      }
      for (const prefix of [0, 1, 4, 5, 6, 7, 0x82, 0xff]) refusesPoint(G, withX(prefix, good.x));
      expect(G.equals(G.decodePoint(good.toBytes()), G.base(12345n))).toBe(true);
    });

    test("with x not below p are refused", () => {
      // The smallest x that is on the curve, again as x + p.
      let x = 0n;
      const onCurve = (bytes: Uint8Array) => {
        try {
          return Point.fromBytes(bytes) instanceof Point;
        } catch {
          return false;
        }
      };
      while (!onCurve(withX(2, x))) x++;
      expect(() => G.decodePoint(withX(2, x))).not.toThrow();
      for (const prefix of [2, 3]) {
        refusesPoint(G, withX(prefix, Point.Fp.ORDER + x));
        refusesPoint(G, withX(prefix, Point.Fp.ORDER));
        refusesPoint(G, withX(prefix, (1n << 256n) - 1n));
      }
    });

    test("off the curve are refused", () => {
      for (const prefix of [2, 3]) refusesPoint(G, withX(prefix, offCurve));
      refusesPoint(G, new Uint8Array(33));
    });
  },
);

test("ten thousand bad points do not wear the WebAssembly out", () => {
  const G = group("secp256k1", "fast");
  const bad = Uint8Array.of(2, ...integerToBytes(5n, 32));
  for (let count = 0; count < 10_000; count++) {
    try {
      G.decodePoint(bad);
    } catch {}
  }
  expect(G.equals(G.decodePoint(G.encodePoint(G.base(7n))), G.base(7n))).toBe(true);
});

describe.each(["ed25519", "secp256k1", "p256"] as const)("%s scalars from peers", (name) => {
  const G = group(name, "fast");
  const bytesOf = (k: bigint) => (name === "ed25519" ? littleEndian(k) : integerToBytes(k, 32));

  test("not below the order are refused", () => {
    for (const k of [G.order, G.order + 1n, (1n << 256n) - 1n]) {
      expect(() => G.decodeScalar(bytesOf(k))).toThrow("[0, order)");
      expect(() => decode(G.scalar, bytesOf(k))).toThrow("[0, order)");
    }
    for (const k of [0n, 1n, G.order - 1n]) expect(G.decodeScalar(bytesOf(k))).toBe(k);
  });

  test("of any length but 32 are refused", () => {
    for (const length of [0, 31, 33]) expect(() => G.decodeScalar(new Uint8Array(length))).toThrow("32 bytes");
  });
});
