import { type Group, type Point, taggedHash } from "@quorate/curves";
import { FrostError } from "./error.ts";
import type { PublicKeyPackage } from "./key.ts";

/**
 * The key that a signature is made under: an affine image of the stored key. Its secret is `x + offset`, or `-x + offset` if
 * `negated`. The same map, applied to each share, shares it, because the Lagrange coefficients of a signing set add up to 1.
 */
export interface SigningKey {
  readonly publicKey: Point;
  /** 32 bytes on Ed25519, else 33; on taproot that of the point with even y. */
  readonly encoded: Uint8Array;
  readonly negated: boolean;
  readonly offset: bigint;
}

/** The last tweak of each key: a wallet signs for one address again and again, and a tweak costs a multiplication. */
const latest = new WeakMap<Point, { readonly merkleRoot: Uint8Array; readonly tweaked: SigningKey }>();

/**
 * The key to sign under. Without taproot it is the stored key.
 *
 * On taproot, exactly one tweak (BIP-341): the stored key is lifted to even y, `TapTweak` is added, the sum is lifted again.
 * `merkleRoot` is `null` for no tweak (plain BIP-340 under the internal key), empty for spending by key only, 32 bytes for a
 * script tree.
 *
 * @throws FrostError `invalid_tweak` on a merkle root of another length, for a suite that takes none, or if the tweak is not
 *   below the group order
 */
export function signingKey(key: PublicKeyPackage, merkleRoot: Uint8Array | null): SigningKey {
  const { suite, publicKey, encodedPublicKey } = key;
  const { group } = suite;
  const stored: SigningKey = { publicKey, encoded: encodedPublicKey, negated: false, offset: 0n };
  if (suite.name !== "taproot") {
    if (merkleRoot !== null) throw new FrostError("invalid_tweak", `a key of suite ${suite.name} takes no merkle root`);
    return stored;
  }
  const internal = lift(group, stored);
  if (merkleRoot === null) return internal;
  const known = latest.get(publicKey);
  if (known !== undefined && Buffer.compare(known.merkleRoot, merkleRoot) === 0) return known.tweaked;
  const offset = tapTweak(group, internal.encoded.subarray(1), merkleRoot);
  const sum = group.add(internal.publicKey, group.base(offset));
  const tweaked = lift(group, { ...internal, publicKey: sum, encoded: group.encodePoint(sum), offset });
  latest.set(publicKey, { merkleRoot: merkleRoot.slice(), tweaked });
  return tweaked;
}

/**
 * The key that verifies signatures made with that merkle root: 32 bytes (RFC 8032) on Ed25519, 32 bytes (x coordinate; with a
 * merkle root the taproot output key) on taproot, else 33.
 *
 * @throws FrostError `invalid_tweak` as `signingKey`
 */
export function verifyingKey(key: PublicKeyPackage, merkleRoot: Uint8Array | null): Uint8Array {
  return onWire(key, signingKey(key, merkleRoot).encoded);
}

/** A point as keys and signatures show it: BIP-340 leaves out the parity byte. */
export function onWire(key: Pick<PublicKeyPackage, "suite">, encoded: Uint8Array): Uint8Array {
  return key.suite.name === "taproot" ? encoded.subarray(1) : encoded;
}

/** Takes the one of the two keys with this x coordinate whose y is even. */
function lift(group: Group, key: SigningKey): SigningKey {
  const [parity, ...x] = key.encoded;
  if (parity === 2) return key;
  return {
    publicKey: group.negate(key.publicKey),
    encoded: Uint8Array.of(2, ...x),
    negated: !key.negated,
    offset: group.mod(-key.offset),
  };
}

function tapTweak(group: Group, internalKey: Uint8Array, merkleRoot: Uint8Array): bigint {
  if (merkleRoot.length !== 0 && merkleRoot.length !== 32) {
    throw new FrostError("invalid_tweak", `a merkle root is empty or 32 bytes, not ${merkleRoot.length}`);
  }
  try {
    return group.decodeScalar(taggedHash("TapTweak", internalKey, merkleRoot));
  } catch {
    throw new FrostError("invalid_tweak", "the tweak is not below the group order");
  }
}
