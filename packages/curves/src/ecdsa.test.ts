import { p256 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { describe, expect, test } from "vitest";
import { recoverEcdsa, verifyEcdsa } from "./ecdsa.ts";
import { bytesToInteger, integerToBytes } from "./integer.ts";

const digest = new Uint8Array(32).fill(9);
const secret = new Uint8Array(32).fill(3);
const changed = (bytes: Uint8Array, at: number) => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));

describe.each([
  ["secp256k1", secp256k1],
  ["p256", p256],
] as const)("ECDSA on %s", (name, curve) => {
  const publicKey = curve.getPublicKey(secret);
  const recovered = curve.sign(digest, secret, { prehash: false, lowS: true, format: "recovered" });
  const [recid, signature] = [recovered[0]!, recovered.slice(1)];
  const order = curve.Point.Fn.ORDER;

  test("a signature verifies for its key, digest and bytes alone", () => {
    expect(verifyEcdsa(name, publicKey, digest, signature)).toBe(true);
    expect(verifyEcdsa(name, curve.getPublicKey(new Uint8Array(32).fill(4)), digest, signature)).toBe(false);
    expect(verifyEcdsa(name, publicKey, changed(digest, 0), signature)).toBe(false);
    for (const at of [0, 31, 32, 63]) expect(verifyEcdsa(name, publicKey, digest, changed(signature, at))).toBe(false);
  });

  test("a high s is refused exactly where others refuse it", () => {
    const high = integerToBytes(order - bytesToInteger(signature.subarray(32)), 32);
    const negated = new Uint8Array([...signature.subarray(0, 32), ...high]);
    expect(verifyEcdsa(name, publicKey, digest, negated)).toBe(name === "p256");
  });

  test("the key is recovered with the right id, and another or none with a wrong one", () => {
    expect(recoverEcdsa(name, digest, signature, recid)).toEqual(publicKey);
    expect(recoverEcdsa(name, digest, signature, recid ^ 1)).not.toEqual(publicKey);
    for (const id of [2, 3, 4, -1, 0.5, Number.NaN]) expect(recoverEcdsa(name, digest, signature, id)).toBeUndefined();
  });

  test("wrong lengths and impossible numbers are refused without throwing", () => {
    const wrong = [new Uint8Array(), new Uint8Array(63), new Uint8Array(65), new Uint8Array(64).fill(255)];
    for (const bytes of [...wrong, new Uint8Array(64)]) {
      expect(verifyEcdsa(name, publicKey, digest, bytes)).toBe(false);
      expect(recoverEcdsa(name, digest, bytes, recid)).toBeUndefined();
    }
    for (const length of [0, 31, 33, 64]) {
      expect(verifyEcdsa(name, publicKey, new Uint8Array(length), signature)).toBe(false);
      expect(recoverEcdsa(name, new Uint8Array(length), signature, recid)).toBeUndefined();
    }
    for (const key of [new Uint8Array(33), new Uint8Array(32), curve.getPublicKey(secret, false)]) {
      expect(verifyEcdsa(name, key, digest, signature)).toBe(false);
    }
  });
});
