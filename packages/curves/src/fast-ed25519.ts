import sodium from "libsodium-wrappers-sumo";
import { integerToBytes } from "./integer.ts";
import type { Arithmetic } from "./member.ts";
import { noble } from "./noble.ts";

await sodium.ready;

const scalar = (k: bigint) => integerToBytes(k, 32).reverse();

const identity = Uint8Array.of(1, ...new Uint8Array(31));

/** Sums start from the identity: the first addition costs nothing. */
const add = (P: Uint8Array, Q: Uint8Array) => (P === identity ? Q : sodium.crypto_core_ed25519_add(P, Q));

/** `k * P` by doubling: for `k` below 16 cheaper than libsodium's multiply, which takes 8 times as long as an addition. */
function multiplySmall(P: Uint8Array, k: number): Uint8Array {
  if (k === 1) return P;
  const half = multiplySmall(P, k >> 1);
  const doubled = add(half, half);
  return k % 2 === 0 ? doubled : add(doubled, P);
}

/**
 * libsodium in WebAssembly. A point is its canonical 32-byte encoding, never modified. `base` and `multiply` of large scalars
 * are constant-time in libsodium. `decode` is its check for canonical encoding and for membership of the prime-order subgroup.
 */
export const fastEd25519: Arithmetic<Uint8Array> = {
  name: "ed25519",
  backend: "fast",
  order: noble.ed25519.order,
  pointLength: 32,
  generator: sodium.crypto_scalarmult_ed25519_base_noclamp(scalar(1n)),
  identity,
  base: (k) => sodium.crypto_scalarmult_ed25519_base_noclamp(scalar(k)),
  multiply: (P, k) => (k < 16n ? multiplySmall(P, Number(k)) : sodium.crypto_scalarmult_ed25519_noclamp(scalar(k), P)),
  add,
  negate(P) {
    const negated = P.slice();
    // The identity has x = 0, whose only encoding has the sign bit clear.
    if (Buffer.compare(P, identity) !== 0) negated[31]! ^= 0x80;
    return negated;
  },
  equals: (P, Q) => Buffer.compare(P, Q) === 0,
  invert: noble.ed25519.invert,
  decode: (bytes) => (sodium.crypto_core_ed25519_is_valid_point(bytes) ? Uint8Array.from(bytes) : undefined),
  encode: (P) => P.slice(),
};
