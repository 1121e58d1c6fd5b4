import sodium from "libsodium-wrappers-sumo";
import { integerToBytes } from "./integer.ts";

await sodium.ready;

/** In `[1, order)`, as libsodium reads it. */
const scalar = (k: bigint) => integerToBytes(k, 32).reverse();

/**
 * The group ristretto255 (RFC 9496), of the same prime order as the group of Ed25519 keys: scalars are those of `group("ed25519")`. An element
 * is its one encoding, 32 bytes, so that equal elements are equal bytes and there is no other curve, cofactor or form to check for.
 *
 * libsodium in WebAssembly; every operation takes the same time for all scalars and elements. All throw an Error at bytes that encode no
 * element, and products also where they would be the identity.
 */
export const ristretto255 = {
  /** `k * G` */
  base: (k: bigint): Uint8Array => sodium.crypto_scalarmult_ristretto255_base(scalar(k)),
  /** `k * P` */
  multiply: (P: Uint8Array, k: bigint): Uint8Array => sodium.crypto_scalarmult_ristretto255(scalar(k), P),
  add: (P: Uint8Array, Q: Uint8Array): Uint8Array => sodium.crypto_core_ristretto255_add(P, Q),
  subtract: (P: Uint8Array, Q: Uint8Array): Uint8Array => sodium.crypto_core_ristretto255_sub(P, Q),
} as const;
