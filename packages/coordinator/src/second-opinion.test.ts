import { createECDH, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { bytesToInteger, group, identityFromSeed, recoverEcdsa, sha256 } from "@quorate/curves";
import type { EcdsaSignature } from "@quorate/dkls23/aggregate";
import { expect, test } from "vitest";
import { verifyAgain, verifyEcdsaAgain } from "./second-opinion.ts";

const message = new Uint8Array(32).fill(1);
const flip = (bytes: Uint8Array) => bytes.map((byte, at) => (at === 40 ? byte ^ 1 : byte));
const refusal = "the second verification of a signature failed";

test("an Ed25519 signature that does not verify is not released", () => {
  const identity = identityFromSeed(new Uint8Array(32).fill(2));
  const signature = identity.sign(message);
  expect(() => verifyAgain("ed25519", identity.publicKey, message, signature)).not.toThrow();
  expect(() => verifyAgain("ed25519", identity.publicKey, message, flip(signature))).toThrow(refusal);
  expect(() => verifyAgain("ed25519", identity.publicKey, message.slice(1), signature)).toThrow(refusal);
});

const bip340 = readFileSync(new URL("../../../test/vectors/bip340.csv", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .slice(1)
  .map((row) => row.split(","));

test.each(bip340)("BIP-340 vector %s is judged as it says", (...row) => {
  const [key, digest, signature] = [row[2]!, row[4]!, row[5]!].map((hex) => new Uint8Array(Buffer.from(hex, "hex")));
  const verdict = () => verifyAgain("taproot", key!, digest!, signature!);
  if (row[6] === "TRUE") {
    expect(verdict).not.toThrow();
    expect(() => verifyAgain("taproot", key!, digest!, flip(signature!))).toThrow(refusal);
  } else expect(verdict).toThrow(refusal);
});

/** An ECDSA key of OpenSSL, and its signature over the SHA-256 of the message. */
function signedBy(curve: "secp256k1" | "prime256v1") {
  const ecdh = createECDH(curve);
  ecdh.generateKeys();
  const [x, y] = [ecdh.getPublicKey().subarray(1, 33), ecdh.getPublicKey().subarray(33)];
  const crv = curve === "secp256k1" ? "secp256k1" : "P-256";
  const [d, ...point] = [ecdh.getPrivateKey(), x, y].map((part) => Buffer.alloc(32, 0).fill(part, 32 - part.length));
  const [jwkX, jwkY] = point.map((part) => part.toString("base64url"));
  const jwk = { kty: "EC", crv, d: d!.toString("base64url"), x: jwkX!, y: jwkY! };
  const signature = sign("sha256", message, { key: jwk, format: "jwk", dsaEncoding: "ieee-p1363" });
  const { order } = group(curve === "secp256k1" ? "secp256k1" : "p256", "noble");
  const s = bytesToInteger(signature.subarray(32));
  const [low, high] = s > order / 2n ? [order - s, s] : [s, order - s];
  const bytes = (k: bigint) => new Uint8Array(Buffer.from(k.toString(16).padStart(64, "0"), "hex"));
  const publicKey = new Uint8Array(ecdh.getPublicKey(undefined, "compressed"));
  const digest = sha256(message);
  const r = new Uint8Array(signature.subarray(0, 32));
  const name = curve === "secp256k1" ? "secp256k1" : "p256";
  const fits = (s: Uint8Array) => (recid: number) =>
    Buffer.compare(recoverEcdsa(name, digest, Uint8Array.of(...r, ...s), recid) ?? r, publicKey) === 0;
  const whole = (s: Uint8Array) => ({ r, s, recid: ([0, 1, 2, 3] as const).find(fits(s))! });
  return { publicKey, digest, low: whole(bytes(low)), high: whole(bytes(high)) };
}

test.each([
  ["ecdsa-secp256k1", "secp256k1", false],
  ["ecdsa-p256", "prime256v1", true],
] as const)("a signature of %s that does not verify is not released", (suite, curve, takesHigh) => {
  for (let times = 0; times < 4; times++) {
    const { publicKey, digest, low, high } = signedBy(curve);
    const other = signedBy(curve).publicKey;
    const holds = (key: Uint8Array, hash: Uint8Array, signature: EcdsaSignature) => () =>
      verifyEcdsaAgain(suite, key, hash, signature);
    expect(holds(publicKey, digest, low)).not.toThrow();
    if (takesHigh) expect(holds(publicKey, digest, high)).not.toThrow();
    else expect(holds(publicKey, digest, high)).toThrow(refusal);
    expect(holds(publicKey, sha256(digest), low)).toThrow(refusal);
    expect(holds(other, digest, low)).toThrow(refusal);
    expect(holds(publicKey, digest, { ...low, r: low.s })).toThrow(refusal);
    expect(holds(publicKey, digest, { ...low, s: low.r })).toThrow(refusal);
    expect(holds(publicKey, digest, { ...low, recid: high.recid })).toThrow(refusal);
    expect(holds(publicKey, digest, { ...low, recid: low.recid === 0 ? 2 : 3 })).toThrow(refusal);
    expect(holds(publicKey, digest, { ...low, s: new Uint8Array(32) })).toThrow(refusal);
    expect(holds(publicKey, digest, { ...low, r: new Uint8Array(32).fill(255) })).toThrow(refusal);
  }
});

test.each([
  ["ecdsa-secp256k1", "secp256k1"],
  ["ecdsa-p256", "p256"],
] as const)("a signature of %s over a digest that counts as zero is as good as any other", (suite, curve) => {
  const { order, base, mod, invert, encodePoint, encodeScalar } = group(curve, "noble");
  // With nonce 2 and key 3, s is 3r/2; the negative of a high s fits the negative nonce.
  const R = encodePoint(base(2n));
  const r = mod(bytesToInteger(R.subarray(1)));
  const high = mod(3n * r * invert(2n));
  const isHigh = high > order / 2n;
  const s = isHigh ? order - high : high;
  const recid = ((R[0]! & 1) ^ (isHigh ? 1 : 0)) as 0 | 1;
  const signature = { r: encodeScalar(r), s: encodeScalar(s), recid };
  const zero = new Uint8Array(32);
  for (const digest of [zero, encodeScalar(order - 1n).with(31, Number(order % 256n))]) {
    expect(() => verifyEcdsaAgain(suite, encodePoint(base(3n)), digest, signature)).not.toThrow();
    expect(() => verifyEcdsaAgain(suite, encodePoint(base(4n)), digest, signature)).toThrow(refusal);
  }
  expect(() => verifyEcdsaAgain(suite, encodePoint(base(3n)), zero.with(31, 1), signature)).toThrow(refusal);
});
