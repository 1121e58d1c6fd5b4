import { createPublicKey, type KeyObject, verify as verifyByOpenSsl } from "node:crypto";
import { recoverEcdsa, uncompressed, verifyEcdsa } from "@quorate/curves";
import type { EcdsaSuite } from "@quorate/orders";
import { recover, verify } from "tiny-secp256k1";

/**
 * Whether `signature` is the key's over `digest`: on secp256k1 by libsecp256k1, which takes a low s only; on P-256 by noble, since
 * OpenSSL checks no digest that it did not compute. A 65th byte has to be the recovery id that leads to this key. Never throws.
 *
 * @param publicKey SEC1 compressed, 33 bytes
 * @param digest 32 bytes
 * @param signature r and s, 64 bytes; or 65 with the recovery id, 0 to 3
 */
export function checkEcdsa(
  suite: EcdsaSuite,
  publicKey: Uint8Array,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (signature.length !== 64 && signature.length !== 65) return false;
  const numbers = signature.subarray(0, 64);
  if (signature.length === 65 && !same(recoverKey(suite, digest, signature), publicKey)) return false;
  if (suite === "ecdsa-p256") return verifyEcdsa("p256", publicKey, digest, numbers);
  try {
    return verify(digest, publicKey, numbers, true);
  } catch {
    return false;
  }
}

/**
 * The key that a signature leads to. Never throws.
 *
 * @param signature r, s and the recovery id: 65 bytes
 * @returns SEC1 compressed, 33 bytes; undefined where there is none
 */
export function recoverKey(suite: EcdsaSuite, digest: Uint8Array, signature: Uint8Array): Uint8Array | undefined {
  const [numbers, recid] = [signature.subarray(0, 64), signature[64]];
  if (recid !== 0 && recid !== 1 && recid !== 2 && recid !== 3) return undefined;
  if (suite === "ecdsa-p256") return recoverEcdsa("p256", digest, numbers, recid);
  try {
    return recover(digest, numbers, recid, true) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Whether `signature` (64 bytes) is the key's over a message by ES256 (P-256 with SHA-256), by OpenSSL. Never throws. */
export function checkEs256(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verifyByOpenSsl("sha256", message, { key: p256Key(publicKey), dsaEncoding: "ieee-p1363" }, signature);
  } catch {
    return false;
  }
}

function p256Key(publicKey: Uint8Array): KeyObject {
  const point = Buffer.from(uncompressed("p256", publicKey));
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString("base64url"));
  return createPublicKey({ key: { kty: "EC", crv: "P-256", x: x!, y: y! }, format: "jwk" });
}

function same(one: Uint8Array | undefined, other: Uint8Array): boolean {
  return one !== undefined && Buffer.compare(one, other) === 0;
}
