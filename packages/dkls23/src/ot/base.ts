/**
 * Base OT: verified simplest OT (DKLs18, eprint 2018/499, section 4), 256 instances, once per pair of nodes and direction. Bob ends with two
 * seeds per instance, Alice with one of them; he does not know which, nor she the other.
 *
 * Why this protocol in this group: CPU of one node per peer, both directions, in units of U (one constant-time variable-base
 * multiplication of noble's secp256k1 in the same run):
 *
 *     ristretto255, libsodium in WebAssembly             35    measured: bench/multiply.bench.ts
 *     P-256, OpenSSL's Diffie-Hellman                    49    measured, with one division for all additions of a list
 *     Curve25519, OpenSSL's X25519 and Ed25519           34    computed from its operations, without conversions between the two forms
 *     secp256k1, libsecp256k1 in WebAssembly, blinded    95    computed from its operations
 *     endemic OT (eprint 2019/706)                             Bob multiplies four times and Alice three, here once and twice
 *
 * OpenSSL multiplies fast, but checks both keys in each call, takes 20 to 60 us to read one, and gives x coordinates only: Bob needs two
 * products where a group with addition needs one. The seeds are plain bytes and serve keys on any curve. The price is that ECDSA keys
 * rest on computational Diffie-Hellman in ristretto255 too, which is that of the Ed25519 keys of the same network.
 */
import { type Backend, type Domain, group, H, toScalar, u32be, XOF, XOF_BLOCK, xofBlocks } from "@quorate/curves";

/** Named in the context of a pair, with the group, so that two nodes that disagree on them cannot set each other up. */
export const OT_PROTOCOL = "vsot";

/** Scalars are those of Ed25519. */
export const SCALARS = group("ed25519", "fast");
const DOMAIN: Domain = "pair/v1";
export const KEY_BYTES = 32;
export const POINT_BYTES = 32;

/** The peer broke the base OT: what it sent is malformed, or does not fit what it sent before. */
export class OtFault extends Error {
  override readonly name = "OtFault";
}

/** Long-term state of Bob in one direction. */
export interface BobSeeds {
  /** Both seeds of every instance, kappa * 2 * 32 bytes. */
  readonly seeds: Uint8Array;
}

/** Long-term state of Alice in one direction. */
export interface AliceSeeds {
  /** kappa bits; bit z says which seed of instance z she does not have. */
  readonly delta: Uint8Array;
  /** The others, kappa * 32 bytes. */
  readonly seeds: Uint8Array;
}

/** The pair of an OT. What Bob's proof of knowledge is bound to, beside the id of the OT. */
export interface PokContext {
  readonly pairCtx: Uint8Array;
  /** Bob's rank in the pair. */
  readonly rank: 1 | 2;
  readonly backend: Backend;
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

/** What `make` gives for each of `count` instances, one after another. */
export function concatenate(count: number, make: (z: number) => Uint8Array, size = KEY_BYTES): Uint8Array {
  const out = new Uint8Array(count * size);
  for (let z = 0; z < count; z++) out.set(make(z), z * size);
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
  return toScalar(SCALARS, DOMAIN, "pok/vsot", pairCtx, osid, u32be(rank), u32be(0), A, T);
}

/** The key of branch `e` of instance `z`, from the shared point P. */
export function keyOf(osid: Uint8Array, z: number, e: 0 | 1, A: Uint8Array, B: Uint8Array, P: Uint8Array): Uint8Array {
  return XOF(DOMAIN, "vsot/key", KEY_BYTES, osid, u32be(z), Uint8Array.of(e), A, B, P);
}

/** What is opened of a key in the end. */
export const h1 = (osid: Uint8Array, z: number, key: Uint8Array) => H(DOMAIN, "vsot/h1", osid, u32be(z), key);
/** What is challenged, from what is opened. */
export const h2 = (osid: Uint8Array, z: number, opened: Uint8Array) => H(DOMAIN, "vsot/h2", osid, u32be(z), opened);

/** The seeds for the extension: never the keys themselves, of which hashes were opened. @param each keys of an instance */
export function seedsOf(osid: Uint8Array, keys: Uint8Array, each: 1 | 2): Uint8Array {
  const count = keys.length / KEY_BYTES;
  const instances = Uint32Array.from({ length: count }, (_, n) => Math.floor(n / each));
  const blocks = xofBlocks(DOMAIN, "vsot/seed", [osid], keys, instances);
  const seeds = new Uint8Array(keys.length);
  for (let n = 0; n < count; n++) seeds.set(part(blocks, n, XOF_BLOCK).subarray(0, KEY_BYTES), n * KEY_BYTES);
  blocks.fill(0);
  return seeds;
}
