import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decode, encode } from "./codec.ts";
import type { Group, GroupName, Point } from "./group.ts";
import { group } from "./groups.ts";
import { loadUnsafeModel } from "./model.ts";

loadUnsafeModel();

const NAMES: readonly GroupName[] = ["ed25519", "secp256k1", "p256"];
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const show = (G: Group, P: Point) => (G.isIdentity(P) ? "identity" : hex(G.encodePoint(P)));

/** Scalars with the edges that go wrong: 0, 1, small ones, powers of two and the end of the range. */
function scalars(order: bigint): fc.Arbitrary<bigint> {
  return fc.oneof(
    fc.bigInt(0n, order - 1n),
    fc.bigInt(0n, 20n),
    fc.bigInt(1n, 20n).map((k) => order - k),
    fc.constantFrom(1n << 16n, (1n << 16n) - 1n, 1n << 128n, 1n << 251n),
  );
}

/** Everything that a group computes from two points and a scalar, as text. */
function transcript(G: Group, p: bigint, q: bigint, k: bigint): string[] {
  const P = G.base(p);
  const Q = G.base(q);
  const points = {
    P,
    multiply: G.multiply(P, k),
    multiplyAdd: G.multiplyAdd([
      [P, k],
      [Q, p],
    ]),
    add: G.add(P, Q),
    double: G.add(P, P),
    subtract: G.subtract(P, Q),
    zero: G.subtract(P, P),
    negate: G.negate(P),
    sum: G.sum([P, Q, P, G.negate(Q)]),
    withIdentity: G.add(G.identity, P),
    intoIdentity: G.add(P, G.identity),
  };
  const parity = G.name !== "ed25519" && !G.isIdentity(P) ? [String(G.hasOddY(P))] : [];
  const equal = [G.equals(P, Q), G.equals(P, G.subtract(G.add(P, Q), Q))].map(String);
  return [...Object.entries(points).map(([name, R]) => `${name} ${show(G, R)}`), ...parity, ...equal];
}

describe.each(NAMES)("%s", (name) => {
  const fast = group(name, "fast");
  const noble = group(name, "noble");
  const model = group(name, "model");
  const scalar = scalars(noble.order);

  test("the fast backend computes what noble computes", () => {
    fc.assert(
      fc.property(scalar, scalar, scalar, (p, q, k) => {
        expect(transcript(fast, p, q, k)).toEqual(transcript(noble, p, q, k));
      }),
      { numRuns: 40 },
    );
  });

  test.each([fast, noble, model])("the group laws hold ($backend)", (G) => {
    fc.assert(
      fc.property(scalar, scalar, (p, k) => {
        const P = G.base(p);
        expect(G.equals(G.multiply(P, k), G.base(G.mod(p * k)))).toBe(true);
        expect(G.equals(G.multiply(P, G.order - 1n), G.negate(P))).toBe(true);
        expect(G.isIdentity(G.add(G.base(k), G.base(G.mod(-k))))).toBe(true);
      }),
      { numRuns: 10 },
    );
  });

  test.each([fast, noble, model])("the identity is neutral and never encoded ($backend)", (G) => {
    const { identity, generator } = G;
    for (const P of [
      G.base(0n),
      G.multiply(generator, 0n),
      G.multiply(identity, 5n),
      G.subtract(generator, generator),
      G.add(identity, identity),
      G.negate(identity),
      G.negate(G.subtract(generator, generator)),
      G.sum([]),
      G.multiplyAdd([]),
      G.multiplyAdd([
        [identity, 7n],
        [generator, 0n],
      ]),
    ]) {
      expect(G.isIdentity(P)).toBe(true);
      expect(G.equals(P, identity)).toBe(true);
      expect(() => G.encodePoint(P)).toThrow("identity");
    }
    expect(G.isIdentity(generator)).toBe(false);
    expect(G.equals(generator, identity)).toBe(false);
  });

  test.each([fast, noble, model])("encodings come back as what went in ($backend)", (G) => {
    fc.assert(
      fc.property(fc.bigInt(1n, G.order - 1n), (k) => {
        const P = G.base(k);
        expect(G.equals(decode(G.point, encode(G.point, P)), P)).toBe(true);
        expect(decode(G.scalar, encode(G.scalar, k))).toBe(k);
        expect(G.mod(k * G.invert(k))).toBe(1n);
      }),
      { numRuns: 10 },
    );
    expect(G.encodePoint(G.generator)).toHaveLength(G.pointLength);
    expect(G.equals(G.generator, G.base(1n))).toBe(true);
  });

  test.each([fast, noble, model])(
    "a decoded point does not change with the buffer that it came from ($backend)",
    (G) => {
      const bytes = Buffer.from(G.encodePoint(G.generator));
      const P = G.decodePoint(bytes);
      bytes.fill(0);
      G.encodePoint(P).fill(0);
      expect(G.equals(P, G.generator)).toBe(true);
    },
  );

  test.each([fast, noble, model])("scalars outside [0, order) are refused ($backend)", (G) => {
    for (const k of [-1n, G.order, G.order + 1n]) {
      expect(() => G.base(k)).toThrow("[0, order)");
      expect(() => G.multiply(G.generator, k)).toThrow("[0, order)");
      expect(() => G.multiplyAdd([[G.generator, k]])).toThrow("[0, order)");
      expect(() => G.encodeScalar(k)).toThrow("[0, order)");
      expect(() => G.invert(k)).toThrow("[0, order)");
    }
    expect(() => G.invert(0n)).toThrow("zero");
    expect(G.mod(-1n)).toBe(G.order - 1n);
    expect(G.mod(G.order)).toBe(0n);
  });

  test("points of another backend or group are refused", () => {
    const other = group(name === "p256" ? "secp256k1" : "p256", "fast");
    for (const G of [fast, noble, model]) {
      for (const H of [fast, noble, model, other].filter((one) => one !== G)) {
        expect(() => G.add(G.generator, H.generator)).toThrow("not a point of");
        expect(() => G.multiply(H.generator, 2n)).toThrow("not a point of");
        expect(() => G.multiplyAdd([[H.generator, 2n]])).toThrow("not a point of");
        expect(() => G.encodePoint(H.generator)).toThrow("not a point of");
      }
    }
  });

  test("a group is one instance and says which it is", () => {
    expect(group(name, "fast")).toBe(fast);
    expect([fast.name, fast.backend, noble.name, noble.backend]).toEqual([name, "fast", name, "noble"]);
    expect([model.name, model.backend]).toEqual([name, "model"]);
  });
});

test.each(["fast", "model"] as const)("the parity of y is defined only where it is used (%s)", (backend) => {
  const secp256k1 = group("secp256k1", backend);
  const ed25519 = group("ed25519", backend);
  expect(() => ed25519.hasOddY(ed25519.generator)).toThrow("ed25519");
  expect(() => secp256k1.hasOddY(secp256k1.identity)).toThrow("identity");
  expect(secp256k1.hasOddY(secp256k1.generator)).not.toBe(secp256k1.hasOddY(secp256k1.negate(secp256k1.generator)));
});
