import { type Commitment, checkSigningSet, FrostError, parseCommitment, parseCommitments } from "@quorate/frost";
import { type PublishedCommitment, verifyCommitment } from "@quorate/orders";
import type { FrostKey } from "./held-key.ts";
import { Refused } from "./refused.ts";

/** Whether the holder that the commitment names signed it for this key. */
export function signedByHolder(networkHash: Uint8Array, key: FrostKey, commitment: PublishedCommitment): boolean {
  const holder = key.certificate.participants.find((one) => one.identifier === commitment.identifier);
  const scope = { networkHash, keyId: key.keyId, epoch: key.epoch };
  return holder !== undefined && verifyCommitment(holder.publicKey, scope, commitment);
}

/** Whether both points of a commitment are valid. */
export function hasValidPoints(key: FrostKey, commitment: PublishedCommitment): boolean {
  try {
    parseCommitment(key.suite, commitment);
    return true;
  } catch (error) {
    if (error instanceof FrostError) return false;
    throw error;
  }
}

/**
 * Checks the commitment list of one digest: a signing set of the key, each entry signed by the holder that it names, each
 * point valid, this signer's own entry exactly what it published.
 *
 * @param own this signer's commitment in the list, already parsed
 * @throws Refused
 */
export function checkedList(
  networkHash: Uint8Array,
  key: FrostKey,
  list: readonly PublishedCommitment[],
  own: Commitment,
): readonly Commitment[] {
  for (const entry of list) {
    if (entry.identifier !== key.identifier && !signedByHolder(networkHash, key, entry)) {
      throw new Refused("invalid_commitment", `the commitment of ${entry.identifier} is not signed by it`);
    }
  }
  try {
    const commitments = parseCommitments(key.suite, list, own);
    if (!commitments.includes(own)) throw new Refused("invalid_commitment", "not the commitment published here");
    checkSigningSet(key.share, commitments);
    return commitments;
  } catch (error) {
    if (!(error instanceof FrostError)) throw error;
    throw new Refused(error.code === "invalid_commitment" ? "invalid_commitment" : "invalid_order", error.message);
  }
}
