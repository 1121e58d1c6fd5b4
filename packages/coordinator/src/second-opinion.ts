import { sha256 } from "@noble/hashes/sha2.js";
import { hashes, schnorr, verify } from "@noble/secp256k1";
import { bytesToInteger, group, verifyIdentity } from "@quorate/curves";
import type { EcdsaSuite, SuiteName } from "@quorate/orders";

hashes.sha256 = sha256;

const REFUSAL = "the second verification of a signature failed";

/**
 * Verifies a finished signature with code that had no part in making it: OpenSSL for EdDSA, `@noble/secp256k1` for BIP-340.
 * The plain curves are verified by their own equation only: their signatures belong to no standard that a library checks.
 *
 * @param verifyingKey 32 bytes, as verifiers take it
 * @throws Error if it does not verify: nothing may be released
 */
export function verifyAgain(
  suite: Exclude<SuiteName, EcdsaSuite>,
  verifyingKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): void {
  if (!secondVerdict(suite, verifyingKey, message, signature)) throw new Error(REFUSAL);
}

function secondVerdict(
  suite: Exclude<SuiteName, EcdsaSuite>,
  verifyingKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  switch (suite) {
    case "ed25519":
      return verifyIdentity(verifyingKey, message, signature);
    case "taproot":
      return schnorr.verify(signature, message, verifyingKey);
    case "secp256k1":
    case "p256":
      return true;
  }
}

/**
 * The same for ECDSA: `@noble/secp256k1`, which refuses a high s, and on P-256 the equation of FIPS 186-5 section 6.4.2 over
 * multiplications by OpenSSL.
 *
 * @param publicKey SEC1 compressed, 33 bytes
 * @param digest 32 bytes
 * @param r 32 bytes
 * @param s 32 bytes
 * @throws Error if it does not verify: nothing may be released
 */
export function verifyEcdsaAgain(
  suite: EcdsaSuite,
  publicKey: Uint8Array,
  digest: Uint8Array,
  r: Uint8Array,
  s: Uint8Array,
): void {
  const holds =
    suite === "ecdsa-secp256k1"
      ? verify(Uint8Array.of(...r, ...s), digest, publicKey, { prehash: false })
      : holdsOnP256(publicKey, digest, r, s);
  if (!holds) throw new Error(REFUSAL);
}

function holdsOnP256(publicKey: Uint8Array, digest: Uint8Array, r: Uint8Array, s: Uint8Array): boolean {
  const p256 = group("p256", "fast");
  const inverse = p256.invert(p256.decodeScalar(s));
  const first = p256.mod(bytesToInteger(digest) * inverse);
  const second = p256.mod(p256.decodeScalar(r) * inverse);
  const sum = p256.multiplyAdd([
    [p256.generator, first],
    [p256.decodePoint(publicKey), second],
  ]);
  return !p256.isIdentity(sum) && p256.mod(bytesToInteger(p256.encodePoint(sum).subarray(1))) === bytesToInteger(r);
}
