import type { Point } from "@quorate/curves";
import { type Commitment, checkSigningSet } from "./commitment.ts";
import type { PublicKeyPackage } from "./key.ts";
import { onWire, type SigningKey, signingKey } from "./tweak.ts";

/** What a participant contributes to the group commitment. */
export interface Contribution {
  readonly commitment: Commitment;
  readonly bindingFactor: bigint;
}

/** What follows from a message and a checked commitment list by hashing alone. */
export interface BoundCommitments {
  readonly key: PublicKeyPackage;
  readonly message: Uint8Array;
  readonly signingKey: SigningKey;
  /** By identifier, ascending. */
  readonly contributions: ReadonlyMap<number, Contribution>;
}

/** What a participant can work out before it touches its nonces. */
export interface GatheredCommitments extends BoundCommitments {
  /** The sum of `D_i + rho_i * E_i` (RFC 9591 section 4.5), of all or of all but one. */
  readonly sum: Point;
}

/** Everything public that follows from a message and a commitment list, computed once: RFC 9591 sections 4.4 to 4.6. */
export interface SigningContext extends BoundCommitments {
  /** R as the signature shows it: 33 bytes, or 32 on Ed25519 and (x coordinate) on taproot. */
  readonly groupCommitment: Uint8Array;
  /** Whether all nonces are negated, so that R has even y (taproot only). */
  readonly noncesNegated: boolean;
  readonly challenge: bigint;
}

/**
 * @param message what is signed, any length
 * @param merkleRoot taproot tweak, see `signingKey`; `null` for none
 * @throws FrostError `invalid_signing_set` or `invalid_tweak`
 */
export function signingContext(
  key: PublicKeyPackage,
  commitments: readonly Commitment[],
  message: Uint8Array,
  merkleRoot: Uint8Array | null = null,
): SigningContext {
  return challenged(gather(key, commitments, message, merkleRoot));
}

/**
 * Checks the list, hashes it and adds it up: the first half of `signingContext`. All that can be refused is refused here.
 *
 * @param without whose summand the caller brings later: a signer has its own from its nonces, for less
 */
export function gather(
  key: PublicKeyPackage,
  commitments: readonly Commitment[],
  message: Uint8Array,
  merkleRoot: Uint8Array | null,
  without?: number,
): GatheredCommitments {
  checkSigningSet(key, commitments);
  const tweaked = signingKey(key, merkleRoot);
  const factors = bindingFactors(key, tweaked, commitments, message);
  const contributions = new Map(
    commitments.map((commitment, at) => [commitment.identifier, { commitment, bindingFactor: factors[at]! }]),
  );
  const { group } = key.suite;
  const summands = [...contributions.values()].filter(({ commitment }) => commitment.identifier !== without);
  const hiding = summands.map(({ commitment }) => commitment.hiding);
  const binding = group.multiplyAdd(summands.map((one) => [one.commitment.binding, one.bindingFactor]));
  return { key, message, signingKey: tweaked, contributions, sum: group.sum([...hiding, binding]) };
}

/** The second half: group commitment and challenge. @param own the summand that was left out */
export function challenged({ sum, ...bound }: GatheredCommitments, own?: Point): SigningContext {
  const { key, message, signingKey } = bound;
  const { suite } = key;
  const { group } = suite;
  const encoded = group.encodePoint(own === undefined ? sum : group.add(sum, own));
  const R = onWire(key, encoded);
  return {
    ...bound,
    groupCommitment: R,
    noncesNegated: suite.name === "taproot" && encoded[0] === 3,
    challenge: suite.H2(Buffer.concat([R, onWire(key, signingKey.encoded), message])),
  };
}

/**
 * RFC 9591 section 4.4. The factors depend on the message and on every commitment: without that, sessions run at the same
 * time could be combined into a forgery (Drijvers et al., "On the Security of Two-Round Multi-Signatures"). They depend on the
 * tweaked key, so that two tweaks of one key share no factors.
 */
function bindingFactors(
  { suite }: PublicKeyPackage,
  tweaked: SigningKey,
  commitments: readonly Commitment[],
  message: Uint8Array,
): readonly bigint[] {
  const identifiers = commitments.map(({ identifier }) => suite.group.encodeScalar(BigInt(identifier)));
  const list = commitments.flatMap(({ encoded }, at) => [identifiers[at]!, encoded.hiding, encoded.binding]);
  const prefix = [tweaked.encoded, suite.H4(message), suite.H5(Buffer.concat(list))];
  return identifiers.map((identifier) => suite.H1(Buffer.concat([...prefix, identifier])));
}
