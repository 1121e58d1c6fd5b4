import { createECDH, type ECDH } from "node:crypto";
import { integerToBytes } from "./integer.ts";

const CURVE = "prime256v1";

/** A secret scalar on P-256 in OpenSSL's hands, whose multiplications take the same time for every scalar. */
export class NativeP256Key {
  readonly #key: ECDH;

  /** @param k in `[1, order)` */
  constructor(k: bigint) {
    this.#key = createECDH(CURVE);
    this.#key.setPrivateKey(integerToBytes(k, 32));
  }

  /** `k * G`, compressed, 33 bytes. */
  publicKey(): Uint8Array {
    return this.#key.getPublicKey(null, "compressed");
  }

  /** The x coordinate of `k * P`, 32 bytes. @param P SEC1, compressed or not @throws Error at what is not a point */
  sharedX(P: Uint8Array): Uint8Array {
    return this.#key.computeSecret(P);
  }
}
