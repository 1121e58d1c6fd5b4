import { createHash, createHmac, type Hash, hash, timingSafeEqual } from "node:crypto";
import { concatenated } from "./concatenated.ts";

/** In one call: with an object of its own a short hash takes half as long again. */
function digest(algorithm: "sha256" | "sha512", parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(hash(algorithm, parts.length === 1 ? parts[0]! : concatenated(parts), "buffer"));
}

/** SHA-256 over the parts, one after another with nothing between. 32 bytes. For standards that fix their own input; ours use `H`. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  return digest("sha256", parts);
}

/** SHA-512 likewise. 64 bytes. */
export function sha512(...parts: readonly Uint8Array[]): Uint8Array {
  return digest("sha512", parts);
}

/** HMAC-SHA512 (RFC 2104) over the parts, one after another with nothing between. 64 bytes. */
export function hmacSha512(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const hmac = createHmac("sha512", key);
  for (const part of parts) hmac.update(part);
  return new Uint8Array(hmac.digest());
}

/** SHA-256 states after both copies of the hashed tag: one block, the same for every message. Tags are literals of the code. */
const midstates = new Map<string, Hash>();

/** The tagged hash of BIP-340: SHA-256 over `sha256(tag) || sha256(tag) || parts`. 32 bytes. */
export function taggedHash(tag: string, ...parts: readonly Uint8Array[]): Uint8Array {
  let midstate = midstates.get(tag);
  if (midstate === undefined) {
    const prefix = createHash("sha256").update(tag).digest();
    midstate = createHash("sha256").update(prefix).update(prefix);
    midstates.set(tag, midstate);
  }
  const tagged = midstate.copy();
  for (const part of parts) tagged.update(part);
  return new Uint8Array(tagged.digest());
}

/** Compares in time that depends on the lengths alone. */
export function constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
