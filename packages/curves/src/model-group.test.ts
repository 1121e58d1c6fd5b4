import { describe, expect, test } from "vitest";
import { recoverInGroup } from "./ecdsa.ts";
import { group } from "./groups.ts";
import { hashToCurve } from "./hash-to-curve.ts";
import { bytesToInteger, integerToBytes } from "./integer.ts";
import { loadUnsafeModel } from "./model.ts";
import { elementGroup, ristretto255 } from "./ristretto255.ts";

loadUnsafeModel();
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

describe.each(["secp256k1", "p256"] as const)("the model of %s", (name) => {
  const G = group(name, "model");
  const { order } = G;
  const encoded = (prefix: number, x: bigint) => Uint8Array.of(prefix, ...integerToBytes(x, 32));

  test("has one x coordinate for a point and its negative, and two parities", () => {
    for (const k of [1n, 2n, 3n, order - 5n]) {
      const [P, N] = [G.base(k), G.negate(G.base(k))];
      expect(G.hasOddY(P)).toBe(!G.hasOddY(N));
      expect(hex(G.encodePoint(P).subarray(1))).toBe(hex(G.encodePoint(N).subarray(1)));
      for (const one of [P, N]) expect(G.encodePoint(one)[0]).toBe(G.hasOddY(one) ? 3 : 2);
    }
  });

  test("refuses what is not the one encoding of a point", () => {
    for (const x of [0n, 1n, 3n, order, order + 1n, (1n << 256n) - 2n])
      for (const prefix of [2, 3]) expect(() => G.decodePoint(encoded(prefix, x)), `${prefix} ${x}`).toThrow();
    for (const prefix of [0, 1, 4, 255]) expect(() => G.decodePoint(encoded(prefix, 2n))).toThrow("canonical");
    for (const prefix of [2, 3]) expect(hex(G.encodePoint(G.decodePoint(encoded(prefix, 2n))))).toMatch(/02$/);
  });

  test("does not show the bytes of a secret in its public point", () => {
    for (const k of [1n, 0x1234567890n, order - 1n])
      expect(hex(G.encodePoint(G.base(k)))).not.toContain(hex(G.encodeScalar(k)));
  });

  test("gives the public key back from an ECDSA signature, and another one from another signature", () => {
    const [secret, nonce, digest] = [123n, 456n, new Uint8Array(32).fill(9)];
    const R = G.base(nonce);
    const r = bytesToInteger(G.encodePoint(R).subarray(1));
    const s = G.mod(G.invert(nonce) * (bytesToInteger(digest) + r * secret));
    const signature = Uint8Array.of(...G.encodeScalar(r), ...G.encodeScalar(s));
    const recid = G.hasOddY(R) ? 1 : 0;
    const publicKey = hex(G.encodePoint(G.base(secret)));
    expect(hex(recoverInGroup(G, digest, signature, recid)!)).toBe(publicKey);
    expect(hex(recoverInGroup(G, digest, signature, 1 - recid)!)).not.toBe(publicKey);
    expect(hex(recoverInGroup(G, digest.with(0, 1), signature, recid)!)).not.toBe(publicKey);
    for (const [wrong, id] of [
      [signature.subarray(1), recid],
      [signature, 2],
      [signature, 4],
    ] as const)
      expect(recoverInGroup(G, digest, wrong, id)).toBeUndefined();
  });

  test("has a hash to its points", () => {
    const of = (text: string) => hex(G.encodePoint(hashToCurve(G, "test", "tag", Buffer.from(text))));
    expect(of("one")).toBe(of("one"));
    expect(of("one")).not.toBe(of("two"));
  });
});

test("the model of Ed25519 refuses what is not below the order", () => {
  const G = group("ed25519", "model");
  const encoded = (k: bigint) => integerToBytes(k, 32).reverse();
  for (const k of [0n, G.order, G.order + 1n, (1n << 256n) - 1n]) expect(() => G.decodePoint(encoded(k))).toThrow();
  expect(hex(G.encodePoint(G.decodePoint(encoded(G.order - 1n))))).toBe(hex(encoded(G.order - 1n)));
  expect(hex(G.encodePoint(G.base(77n)))).not.toContain(hex(encoded(77n)));
});

test("the model of ristretto255 adds as its scalars do, and refuses the identity and what encodes no element", () => {
  const [E, { order }] = [elementGroup("model"), group("ed25519", "model")];
  expect(elementGroup("fast")).toBe(ristretto255);
  expect(E.name).not.toBe(ristretto255.name);
  expect(E.base(5n)).toHaveLength(32);
  expect(hex(E.add(E.base(2n), E.base(3n)))).toBe(hex(E.base(5n)));
  expect(hex(E.subtract(E.base(2n), E.base(3n)))).toBe(hex(E.base(order - 1n)));
  expect(hex(E.multiply(E.base(2n), 3n))).toBe(hex(E.base(6n)));
  expect(hex(E.base(5n))).not.toBe(hex(ristretto255.base(5n)));
  expect(() => E.base(0n)).toThrow("identity");
  expect(() => E.subtract(E.base(2n), E.base(2n))).toThrow("identity");
  for (const wrong of [new Uint8Array(32), new Uint8Array(32).fill(255), new Uint8Array(31)])
    expect(() => E.multiply(wrong, 3n)).toThrow();
});
