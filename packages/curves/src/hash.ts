import { borrowed, putU32 } from "./concatenated.ts";
import { digest } from "./digest.ts";
import type { Group } from "./group.ts";
import { bytesToInteger } from "./integer.ts";
import { SHAKE256_RATE, squeezeBlocks } from "./keccak-simd.ts";

/** Which protocol a hash belongs to: a key's suite, or a literal such as `pair/v1`. Hashes of different domains never meet. */
export type Domain = string;

const PROTOCOL = Buffer.from("quorate/v1");

/** `value` as 4 bytes, big-endian. */
export function u32be(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  putU32(bytes, 0, value);
  return bytes;
}

/** `value` as 8 bytes, big-endian. */
export function u64be(value: number | bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

/** Every argument behind its 4-byte length: no two lists of arguments have the same encoding. */
export function enc(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(framedLength(0, parts));
  frame(bytes, 0, parts);
  return bytes;
}

function framedLength(start: number, parts: readonly Uint8Array[]): number {
  let length = start;
  for (const part of parts) length += 4 + part.length;
  return length;
}

/** Writes each part behind its length. */
function frame(bytes: Uint8Array, from: number, parts: readonly Uint8Array[]): void {
  let at = from;
  for (const part of parts) {
    putU32(bytes, at, part.length);
    bytes.set(part, at + 4);
    at += 4 + part.length;
  }
}

/** What every hash of a domain and tag begins with. Both are literals of the code, or suites; a suite may be what a peer calls one. */
const beginnings = new Map<Domain, Map<string, Uint8Array>>();
const MAX_DOMAINS = 64;

function beginning(domain: Domain, tag: string): Uint8Array {
  const tags = beginnings.get(domain) ?? new Map<string, Uint8Array>();
  const known = tags.get(tag);
  if (known !== undefined) return known;
  const made = enc(PROTOCOL, Buffer.from(domain), Buffer.from(tag));
  if (beginnings.has(domain) || beginnings.size < MAX_DOMAINS) beginnings.set(domain, tags.set(tag, made));
  return made;
}

/** What `use` makes of the domain, the tag and the arguments, each behind its length; they stand there only meanwhile. */
function framed<T>(domain: Domain, tag: string, parts: readonly Uint8Array[], use: (bytes: Uint8Array) => T): T {
  const start = beginning(domain, tag);
  const fill = (bytes: Uint8Array) => {
    bytes.set(start);
    frame(bytes, start.length, parts);
  };
  return borrowed(framedLength(start.length, parts), fill, use);
}

/** SHA-256 over the domain, the tag and the arguments, each behind its length. 32 bytes. */
export function H(domain: Domain, tag: string, ...parts: readonly Uint8Array[]): Uint8Array {
  return framed(domain, tag, parts, sha256Of);
}

/** SHAKE256 over the same, `length` bytes of output. */
export function XOF(domain: Domain, tag: string, length: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return framed(domain, tag, parts, (input) => digest("shake256", input, length));
}

const sha256Of = (input: Uint8Array) => digest("sha256", input);

/** Bytes of one result of `xofBlocks`: all that one permutation of SHAKE256 gives. */
export const XOF_BLOCK = SHAKE256_RATE;

/**
 * `XOF(domain, tag, 136, ...fixed, u32be(n), values[n])` for every n, at an eighth of the time, which does not depend on the values.
 *
 * @param values `size` bytes each
 * @param indices stand in the place of n where they are given
 * @returns 136 bytes each
 * @throws Error unless domain, tag and arguments fit one block with their lengths: 135 bytes
 */
export function xofBlocks(
  domain: Domain,
  tag: string,
  fixed: readonly Uint8Array[],
  values: Uint8Array,
  indices?: Uint32Array,
  size = 32,
): Uint8Array {
  const input = framed(domain, tag, [...fixed, new Uint8Array(4), new Uint8Array(size)], (bytes) => bytes.slice());
  if (input.length >= XOF_BLOCK)
    throw new Error(`${input.length} bytes do not fit a block of SHAKE256 with its padding`);
  const padded = new Uint8Array(XOF_BLOCK);
  padded.set(input);
  padded[input.length] = 0x1f;
  padded[XOF_BLOCK - 1]! |= 0x80;
  const count = values.length / size;
  const blocks = new Uint8Array(count * XOF_BLOCK);
  const view = new DataView(blocks.buffer);
  for (let n = 0; n < count; n++) {
    const end = n * XOF_BLOCK + input.length;
    blocks.set(padded, n * XOF_BLOCK);
    view.setUint32(end - size - 8, indices === undefined ? n : indices[n]!);
    for (let at = 0; at < size; at++) blocks[end - size + at] = values[size * n + at]!;
  }
  squeezeBlocks(blocks);
  return blocks;
}

/**
 * A scalar of `group` from a hash: 48 bytes of output reduced modulo the order, so that the bias is below 2^-128 on
 * every curve here (32 bytes would leave 2^-32 on P-256).
 */
export function toScalar(group: Group, domain: Domain, tag: string, ...parts: readonly Uint8Array[]): bigint {
  return group.mod(bytesToInteger(XOF(domain, tag, 48, ...parts)));
}
