import type { Point } from "@quorate/curves";
import type { Identifier, Participant } from "@quorate/protocol";
import type { KeygenConfig, Place } from "./config.ts";
import { keyIdOf, type Transcript } from "./transcript.ts";

/** What everybody may know about a key: what its certificate says. Everything is public, points are encoded. */
export interface GroupKey {
  readonly suite: string;
  /** 32 bytes. */
  readonly keyId: Uint8Array;
  /** How often the key was given new shares; numbers may be left out. */
  readonly epoch: number;
  readonly minSigners: number;
  /** Ascending. */
  readonly participants: readonly Participant[];
  /** X. */
  readonly publicKey: Uint8Array;
  /** F[0..minSigners-1]; the first is X. */
  readonly groupCommitment: readonly Uint8Array[];
  readonly verifyingShares: ReadonlyMap<Identifier, Uint8Array>;
  /** Hash of the chain code, 32 bytes. */
  readonly chainHash: Uint8Array;
}

/** Encodes what a transcript says. `shares` are the verifying shares that follow from it. */
export function groupKeyOf(
  { suite, group, minSigners, participants }: KeygenConfig,
  place: Place,
  { sid, groupCommitment, chainHash }: Transcript,
  shares: ReadonlyMap<Identifier, Point>,
): GroupKey {
  const encoded = groupCommitment.map((one) => group.encodePoint(one));
  const publicKey = encoded[0]!;
  return {
    suite,
    keyId: place.operation === "refresh" ? place.keyId : keyIdOf(suite, publicKey, sid),
    epoch: place.newEpoch,
    minSigners,
    participants,
    publicKey,
    groupCommitment: encoded,
    verifyingShares: new Map([...shares].map(([identifier, share]) => [identifier, group.encodePoint(share)])),
    chainHash,
  };
}
