import { p256_hasher } from "@noble/curves/nist.js";
import { secp256k1_hasher } from "@noble/curves/secp256k1.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { sha256 } from "./digest.ts";
import type { Group, Point } from "./group.ts";
import { type Domain, enc } from "./hash.ts";
import { bytesToInteger } from "./integer.ts";

/** RFC 9380 suites `secp256k1_XMD:SHA-256_SSWU_RO_` and `P256_XMD:SHA-256_SSWU_RO_`. */
function hasherOf(group: Group) {
  if (group.name === "secp256k1") return secp256k1_hasher;
  if (group.name === "p256") return p256_hasher;
  throw new Error(`no hash to the curve is defined on ${group.name}`);
}

/**
 * `hash_to_curve` of RFC 9380 section 3: a point of which nobody knows the discrete logarithm. In the model everybody does.
 *
 * @param dst domain separation tag
 * @throws Error on Ed25519
 */
export function hashMessageToCurve(group: Group, message: Uint8Array, dst: Uint8Array): Point {
  const hasher = hasherOf(group);
  if (group.backend === "model") return group.base(hashToField(group, message, dst));
  return group.decodePoint(hasher.hashToCurve(message, { DST: dst }).toBytes());
}

/** `hashMessageToCurve` over the arguments, each behind its length, in the domain and under the tag. */
export function hashToCurve(group: Group, domain: Domain, tag: string, ...parts: readonly Uint8Array[]): Point {
  return hashMessageToCurve(group, enc(...parts), utf8ToBytes(`quorate/v1/${domain}/${tag}`));
}

/** `expand_message_xmd` of RFC 9380 section 5.3.1 with SHA-256, for 48 bytes: two blocks, of which the second is cut. */
function expandMessage(message: Uint8Array, dst: Uint8Array): Uint8Array {
  if (dst.length > 255) throw new Error(`a domain separation tag is at most 255 bytes, not ${dst.length}`);
  const dstPrime = Uint8Array.of(...dst, dst.length);
  const start = sha256(new Uint8Array(64), message, Uint8Array.of(0, 48, 0), dstPrime);
  const first = sha256(start, Uint8Array.of(1), dstPrime);
  const mixed = start.map((byte, at) => byte ^ first[at]!);
  const second = sha256(mixed, Uint8Array.of(2), dstPrime);
  return Uint8Array.of(...first, ...second.subarray(0, 16));
}

/**
 * `hash_to_field` of RFC 9380 section 5.2 into the scalars, one element: `expand_message_xmd` with SHA-256 and 48 bytes, reduced
 * modulo the order. This is H1, H2 and H3 of RFC 9591 sections 6.4 and 6.5. Written out because every
 * signer computes one per signer: half of noble's time.
 *
 * @param dst domain separation tag, at most 255 bytes
 */
export function hashToField(group: Group, message: Uint8Array, dst: Uint8Array): bigint {
  return group.mod(bytesToInteger(expandMessage(message, dst)));
}
