import { type Group, lagrange } from "@quorate/curves";
import type { SigningContext } from "./context.ts";
import { FrostError } from "./error.ts";
import { verifySignature } from "./signature.ts";
import { onWire } from "./tweak.ts";

/**
 * The factor of a participant's share in the signature: its Lagrange coefficient times the challenge. Signer and verifier
 * both take it from here.
 */
export function shareFactor({ key, contributions, challenge }: SigningContext, identifier: number): bigint {
  const { group } = key.suite;
  return group.mod(challenge * lagrange(group, [...contributions.keys()], identifier));
}

/**
 * Whether a participant's signature share is right: `z_i * G = D_i + rho_i * E_i + c * lambda_i * S_i` (RFC 9591 section
 * 5.4), with nonces and verifying share negated and tweaked as the context says. False for anyone outside the signing set.
 *
 * @param share encoded scalar, 32 bytes
 */
export function verifyShare(context: SigningContext, identifier: number, share: Uint8Array): boolean {
  const { key, signingKey, noncesNegated } = context;
  const { group } = key.suite;
  const contribution = context.contributions.get(identifier);
  const verifyingShare = key.verifyingShares.get(identifier);
  if (contribution === undefined || verifyingShare === undefined) return false;
  const z = scalarOf(group, share);
  if (z === undefined) return false;
  const factor = shareFactor(context, identifier);
  // Both sides are negated where the nonces are: scalars change sign for less than points do.
  const sign = noncesNegated ? -1n : 1n;
  const left = group.base(group.mod(sign * (z - factor * signingKey.offset)));
  const ofShare = group.mod(sign * (signingKey.negated ? -factor : factor));
  const { commitment, bindingFactor } = contribution;
  const right = group.multiplyAdd([
    [commitment.binding, bindingFactor],
    [verifyingShare, ofShare],
  ]);
  return group.equals(left, group.add(commitment.hiding, right));
}

/**
 * Adds the shares up to a signature and verifies that (RFC 9591 section 5.3). Only if it is wrong are the shares verified.
 *
 * @param shares encoded scalars by identifier, exactly those of the signing set
 * @returns 64 bytes on Ed25519 (RFC 8032) and taproot (BIP-340), else 65 (`R || z`, RFC 9591 appendix A)
 * @throws FrostError `missing_share` if shares and signing set differ; `invalid_share` naming everyone whose share is wrong
 */
export function aggregate(context: SigningContext, shares: ReadonlyMap<number, Uint8Array>): Uint8Array {
  const { key, signingKey, contributions, message } = context;
  const { group } = key.suite;
  const missing = [...contributions.keys()].filter((identifier) => !shares.has(identifier));
  if (missing.length > 0) throw new FrostError("missing_share", `no share of ${missing.join(", ")}`);
  if (shares.size > contributions.size) throw new FrostError("missing_share", "shares from outside the signing set");

  const scalars = [...shares.values()].map((share) => scalarOf(group, share));
  if (scalars.every((scalar) => scalar !== undefined)) {
    const z = group.mod(scalars.reduce((sum, scalar) => sum + scalar, 0n));
    const signature = new Uint8Array(Buffer.concat([context.groupCommitment, group.encodeScalar(z)]));
    if (verifySignature(key.suite, onWire(key, signingKey.encoded), message, signature)) return signature;
  }
  const culprits = [...contributions.keys()].filter(
    (identifier) => !verifyShare(context, identifier, shares.get(identifier)!),
  );
  if (culprits.length === 0) throw new Error("every share verifies and the signature does not");
  throw new FrostError("invalid_share", `wrong signature share of ${culprits.join(", ")}`, culprits);
}

/** A share that a peer sent, or undefined if it is not a canonical scalar. */
function scalarOf(group: Group, share: Uint8Array): bigint | undefined {
  try {
    return group.decodeScalar(share);
  } catch {
    return undefined;
  }
}
