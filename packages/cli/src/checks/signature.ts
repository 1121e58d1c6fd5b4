import { verifyEd25519 } from "@quorate/curves";
import { isEcdsa } from "@quorate/orders";
import { crypto } from "bitcoinjs-lib";
import { verifySchnorr, xOnlyPointAddTweak } from "tiny-secp256k1";
import type { VerifyingKey, VerifyingSuite } from "../key-lookup.ts";
import { checkEcdsa } from "./ecdsa.ts";

/**
 * The key that BIP-341 signatures verify under, computed by libsecp256k1.
 *
 * @param publicKey x coordinate, 32 bytes, or compressed, 33
 * @param merkleRoot `null` for no tweak, empty for the key path alone, 32 bytes for a script tree
 * @returns 32 bytes; `undefined` if `publicKey` is no point
 */
export function taprootOutputKey(publicKey: Uint8Array, merkleRoot: Uint8Array | null): Uint8Array | undefined {
  const internal = publicKey.slice(-32);
  if (merkleRoot === null) return internal;
  const tweak = crypto.taggedHash("TapTweak", Buffer.concat([internal, merkleRoot]));
  try {
    return xOnlyPointAddTweak(internal, tweak)?.xOnlyPubkey;
  } catch {
    return undefined;
  }
}

/** BIP-340 by libsecp256k1. Never throws. @param message 32 bytes */
export function checkSchnorr(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verifySchnorr(message, publicKey, signature);
  } catch {
    return false;
  }
}

/**
 * Whether `signature` is the key's over `message`, by a library that had no part in making it: OpenSSL for EdDSA, libsecp256k1 for
 * BIP-340 and ECDSA on its curve, noble for ECDSA on P-256. Never throws.
 *
 * @param message for an ECDSA key the digest, 32 bytes
 * @param signature 64 bytes; of ECDSA 65 with the recovery id, which then has to lead to the key
 */
export function checkSignature(
  key: VerifyingKey,
  message: Uint8Array,
  merkleRoot: Uint8Array | null,
  signature: Uint8Array,
): boolean {
  if (isEcdsa(key.suite)) return checkEcdsa(key.suite, key.publicKey, message, signature);
  if (key.suite === "ed25519") return verifyEd25519(key.publicKey, message, signature);
  const outputKey = taprootOutputKey(key.publicKey, merkleRoot);
  return outputKey !== undefined && checkSchnorr(outputKey, message, signature);
}

/** The library that `checkSignature` asks, for people. */
export const VERIFIER: Readonly<Record<VerifyingSuite, string>> = {
  ed25519: "OpenSSL",
  taproot: "libsecp256k1",
  "ecdsa-secp256k1": "libsecp256k1",
  "ecdsa-p256": "noble",
};
