import { shareFactor } from "./aggregate/aggregate.ts";
import { type Commitment, sameCommitment } from "./aggregate/commitment.ts";
import { challenged, type GatheredCommitments, gather } from "./aggregate/context.ts";
import { FrostError } from "./aggregate/error.ts";
import type { KeyShare } from "./key-share.ts";
import type { Nonces } from "./nonces.ts";

/** Round two, as far as it needs no secret. */
export interface PreparedShare {
  readonly published: Commitment;
  readonly gathered: GatheredCommitments;
}

/**
 * Round two (RFC 9591 section 5.2): this participant's signature share, `z_i = d_i + rho_i * e_i + c * lambda_i * s_i`, with
 * nonces and share negated and tweaked where taproot wants it. The nonces are gone afterwards; a refused list leaves them intact.
 *
 * @param commitments the signing set, ascending, this participant's own commitment in it
 * @param message what is signed, any length
 * @param merkleRoot taproot tweak, see `signingKey`; `null` for none
 * @returns encoded scalar, 32 bytes
 * @throws FrostError `invalid_signing_set`, `invalid_tweak`, `own_commitment` or `nonces_used`
 */
export function signShare(
  key: KeyShare,
  nonces: Nonces,
  commitments: readonly Commitment[],
  message: Uint8Array,
  merkleRoot: Uint8Array | null = null,
): Uint8Array {
  return signPrepared(key, nonces, prepareShare(key, nonces.commitment, commitments, message, merkleRoot));
}

/**
 * The part of `signShare` that touches no nonces, and takes most of its time.
 *
 * @param published this participant's commitment
 * @throws FrostError `invalid_signing_set`, `invalid_tweak` or `own_commitment`
 */
export function prepareShare(
  key: Pick<KeyShare, "identifier"> & Parameters<typeof gather>[0],
  published: Commitment,
  commitments: readonly Commitment[],
  message: Uint8Array,
  merkleRoot: Uint8Array | null = null,
): PreparedShare {
  const { identifier } = key;
  const own = commitments.find((commitment) => commitment.identifier === identifier);
  if (own === undefined || !sameCommitment(own.encoded, published.encoded)) {
    throw new FrostError("own_commitment", `the list does not show what participant ${identifier} published`);
  }
  return { published, gathered: gather(key, commitments, message, merkleRoot, identifier) };
}

/**
 * The rest of `signShare`.
 *
 * @returns encoded scalar, 32 bytes
 * @throws FrostError `own_commitment` for what was prepared for other nonces or another key, which leaves these intact; `nonces_used`
 */
export function signPrepared(key: KeyShare, nonces: Nonces, { published, gathered }: PreparedShare): Uint8Array {
  const { suite, identifier } = key;
  const { group } = suite;
  if (nonces.commitment !== published || gathered.key !== key) {
    throw new FrostError("own_commitment", `prepared for other nonces, or another key, of participant ${identifier}`);
  }
  const { bindingFactor } = gathered.contributions.get(identifier)!;
  return nonces.take((hiding, binding) => {
    const nonce = group.mod(group.decodeScalar(hiding) + bindingFactor * group.decodeScalar(binding));
    const context = challenged(gathered, group.base(nonce));
    const stored = group.decodeScalar(key.signingShare.expose());
    const { negated, offset } = context.signingKey;
    const share = shareFactor(context, identifier) * ((negated ? -stored : stored) + offset);
    return group.encodeScalar(group.mod((context.noncesNegated ? -nonce : nonce) + share));
  });
}
