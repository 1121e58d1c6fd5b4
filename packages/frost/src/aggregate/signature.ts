import { verifyEd25519 } from "@quorate/curves";
import type { FrostSuite } from "./suite.ts";

/**
 * Whether `signature` is one of `suite` over `message`: by RFC 8032 in its strict form on Ed25519, by BIP-340 on taproot, else, and on
 * the model of Ed25519, `z * G = R + c * PK`. Never throws, whatever the lengths.
 *
 * @param publicKey as `verifyingKey` gives it
 */
export function verifySignature(
  suite: FrostSuite,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (suite.name === "ed25519" && suite.group.backend !== "model") return verifyEd25519(publicKey, message, signature);
  if (suite.name === "taproot") return verifyBip340(suite, publicKey, message, signature);
  const { group } = suite;
  const [encodedR, encodedZ] = [signature.subarray(0, group.pointLength), signature.subarray(group.pointLength)];
  try {
    const R = group.decodePoint(encodedR);
    const PK = group.decodePoint(publicKey);
    const challenge = suite.H2(Buffer.concat([encodedR, publicKey, message]));
    return group.equals(group.base(group.decodeScalar(encodedZ)), group.add(R, group.multiply(PK, challenge)));
  } catch {
    return false;
  }
}

/** BIP-340 verification, on the group that also made the signature: who releases one has it verified by other code as well. */
function verifyBip340(suite: FrostSuite, publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const { group } = suite;
  const [r, s] = [signature.subarray(0, 32), signature.subarray(32)];
  try {
    const P = group.decodePoint(Buffer.concat([EVEN, publicKey]));
    const e = suite.H2(Buffer.concat([r, publicKey, message]));
    const R = group.encodePoint(group.subtract(group.base(group.decodeScalar(s)), group.multiply(P, e)));
    return R[0] === EVEN[0] && Buffer.compare(R.subarray(1), r) === 0;
  } catch {
    return false;
  }
}

/** SEC1 prefix of a point with even y. */
const EVEN = Uint8Array.of(2);
