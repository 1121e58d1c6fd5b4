import sodium from "libsodium-wrappers-sumo";
import type { Backend } from "./group.ts";
import { integerToBytes } from "./integer.ts";
import { loadedModel } from "./model-slot.ts";

await sodium.ready;

/** In `[1, order)`, as libsodium reads it. */
const scalar = (k: bigint) => integerToBytes(k, 32).reverse();

/** A group whose elements are their encodings, of 32 bytes, and whose scalars are those of `group("ed25519")`. */
export interface ElementGroup {
  readonly name: string;
  /** `k * G` */
  base(k: bigint): Uint8Array;
  /** `k * P` */
  multiply(P: Uint8Array, k: bigint): Uint8Array;
  add(P: Uint8Array, Q: Uint8Array): Uint8Array;
  subtract(P: Uint8Array, Q: Uint8Array): Uint8Array;
}

/** The group of base OTs for that backend: ristretto255, by libsodium, but for the model. @throws Error unless that was loaded */
export function elementGroup(backend: Backend): ElementGroup {
  return backend === "model" ? loadedModel().elements : ristretto255;
}

/**
 * The group ristretto255 (RFC 9496), of the same prime order as the group of Ed25519 keys: scalars are those of `group("ed25519")`. An element
 * is its one encoding, 32 bytes, so that equal elements are equal bytes and there is no other curve, cofactor or form to check for.
 *
 * libsodium in WebAssembly; every operation takes the same time for all scalars and elements. All throw an Error at bytes that encode no
 * element, and products also where they would be the identity.
 */
export const ristretto255: ElementGroup = {
  name: "ristretto255",
  base: (k: bigint): Uint8Array => sodium.crypto_scalarmult_ristretto255_base(scalar(k)),
  multiply: (P: Uint8Array, k: bigint): Uint8Array => sodium.crypto_scalarmult_ristretto255(scalar(k), P),
  add: (P: Uint8Array, Q: Uint8Array): Uint8Array => sodium.crypto_core_ristretto255_add(P, Q),
  subtract: (P: Uint8Array, Q: Uint8Array): Uint8Array => sodium.crypto_core_ristretto255_sub(P, Q),
};
