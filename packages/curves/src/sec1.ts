import { p256 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import type { EcdsaCurve } from "./ecdsa.ts";

const POINTS = { secp256k1: secp256k1.Point, p256: p256.Point } as const;

/**
 * The uncompressed form of a point (SEC 1 section 2.3.3), which addresses are hashed from: `04`, x, y.
 *
 * @param publicKey SEC1 compressed, 33 bytes
 * @returns 65 bytes
 * @throws Error unless it is a point of the curve
 */
export function uncompressed(curve: EcdsaCurve, publicKey: Uint8Array): Uint8Array {
  return POINTS[curve].fromBytes(Uint8Array.from(publicKey)).toBytes(false);
}
