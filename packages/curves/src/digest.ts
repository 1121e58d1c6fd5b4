import { createHmac, hash, timingSafeEqual } from "node:crypto";
import { concatenated, joined } from "./concatenated.ts";

/** In one call, and the result as text: with an object or a buffer made outside the heap a short hash takes two to five times as long. */
export function digest(
  algorithm: "sha256" | "sha512" | "shake256",
  input: Uint8Array,
  outputLength?: number,
): Uint8Array {
  if (outputLength === undefined) return bytesOf(hash(algorithm, input, "binary"));
  return bytesOf(hash(algorithm, input, { outputEncoding: "binary", outputLength }));
}

function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

function digestOf(algorithm: "sha256" | "sha512", parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return digest(algorithm, parts[0]!);
  return joined(parts, (input) => digest(algorithm, input));
}

/** SHA-256 over the parts, one after another with nothing between. 32 bytes. For standards that fix their own input; ours use `H`. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  return digestOf("sha256", parts);
}

/** SHA-512 likewise. 64 bytes. */
export function sha512(...parts: readonly Uint8Array[]): Uint8Array {
  return digestOf("sha512", parts);
}

/** HMAC-SHA512 (RFC 2104) over the parts, one after another with nothing between. 64 bytes. */
export function hmacSha512(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const hmac = createHmac("sha512", key);
  for (const part of parts) hmac.update(part);
  return new Uint8Array(hmac.digest());
}

/** Both copies of the hashed tag. Tags are literals of the code. */
const prefixes = new Map<string, Uint8Array>();

/** The tagged hash of BIP-340: SHA-256 over `sha256(tag) || sha256(tag) || parts`. 32 bytes. */
export function taggedHash(tag: string, ...parts: readonly Uint8Array[]): Uint8Array {
  let prefix = prefixes.get(tag);
  if (prefix === undefined) {
    const hashed = sha256(Buffer.from(tag));
    prefix = concatenated([hashed, hashed]);
    prefixes.set(tag, prefix);
  }
  return sha256(prefix, ...parts);
}

/** Compares in time that depends on the lengths alone. */
export function constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
