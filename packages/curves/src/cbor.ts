import type { Reader } from "./codec.ts";

/** What `readCbor` gives: integers are numbers up to 2^53 - 1, byte strings are views. */
export type CborValue =
  | number
  | boolean
  | null
  | string
  | Uint8Array
  | readonly CborValue[]
  | ReadonlyMap<number | string, CborValue>;

/** CTAP2 section 8: messages nest at most four levels deep. */
const MAX_DEPTH = 4;
/** Entries of one array or map. An attestation object has three, a COSE key five. */
const MAX_ENTRIES = 32;
const SIZES = [1, 2, 4, 8] as const;

function argument(from: Reader, info: number): number {
  if (info < 24) return info;
  const size = SIZES[info - 24];
  if (size === undefined) return from.fail("lengths that are not written out are not accepted");
  const value = from.uint(size);
  if (!Number.isSafeInteger(value)) from.fail("integer above 2^53 - 1");
  if (value < (size === 1 ? 24 : 256 ** (size / 2))) from.fail("an integer or length is not in its shortest form");
  return value;
}

function text(from: Reader, length: number): string {
  const raw = from.take(length);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    return from.fail("text is not UTF-8");
  }
}

function entries(from: Reader, count: number, depth: number): number {
  if (depth >= MAX_DEPTH) from.fail(`nested deeper than ${MAX_DEPTH}`);
  if (count > MAX_ENTRIES) from.fail(`${count} entries, at most ${MAX_ENTRIES} are allowed`);
  return count;
}

function array(from: Reader, count: number, depth: number): readonly CborValue[] {
  return Array.from({ length: entries(from, count, depth) }, () => item(from, depth + 1));
}

function map(from: Reader, count: number, depth: number): ReadonlyMap<number | string, CborValue> {
  const all = new Map<number | string, CborValue>();
  for (let left = entries(from, count, depth); left > 0; left--) {
    const name = item(from, depth + 1);
    if (typeof name !== "number" && typeof name !== "string") return from.fail("a map has a key that is no name");
    if (all.has(name)) from.fail(`a map has the key ${JSON.stringify(name).slice(0, 50)} twice`);
    all.set(name, item(from, depth + 1));
  }
  return all;
}

function simple(from: Reader, info: number): boolean | null {
  if (info === 20) return false;
  if (info === 21) return true;
  if (info === 22) return null;
  return from.fail("floating point and unassigned values are not accepted");
}

function item(from: Reader, depth: number): CborValue {
  const head = from.uint(1);
  const [major, info] = [head >> 5, head & 0x1f];
  if (major === 7) return simple(from, info);
  if (major === 6) return from.fail("tags are not accepted");
  const value = argument(from, info);
  if (major === 0) return value;
  if (major === 1) return -1 - value;
  if (major === 2) return from.take(value);
  if (major === 3) return text(from, value);
  return major === 4 ? array(from, value, depth) : map(from, value, depth);
}

/**
 * Reads one item of CBOR (RFC 8949) as authenticators write it (CTAP2 canonical form, section 8): definite lengths in their shortest
 * form, no tags, no floating point, map keys that are integers or text and occur once, four levels at most. The order of keys is not
 * checked. What follows the item is left to the caller.
 *
 * @throws DecodeError on any departure
 */
export function readCbor(from: Reader): CborValue {
  return item(from, 0);
}
