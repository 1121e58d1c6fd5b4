import type { Point } from "@quorate/curves";
import { FrostError } from "./error.ts";
import { isIdentifier, type PublicKeyPackage } from "./key.ts";
import type { FrostSuite } from "./suite.ts";

/** A participant's commitment to a pair of nonces as it travels: two encoded points (32 bytes each on Ed25519, else 33). */
export interface EncodedCommitment {
  readonly identifier: number;
  readonly hiding: Uint8Array;
  readonly binding: Uint8Array;
}

/**
 * A commitment whose points are checked and parsed, once: D and E of RFC 9591 section 5.1. `encoded` is what it was parsed
 * from, with whatever else its maker published beside it.
 */
export interface Commitment<Encoded extends EncodedCommitment = EncodedCommitment> {
  readonly identifier: number;
  readonly hiding: Point;
  readonly binding: Point;
  readonly encoded: Encoded;
}

/**
 * Checks and parses a peer's commitment.
 *
 * @throws FrostError `invalid_commitment` naming the participant: an identifier below 1, a wrong length, a point that is
 *   off the curve, not canonical, the identity, or outside the prime-order subgroup
 */
export function parseCommitment<E extends EncodedCommitment>(suite: FrostSuite, encoded: E): Commitment<E> {
  const { identifier } = encoded;
  if (!isIdentifier(identifier)) {
    throw new FrostError("invalid_commitment", `${identifier} is not an identifier`, [identifier]);
  }
  try {
    return {
      identifier,
      hiding: suite.group.decodePoint(encoded.hiding),
      binding: suite.group.decodePoint(encoded.binding),
      encoded,
    };
  } catch (error) {
    throw new FrostError("invalid_commitment", `commitment of participant ${identifier}: ${(error as Error).message}`, [
      identifier,
    ]);
  }
}

/**
 * Checks and parses a commitment list. The entry that is byte for byte `own` is taken as already parsed.
 *
 * @throws FrostError `invalid_commitment` naming everyone whose commitment is wrong
 */
export function parseCommitments(
  suite: FrostSuite,
  list: readonly EncodedCommitment[],
  own?: Commitment,
): readonly Commitment[] {
  const failures: FrostError[] = [];
  const parsed = list.flatMap((encoded) => {
    if (own !== undefined && sameCommitment(own.encoded, encoded)) return [own];
    try {
      return [parseCommitment(suite, encoded)];
    } catch (error) {
      if (!(error instanceof FrostError)) throw error;
      failures.push(error);
      return [];
    }
  });
  if (failures.length === 0) return parsed;
  const culprits = failures.flatMap((failure) => failure.culprits);
  throw new FrostError("invalid_commitment", failures.map((failure) => failure.message).join("; "), culprits);
}

export function sameCommitment(a: EncodedCommitment, b: EncodedCommitment): boolean {
  return (
    a.identifier === b.identifier &&
    Buffer.compare(a.hiding, b.hiding) === 0 &&
    Buffer.compare(a.binding, b.binding) === 0
  );
}

/**
 * Checks that a list of commitments is a signing set of `key`: ascending, without duplicates, holders of the key only,
 * at least `minSigners` of them.
 *
 * @throws FrostError `invalid_signing_set`
 */
export function checkSigningSet(key: PublicKeyPackage, commitments: readonly Commitment[]): void {
  const refuse = (problem: string): never => {
    throw new FrostError("invalid_signing_set", problem);
  };
  if (commitments.length < key.minSigners) {
    refuse(`${commitments.length} commitments, this key signs with ${key.minSigners}`);
  }
  let last = 0;
  for (const { identifier } of commitments) {
    if (identifier === last) refuse(`participant ${identifier} is listed twice`);
    if (identifier < last) refuse(`participant ${identifier} is listed after ${last}`);
    if (!key.verifyingShares.has(identifier)) refuse(`participant ${identifier} holds no share of this key`);
    last = identifier;
  }
}
