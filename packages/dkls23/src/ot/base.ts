/**
 * Base OT: verified simplest OT (DKLs18, eprint 2018/499, section 4), 256 instances, once per pair of nodes and direction. Bob ends with two
 * seeds per instance, Alice with one of them, and neither knows which or the other.
 *
 * It runs over P-256 through OpenSSL's Diffie-Hellman, for keys on secp256k1 too, whose security therefore also rests on
 * computational Diffie-Hellman on P-256. Measured in units of U (one noble secp256k1 constant-time variable-base multiplication in the
 * same run), CPU of one node per peer, both directions: SEE_FIGURES
 */
import { type Domain, group, H, toScalar, u32be, XOF } from "@quorate/curves";
import { KAPPA } from "./parameters.ts";

/** Named in the context of a pair, so that two nodes that disagree on them cannot set each other up. */
export const OT_PROTOCOL = "vsot";
export const OT_GROUP = "p256";

export const GROUP = group(OT_GROUP, "fast");
export const DOMAIN: Domain = "pair/v1";
export const KEY_BYTES = 32;
export const POINT_BYTES = 33;

/** The peer broke the base OT: what it sent is malformed, or does not fit what it sent before. */
export class OtFault extends Error {
  override readonly name = "OtFault";
}

/** Long-term state of Bob in one direction. */
export interface BobSeeds {
  /** Both seeds of every instance, 256 * 2 * 32 bytes. */
  readonly seeds: Uint8Array;
}

/** Long-term state of Alice in one direction. */
export interface AliceSeeds {
  /** 32 bytes; bit z says which seed of instance z she does not have. */
  readonly delta: Uint8Array;
  /** The others, 256 * 32 bytes. */
  readonly seeds: Uint8Array;
}

/** What Bob's proof of knowledge is bound to, beside the id of the OT. */
export interface PokContext {
  readonly pairCtx: Uint8Array;
  /** Bob's rank in the pair. */
  readonly rank: 1 | 2;
}

/** @throws OtFault unless there are `length` bytes */
export function demand(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length !== length) throw new OtFault(`${bytes.length} bytes where ${length} belong`);
  return bytes;
}

/** The n-th part of parts of equal size. A view. */
export function part(bytes: Uint8Array, n: number, size = KEY_BYTES): Uint8Array {
  return bytes.subarray(n * size, (n + 1) * size);
}

/** What `make` gives for every instance, one after another. */
export function concatenate(make: (z: number) => Uint8Array, size = KEY_BYTES): Uint8Array {
  const out = new Uint8Array(KAPPA * size);
  for (let z = 0; z < KAPPA; z++) out.set(make(z), z * size);
  return out;
}

export function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, at) => byte ^ b[at]!);
}

/** `one` where `bit` is 1, else `zero`: both are read, neither is branched on. */
export function select(bit: 0 | 1, zero: Uint8Array, one: Uint8Array): Uint8Array {
  const mask = -bit;
  return zero.map((byte, at) => byte ^ (mask & (byte ^ one[at]!)));
}

/** Challenge of Bob's proof that he knows the discrete logarithm of A. */
export function pokChallenge(osid: Uint8Array, { pairCtx, rank }: PokContext, A: Uint8Array, T: Uint8Array): bigint {
  return toScalar(GROUP, DOMAIN, "pok/vsot", pairCtx, osid, u32be(rank), u32be(0), A, T);
}

/** The key of branch `e` of instance `z`, from the x coordinate of the shared point. A and B are compressed. */
export function keyOf(osid: Uint8Array, z: number, e: 0 | 1, A: Uint8Array, B: Uint8Array, x: Uint8Array): Uint8Array {
  return XOF(DOMAIN, "vsot/key", KEY_BYTES, osid, u32be(z), Uint8Array.of(e), A, B, x);
}

/** What is opened of a key in the end. */
export const h1 = (osid: Uint8Array, z: number, key: Uint8Array) => H(DOMAIN, "vsot/h1", osid, u32be(z), key);
/** What is challenged, from what is opened. */
export const h2 = (osid: Uint8Array, z: number, opened: Uint8Array) => H(DOMAIN, "vsot/h2", osid, u32be(z), opened);

/** The seed for the extension: never the key itself, of which hashes were opened. */
export function seedOf(osid: Uint8Array, z: number, key: Uint8Array): Uint8Array {
  return XOF(DOMAIN, "vsot/seed", KEY_BYTES, osid, u32be(z), key);
}
