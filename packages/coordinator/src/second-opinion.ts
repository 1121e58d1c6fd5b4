import { sha256 } from "@noble/hashes/sha2.js";
import { hashes, schnorr } from "@noble/secp256k1";
import { verifyIdentity } from "@quorate/curves";
import type { EcdsaSuite, SuiteName } from "@quorate/orders";

hashes.sha256 = sha256;

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
  if (!secondVerdict(suite, verifyingKey, message, signature))
    throw new Error("the second verification of a signature failed");
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
