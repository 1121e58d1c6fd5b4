import { bytes, encode, fixed, H, type Identity, struct, u8, u64, type Value, verifyIdentity } from "@quorate/curves";

/** A nonce commitment as its maker publishes it: signed, so that whoever carries it cannot change it. */
export const publishedCommitment = struct({
  /** Identifier of the participant, 1..15. */
  identifier: u8,
  /** 16 random bytes; names the nonces at their maker. */
  commitmentId: fixed(16),
  /** D and E, encoded points of the key's group (32 or 33 bytes). */
  hiding: bytes(33),
  binding: bytes(33),
  /** Ed25519 by the maker's identity over `commitmentStatement`. */
  signature: fixed(64),
});
export type PublishedCommitment = Value<typeof publishedCommitment>;

/** The one encoding of a published commitment, its signature included. */
export function encodedCommitment(commitment: PublishedCommitment): Uint8Array {
  return encode(publishedCommitment, commitment);
}

/** What a commitment belongs to. `keyId` 32 bytes. */
export interface CommitmentScope {
  readonly networkHash: Uint8Array;
  readonly keyId: Uint8Array;
  readonly epoch: number;
}

function statement(scope: CommitmentScope, commitment: Omit<PublishedCommitment, "signature">): Uint8Array {
  const { identifier, commitmentId, hiding, binding } = commitment;
  const parts = [scope.networkHash, scope.keyId, encode(u64, scope.epoch), encode(u8, identifier)];
  return H("orders/v1", "commitment", ...parts, commitmentId, hiding, binding);
}

export function signCommitment(
  identity: Identity,
  scope: CommitmentScope,
  commitment: Omit<PublishedCommitment, "signature">,
): PublishedCommitment {
  return { ...commitment, signature: identity.sign(statement(scope, commitment)) };
}

/** @param publicKey identity of the participant that the commitment names, 32 bytes */
export function verifyCommitment(
  publicKey: Uint8Array,
  scope: CommitmentScope,
  commitment: PublishedCommitment,
): boolean {
  return verifyIdentity(publicKey, statement(scope, commitment), commitment.signature);
}
