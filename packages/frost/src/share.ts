import { shareFactor } from "./aggregate/aggregate.ts";
import { type Commitment, sameCommitment } from "./aggregate/commitment.ts";
import { signingContext } from "./aggregate/context.ts";
import { FrostError } from "./aggregate/error.ts";
import type { KeyShare } from "./key-share.ts";
import type { Nonces } from "./nonces.ts";

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
  const { suite, identifier } = key;
  const { group } = suite;
  const own = commitments.find((commitment) => commitment.identifier === identifier);
  if (own === undefined || !sameCommitment(own.encoded, nonces.commitment.encoded)) {
    throw new FrostError("own_commitment", `the list does not show what participant ${identifier} published`);
  }
  const context = signingContext(key, commitments, message, merkleRoot);
  const { signingKey, noncesNegated } = context;
  const { bindingFactor } = context.contributions.get(identifier)!;
  const stored = group.decodeScalar(key.signingShare.expose());
  const share = (signingKey.negated ? -stored : stored) + signingKey.offset;
  return nonces.take((hiding, binding) => {
    const nonce = group.decodeScalar(hiding) + bindingFactor * group.decodeScalar(binding);
    return group.encodeScalar(group.mod((noncesNegated ? -nonce : nonce) + shareFactor(context, identifier) * share));
  });
}
