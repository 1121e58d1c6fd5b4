import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { hex } from "@quorate/orders";
import { describe, expect, it } from "vitest";
import { ecdsaKey } from "../testing/one-key-network.ts";
import { checkEcdsa, checkEs256, recoverKey } from "./ecdsa.ts";

const digest = createHash("sha256").update("hello").digest();

describe.each(["secp256k1", "secp256r1"] as const)("an ECDSA signature on %s", (curve) => {
  const { facts, sign: signed } = ecdsaKey(7, curve);
  const suite = curve === "secp256k1" ? "ecdsa-secp256k1" : "ecdsa-p256";
  const signature = signed(digest, null);

  it("holds, with its recovery id and without", () => {
    expect(checkEcdsa(suite, facts.publicKey, digest, signature)).toBe(true);
    expect(checkEcdsa(suite, facts.publicKey, digest, signature.subarray(0, 64))).toBe(true);
    expect(hex(recoverKey(suite, digest, signature)!)).toBe(hex(facts.publicKey));
  });

  it("with any one byte changed, in it or in the digest, does not", () => {
    for (let at = 0; at < 65; at++) {
      expect(checkEcdsa(suite, facts.publicKey, digest, signature.with(at, signature[at]! ^ 1))).toBe(false);
    }
    for (let at = 0; at < 32; at++) {
      expect(checkEcdsa(suite, facts.publicKey, digest.with(at, digest[at]! ^ 1), signature)).toBe(false);
    }
  });

  it("of another length, with another recovery id, or under what is no key, does not hold and does not throw", () => {
    for (const wrong of [
      new Uint8Array(),
      signature.subarray(1, 64),
      Uint8Array.of(...signature, 0),
      signature.with(64, 4),
    ]) {
      expect(checkEcdsa(suite, facts.publicKey, digest, wrong)).toBe(false);
    }
    for (const publicKey of [new Uint8Array(), new Uint8Array(33), new Uint8Array(33).fill(255)]) {
      expect(checkEcdsa(suite, publicKey, digest, signature)).toBe(false);
      expect(checkEcdsa(suite, publicKey, digest, signature.subarray(0, 64))).toBe(false);
    }
    expect(recoverKey(suite, digest, new Uint8Array(65))).toBeUndefined();
    expect(recoverKey(suite, digest.subarray(1), signature)).toBeUndefined();
  });
});

it("a high s is refused on secp256k1, where chains refuse it", () => {
  const { facts, sign: signed } = ecdsaKey(7);
  const { r, s } = secp256k1.Signature.fromBytes(signed(digest, null).subarray(0, 64));
  const high = new secp256k1.Signature(r, secp256k1.Point.Fn.ORDER - s).toBytes();
  expect(secp256k1.verify(high, digest, facts.publicKey, { prehash: false, lowS: false })).toBe(true);
  expect(checkEcdsa("ecdsa-secp256k1", facts.publicKey, digest, high)).toBe(false);
});

it("ES256 of OpenSSL holds for its message alone, and never throws", () => {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x, y } = publicKey.export({ format: "jwk" });
  const odd = Buffer.from(y!, "base64url").at(-1)! % 2;
  const key = Uint8Array.of(2 + odd, ...Buffer.from(x!, "base64url"));
  const message = new TextEncoder().encode("hello");
  const signature = new Uint8Array(sign("sha256", message, { key: privateKey, dsaEncoding: "ieee-p1363" }));
  expect(checkEs256(key, message, signature)).toBe(true);
  expect(checkEs256(key, message.subarray(1), signature)).toBe(false);
  expect(checkEs256(key.with(5, key[5]! ^ 1), message, signature)).toBe(false);
  expect(checkEs256(key, message, signature.subarray(1))).toBe(false);
});
