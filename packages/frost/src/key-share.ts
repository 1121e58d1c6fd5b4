import type { Group, Point, Secret } from "@quorate/curves";
import { FrostError } from "./aggregate/error.ts";
import type { PublicKeyPackage } from "./aggregate/key.ts";

/** One participant's share of a key. Taproot shares are stored as they were made: neither lifted nor tweaked. */
export interface KeyShare extends PublicKeyPackage {
  readonly identifier: number;
  /** s_i, encoded scalar of the group, 32 bytes. */
  readonly signingShare: Secret;
}

/**
 * Joins a share with the public side of its key.
 *
 * @throws FrostError `invalid_key` unless the participant holds a share of the key and `signingShare` is that one
 */
export function keyShare(key: PublicKeyPackage, identifier: number, signingShare: Secret): KeyShare {
  const { group } = key.suite;
  const expected = key.verifyingShares.get(identifier);
  if (expected === undefined || !isShareBehind(group, signingShare, expected)) {
    throw new FrostError("invalid_key", `not the signing share of participant ${identifier}`);
  }
  return { ...key, identifier, signingShare };
}

function isShareBehind(group: Group, signingShare: Secret, verifyingShare: Point): boolean {
  try {
    return group.equals(group.base(group.decodeScalar(signingShare.expose())), verifyingShare);
  } catch {
    return false;
  }
}
