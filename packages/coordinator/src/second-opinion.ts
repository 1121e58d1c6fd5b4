import { sha256 } from "@noble/hashes/sha2.js";
import { Point } from "@noble/secp256k1";
import {
  bytesToInteger,
  type Group,
  type Point as GroupPoint,
  group,
  integerToBytes,
  verifyIdentity,
} from "@quorate/curves";
import type { EcdsaSignature } from "@quorate/dkls23/aggregate";
import type { EcdsaSuite, SuiteName } from "@quorate/orders";

const REFUSAL = "the second verification of a signature failed";

/**
 * A verification equation has a multiple of the generator on one side and all else on the other. Each side is worked out by an
 * implementation of its own, that one by noble: they are equal where the signature is right and both computed right, or by a chance as
 * small as that of a forgery. The whole equation by noble would take eight times as long, and a user waits for it.
 */
interface Curve {
  /** `k * G` by noble, SEC1 compressed. `k` is not zero. */
  readonly base: (k: bigint) => Uint8Array;
  /** What works out the other side: libsecp256k1, or OpenSSL. */
  readonly other: Group;
}

const portable = group("p256", "noble");
const secp256k1: Curve = {
  base: (k) => Point.BASE.multiply(k, false).toBytes(true),
  other: group("secp256k1", "fast"),
};
const p256: Curve = { base: (k) => portable.encodePoint(portable.base(k)), other: group("p256", "fast") };

/** Whether the two sides are equal: `k * G`, and what the other library worked out. A digest, and so k, may be zero. */
function areEqual({ base, other }: Curve, k: bigint, side: GroupPoint): boolean {
  if (k === 0n || other.isIdentity(side)) return k === 0n && other.isIdentity(side);
  return Buffer.compare(base(k), other.encodePoint(side)) === 0;
}

/**
 * Verifies a finished signature with code that had no part in making it: OpenSSL for EdDSA, for BIP-340 its equation read anew, half of
 * it by noble. The plain curves are verified by their own equation only: their signatures belong to no standard.
 *
 * @param verifyingKey 32 bytes, as verifiers take it
 * @throws Error if it does not verify: nothing may be released
 */
export function verifyAgain(
  suite: Exclude<SuiteName, EcdsaSuite>,
  verifyingKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): void {
  if (!secondVerdict(suite, verifyingKey, message, signature)) throw new Error(REFUSAL);
}

function secondVerdict(
  suite: Exclude<SuiteName, EcdsaSuite>,
  verifyingKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  switch (suite) {
    case "ed25519":
      return verifyIdentity(verifyingKey, message, signature);
    case "taproot":
      return orFalse(() => holdsByBip340(verifyingKey, message, signature));
    case "secp256k1":
    case "p256":
      return true;
  }
}

/** BIP-340, "Verification": `s * G = R + e * P`, the points being those with an even y. */
function holdsByBip340(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const { other } = secp256k1;
  const [r, s] = [signature.subarray(0, 32), signature.subarray(32)];
  const e = other.mod(bytesToInteger(taggedHash("BIP0340/challenge", r, publicKey, message)));
  const lift = (x: Uint8Array) => other.decodePoint(Uint8Array.of(2, ...x));
  return areEqual(secp256k1, other.decodeScalar(s), other.add(lift(r), other.multiply(lift(publicKey), e)));
}

function taggedHash(tag: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const prefix = sha256(new TextEncoder().encode(tag));
  return sha256(Buffer.concat([prefix, prefix, ...parts]));
}

/**
 * The same for ECDSA: FIPS 186-5 section 6.4.2 multiplied by s, `h * G = s * R - r * P`, half of it by noble. R is the point that the
 * recovery id shows. On secp256k1 a high s is refused, as Bitcoin and Ethereum refuse it.
 *
 * @param publicKey SEC1 compressed, 33 bytes
 * @param digest 32 bytes
 * @throws Error if it does not verify: nothing may be released
 */
export function verifyEcdsaAgain(
  suite: EcdsaSuite,
  publicKey: Uint8Array,
  digest: Uint8Array,
  signature: EcdsaSignature,
): void {
  const isSecp256k1 = suite === "ecdsa-secp256k1";
  const curve = isSecp256k1 ? secp256k1 : p256;
  const isLow = bytesToInteger(signature.s) <= curve.other.order / 2n;
  if (!((isLow || !isSecp256k1) && orFalse(() => holdsByEcdsa(curve, publicKey, digest, signature))))
    throw new Error(REFUSAL);
}

function holdsByEcdsa(curve: Curve, publicKey: Uint8Array, digest: Uint8Array, signature: EcdsaSignature): boolean {
  const { other } = curve;
  const { recid } = signature;
  const [r, s] = [other.decodeScalar(signature.r), other.decodeScalar(signature.s)];
  const x = recid < 2 ? r : r + other.order;
  const right = other.multiplyAdd([
    [other.decodePoint(Uint8Array.of(2 + (recid & 1), ...integerToBytes(x, 32))), s],
    [other.decodePoint(publicKey), other.mod(-r)],
  ]);
  return areEqual(curve, other.mod(bytesToInteger(digest)), right);
}

/** What cannot be read, or has no encoding, does not verify. */
function orFalse(holds: () => boolean): boolean {
  try {
    return holds();
  } catch {
    return false;
  }
}
