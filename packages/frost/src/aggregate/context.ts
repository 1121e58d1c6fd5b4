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
  return challenged(bind(key, commitments, message, merkleRoot));
}

/** Checks the list and hashes it: the first half of `signingContext`. All that can be refused is refused here. */
export function bind(
  key: PublicKeyPackage,
  commitments: readonly Commitment[],
  message: Uint8Array,
  merkleRoot: Uint8Array | null,
): BoundCommitments {
  checkSigningSet(key, commitments);
  const tweaked = signingKey(key, merkleRoot);
  const factors = bindingFactors(key, tweaked, commitments, message);
  const contributions = new Map(
    commitments.map((commitment, at) => [commitment.identifier, { commitment, bindingFactor: factors[at]! }]),
  );
  return { key, message, signingKey: tweaked, contributions };
}

/**
 * The second half: group commitment (RFC 9591 section 4.5: the sum of `D_i + rho_i * E_i`) and challenge.
 *
 * @param own a summand that the caller knows already: a signer has its own from its nonces, for less
 */
export function challenged(
  bound: BoundCommitments,
  own?: { readonly identifier: number; readonly summand: Point },
): SigningContext {
  const { key, message, signingKey, contributions } = bound;
  const { suite } = key;
  const { group } = suite;
  const others = [...contributions.values()].filter(({ commitment }) => commitment.identifier !== own?.identifier);
  const hiding = others.map(({ commitment }) => commitment.hiding);
  const binding = group.multiplyAdd(others.map((one) => [one.commitment.binding, one.bindingFactor]));
  const encoded = group.encodePoint(group.sum([...hiding, binding, own?.summand ?? group.identity]));
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
