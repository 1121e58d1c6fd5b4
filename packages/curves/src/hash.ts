import { createHash } from "node:crypto";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Group } from "./group.ts";
import { bytesToInteger } from "./integer.ts";

/** Which protocol a hash belongs to: a key's suite, or a literal such as `pair/v1`. Hashes of different domains never meet. */
export type Domain = string;

const PROTOCOL = utf8ToBytes("quorate/v1");

/** `value` as 4 bytes, big-endian. */
export function u32be(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
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
  return concatBytes(...parts.flatMap((part) => [u32be(part.length), part]));
}

function framed(domain: Domain, tag: string, parts: readonly Uint8Array[]): Uint8Array {
  return enc(PROTOCOL, utf8ToBytes(domain), utf8ToBytes(tag), ...parts);
}

/** SHA-256 over the domain, the tag and the arguments, each behind its length. 32 bytes. */
export function H(domain: Domain, tag: string, ...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(
    createHash("sha256")
      .update(framed(domain, tag, parts))
      .digest(),
  );
}

/** SHAKE256 over the same, `length` bytes of output. */
export function XOF(domain: Domain, tag: string, length: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(
    createHash("shake256", { outputLength: length })
      .update(framed(domain, tag, parts))
      .digest(),
  );
}

/**
 * A scalar of `group` from a hash: 48 bytes of output reduced modulo the order, so that the bias is below 2^-128 on
 * every curve here (32 bytes would leave 2^-32 on P-256).
 */
export function toScalar(group: Group, domain: Domain, tag: string, ...parts: readonly Uint8Array[]): bigint {
  return group.mod(bytesToInteger(XOF(domain, tag, 48, ...parts)));
}
