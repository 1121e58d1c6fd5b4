import { type Domain, group, H, toScalar, u32be, XOF } from "@quorate/curves";
import { KAPPA } from "./parameters.ts";

/** Named in the context of a pair, so that two nodes that disagree on them cannot set each other up. */
export const OT_PROTOCOL = "vsot";
export const OT_GROUP = "p256";

export const GROUP = group(OT_GROUP, "fast");
const DOMAIN: Domain = "pair/v1";
export const KEY_BYTES = 32;

/** The peer broke the base OT: what it sent is malformed, or does not fit what it sent before. */
export class OtFault extends Error {
  override readonly name = "OtFault";
}

/** Long-term state of Bob in one direction: `K_{z,0} || K_{z,1}` for every z, 256 * 2 * 32 bytes. */
export interface BobSeeds {
  readonly seeds: Uint8Array;
}

/** Long-term state of Alice in one direction. */
export interface AliceSeeds {
  /** 32 bytes, bit i is the index of the seed that she does not have. */
  readonly delta: Uint8Array;
  /** The other seeds, 256 * 32 bytes. */
  readonly seeds: Uint8Array;
}

/** What Bob's proof of knowledge is bound to, beside the OT's session. */
export interface PokContext {
  readonly pairCtx: Uint8Array;
  /** Bob's rank in the pair. */
  readonly rank: 1 | 2;
}

/** `length` bytes or a fault. */
export function demand(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length !== length) throw new OtFault(`${bytes.length} bytes where ${length} belong`);
  return bytes;
}

/** The z-th of equal parts of 32 bytes (or `size`). A view. */
export function part(bytes: Uint8Array, z: number, size = KEY_BYTES): Uint8Array {
  return bytes.subarray(z * size, (z + 1) * size);
}

/** Challenge of the proof that Bob knows the discrete logarithm of A. */
export function pokChallenge(osid: Uint8Array, { pairCtx, rank }: PokContext, A: Uint8Array, T: Uint8Array): bigint {
  return toScalar(GROUP, DOMAIN, "pok/vsot", pairCtx, osid, u32be(rank), u32be(0), A, T);
}

/** The key of branch `e` of instance `z`, from the x coordinate of the shared point. */
export function keyOf(osid: Uint8Array, z: number, e: 0 | 1, A: Uint8Array, B: Uint8Array, x: Uint8Array): Uint8Array {
  return XOF(DOMAIN, "vsot/key", KEY_BYTES, osid, u32be(z), Uint8Array.of(e), A, B, x);
}

export const h1 = (osid: Uint8Array, z: number, key: Uint8Array) => H(DOMAIN, "vsot/h1", osid, u32be(z), key);
export const h2 = (osid: Uint8Array, z: number, opened: Uint8Array) => H(DOMAIN, "vsot/h2", osid, u32be(z), opened);

/** The seed of the extension: not the key itself, of which hashes were opened. */
export function seedOf(osid: Uint8Array, z: number, key: Uint8Array): Uint8Array {
  return XOF(DOMAIN, "vsot/seed", KEY_BYTES, osid, u32be(z), key);
}

/** 256 results of 32 bytes each (or `size`), one after another. */
export function forEachInstance(make: (z: number) => Uint8Array, size = KEY_BYTES): Uint8Array {
  const out = new Uint8Array(KAPPA * size);
  for (let z = 0; z < KAPPA; z++) out.set(make(z), z * size);
  return out;
}

export function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, at) => byte ^ b[at]!);
}

/** `one` where `bit` is 1, else `zero`, without a branch. */
export function select(bit: number, zero: Uint8Array, one: Uint8Array): Uint8Array {
  const mask = -bit;
  return zero.map((byte, at) => byte ^ (mask & (byte ^ one[at]!)));
}
