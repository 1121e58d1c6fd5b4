import { p256 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { recover } from "tiny-secp256k1";
import type { Group } from "./group.ts";
import { bytesToInteger, integerToBytes } from "./integer.ts";

/** The curves that ECDSA keys live on. */
export type EcdsaCurve = "secp256k1" | "p256";

const CURVES = { secp256k1, p256 } as const;

/**
 * Verifies an ECDSA signature (FIPS 186-5 section 6.4.2) by noble. On secp256k1 a high s is refused, as Bitcoin and Ethereum
 * refuse it; on P-256 both are good. Never throws, whatever the lengths.
 *
 * @param publicKey SEC1 compressed, 33 bytes
 * @param digest 32 bytes, what was signed, already hashed
 * @param signature r then s, 64 bytes
 */
export function verifyEcdsa(
  curve: EcdsaCurve,
  publicKey: Uint8Array,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (publicKey.length !== 33 || digest.length !== 32 || signature.length !== 64) return false;
  try {
    return CURVES[curve].verify(signature, digest, publicKey, { prehash: false, lowS: curve === "secp256k1" });
  } catch {
    return false;
  }
}

/**
 * The one public key under which the signature is valid and which fits the recovery id (SEC 1 section 4.1.6): bit 0 says whether
 * the nonce point has an odd y, bit 1 whether its x coordinate is r plus the order. By libsecp256k1 on secp256k1, by noble on P-256.
 * Never throws, whatever the lengths.
 *
 * @param digest 32 bytes
 * @param signature r then s, 64 bytes
 * @param recid 0 to 3
 * @returns SEC1 compressed, 33 bytes; undefined when there is none
 */
export function recoverEcdsa(
  curve: EcdsaCurve,
  digest: Uint8Array,
  signature: Uint8Array,
  recid: number,
): Uint8Array | undefined {
  if (digest.length !== 32 || signature.length !== 64) return undefined;
  try {
    if (curve === "secp256k1") return recover(digest, signature, recoveryId(recid), true) ?? undefined;
    const { Signature } = p256;
    return Signature.fromBytes(signature, "compact").addRecoveryBit(recid).recoverPublicKey(digest).toBytes(true);
  } catch {
    return undefined;
  }
}

/**
 * The same by arithmetic in the group of the key: `(s * R - digest * G) / r`. For the model, whose points no library knows.
 *
 * @returns undefined when there is none
 */
export function recoverInGroup(
  group: Group,
  digest: Uint8Array,
  signature: Uint8Array,
  recid: number,
): Uint8Array | undefined {
  try {
    const r = group.decodeScalar(signature.subarray(0, 32));
    const s = group.decodeScalar(signature.subarray(32));
    const x = recoveryId(recid) < 2 ? r : r + group.order;
    const R = group.decodePoint(Uint8Array.of(2 + (recid & 1), ...integerToBytes(x, 32)));
    const inverse = group.invert(r);
    const sum = group.multiplyAdd([
      [R, group.mod(s * inverse)],
      [group.generator, group.mod(-bytesToInteger(digest) * inverse)],
    ]);
    return group.encodePoint(sum);
  } catch {
    return undefined;
  }
}

/** @throws RangeError unless 0 to 3 */
function recoveryId(recid: number): 0 | 1 | 2 | 3 {
  if (recid === 0 || recid === 1 || recid === 2 || recid === 3) return recid;
  throw new RangeError(`no recovery id ${recid}`);
}
