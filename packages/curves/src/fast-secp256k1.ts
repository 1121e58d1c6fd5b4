import * as secp256k1 from "tiny-secp256k1";
import { bytesToInteger, integerToBytes } from "./integer.ts";
import type { Arithmetic } from "./member.ts";
import { noble } from "./noble.ts";

/** Stands for the point at infinity, which SEC1 gives no 65-byte form and libsecp256k1 no object. Told apart by reference. */
const identity = new Uint8Array(65);
const FIELD = 2n ** 256n - 2n ** 32n - 977n;

/** libsecp256k1 answers null for infinity. */
const orIdentity = (P: Uint8Array | null): Uint8Array => P ?? identity;

function add(P: Uint8Array, Q: Uint8Array): Uint8Array {
  if (P === identity) return Q;
  if (Q === identity) return P;
  return orIdentity(secp256k1.pointAdd(P, Q, false));
}

/** Each time the library throws it leaks a part of its WebAssembly stack, which 3,000 times would exhaust for the life of the process. */
const SAFE_THROWS = 100;
let thrown = 0;

/**
 * `pointCompress` throws at a bad point, `isPoint` does not but costs as much again. So the first is asked alone until peers have
 * sent a hundred bad points to this process, and from then on only about points that the second has accepted.
 */
function decode(bytes: Uint8Array): Uint8Array | undefined {
  if (thrown >= SAFE_THROWS && !secp256k1.isPoint(bytes)) return undefined;
  try {
    return secp256k1.pointCompress(bytes, false);
  } catch {
    thrown++;
    return undefined;
  }
}

/**
 * libsecp256k1 in WebAssembly. A point is its uncompressed encoding (65 bytes), never modified. `base` is constant-time in
 * libsecp256k1, `multiply` is not.
 */
export const fastSecp256k1: Arithmetic<Uint8Array> = {
  name: "secp256k1",
  backend: "fast",
  order: noble.secp256k1.order,
  pointLength: 33,
  generator: orIdentity(secp256k1.pointFromScalar(integerToBytes(1n, 32), false)),
  identity,
  base: (k) => orIdentity(secp256k1.pointFromScalar(integerToBytes(k, 32), false)),
  multiply: (P, k) => orIdentity(secp256k1.pointMultiply(P, integerToBytes(k, 32), false)),
  add,
  negate(P) {
    if (P === identity) return P;
    const negated = P.slice();
    negated.set(integerToBytes(FIELD - bytesToInteger(P.subarray(33)), 32), 33);
    return negated;
  },
  equals: (P, Q) => Buffer.compare(P, Q) === 0,
  invert: noble.secp256k1.invert,
  decode,
  encode: (P) => secp256k1.pointCompress(P, true),
  hasOddY: (P) => P[64]! % 2 === 1,
};
