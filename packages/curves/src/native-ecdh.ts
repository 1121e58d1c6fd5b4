import { createECDH, ECDH } from "node:crypto";
import { p256 } from "@noble/curves/nist.js";
import { bytesToInteger, integerToBytes } from "./integer.ts";

// Points here are SEC1 encodings, 65 bytes uncompressed (04, x, y) where nothing else is said: what OpenSSL reads and writes.

const CURVE = "prime256v1";
const { Fp } = p256.Point;

/** A secret scalar on P-256 in OpenSSL's hands, whose multiplications take the same time for every scalar. */
export class NativeP256Key {
  readonly #key: ECDH;

  /** @param k in `[1, order)` */
  constructor(k: bigint) {
    this.#key = createECDH(CURVE);
    this.#key.setPrivateKey(integerToBytes(k, 32));
  }

  /** `k * G` */
  publicKey(): Uint8Array {
    return this.#key.getPublicKey();
  }

  /** The x coordinate of `k * P`, 32 bytes. @throws Error at what is not a point of the curve */
  sharedX(P: Uint8Array): Uint8Array {
    return this.#key.computeSecret(P);
  }
}

/** The compressed form, 33 bytes. */
export function compressP256(P: Uint8Array): Uint8Array {
  const compressed = P.slice(0, 33);
  compressed[0] = 2 + (P[64]! & 1);
  return compressed;
}

/** From the compressed form. @throws Error unless `bytes` are the one encoding in 33 bytes of a point other than the identity */
export function decompressP256(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== 33) throw new Error(`a point is 33 bytes, not ${bytes.length}`);
  return ECDH.convertKey(bytes, CURVE, undefined, undefined, "uncompressed") as Buffer;
}

/** `-P` */
export function negateP256(P: Uint8Array): Uint8Array {
  const negated = P.slice();
  negated.set(integerToBytes(Fp.ORDER - bytesToInteger(P.subarray(33)), 32), 33);
  return negated;
}

/**
 * `P + Q` for every P of a list, with one division for all: four multiplications in the field for each, and the same operations whatever
 * the points are.
 *
 * @throws Error if a P has the x coordinate of Q
 */
export function translateP256(points: readonly Uint8Array[], Q: Uint8Array): readonly Uint8Array[] {
  const coordinates = (P: Uint8Array) => [bytesToInteger(P.subarray(1, 33)), bytesToInteger(P.subarray(33))] as const;
  const [xQ, yQ] = coordinates(Q);
  const affine = points.map(coordinates);
  const inverses = Fp.invertBatch(affine.map(([x]) => Fp.sub(x, xQ)));
  return affine.map(([x, y], at) => {
    const inverse = inverses[at]!;
    if (inverse === 0n) throw new Error("a point has the x coordinate of what is added to it");
    const slope = Fp.mul(Fp.sub(y, yQ), inverse);
    const xSum = Fp.sub(Fp.sub(Fp.sqr(slope), x), xQ);
    const ySum = Fp.sub(Fp.mul(slope, Fp.sub(xQ, xSum)), yQ);
    return Uint8Array.of(4, ...integerToBytes(xSum, 32), ...integerToBytes(ySum, 32));
  });
}
