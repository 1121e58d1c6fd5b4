import { evaluateInExponent, type Group, H, type Point, u32be } from "@quorate/curves";
import { Abort, type Identifier } from "@quorate/protocol";
import { coefficientCount, type KeygenConfig } from "./config.ts";
import { encodePoints } from "./points.ts";
import type { Commitment, Opening } from "./rounds.ts";

/** sid: names the run once everybody has committed. `commitments` by ascending identifier. 32 bytes. */
export function sessionId(
  { suite, ctx }: { readonly suite: string; readonly ctx: Uint8Array },
  commitments: ReadonlyMap<Identifier, Commitment>,
): Uint8Array {
  const parts = [...commitments].flatMap(([identifier, { nonce, commitment, chainCommitment }]) => {
    return [u32be(identifier), nonce, commitment, chainCommitment];
  });
  return H(suite, "dkg/sid", ctx, ...parts);
}

/**
 * F[k] = sum of all F_i[k], on top of what the run starts from.
 *
 * @throws Abort if one is the identity: all contributions were fixed before any was known, so this is chance
 */
export function groupCommitmentOf(
  { group, minSigners, origin }: Pick<KeygenConfig, "group" | "minSigners" | "origin">,
  openings: ReadonlyMap<Identifier, Pick<Opening, "coefficients">>,
): readonly Point[] {
  const all = [...openings.values()];
  const first = minSigners - coefficientCount({ minSigners, ...(origin && { origin }) });
  const sums = Array.from({ length: minSigners }, (_, k) => {
    const dealt = k < first ? group.identity : group.sum(all.map((one) => one.coefficients[k - first]!));
    return origin === undefined ? dealt : group.add(origin.groupCommitment[k]!, dealt);
  });
  if (sums.some((one) => group.isIdentity(one))) throw new Abort("degenerate_key");
  return sums;
}

/** chainCode = H(sid, cc_1, ..., cc_n). 32 bytes. */
export function chainCodeOf(suite: string, sid: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  return H(suite, "dkg/chain", sid, ...parts);
}

/**
 * Stands for the chain code wherever others look: the chain code itself links all addresses of a wallet, so it is
 * for the holders of shares alone, while anybody may check a certificate. 32 bytes.
 */
export function chainHashOf(suite: string, chainCode: Uint8Array): Uint8Array {
  return H(suite, "dkg/chain-hash", chainCode);
}

/** keyId: 32 bytes. */
export function keyIdOf(suite: string, publicKey: Uint8Array, sid: Uint8Array): Uint8Array {
  return H(suite, "key", publicKey, sid);
}

/** The result of a run as all participants see it. */
export interface Transcript {
  readonly ctx: Uint8Array;
  readonly sid: Uint8Array;
  /** F = sum of all F_i; F[0] is the public key X. None is the identity. */
  readonly groupCommitment: readonly Point[];
  readonly chainHash: Uint8Array;
}

function parts(group: Group, { groupCommitment }: Transcript): readonly [Uint8Array, Uint8Array] {
  return [group.encodePoint(groupCommitment[0]!), encodePoints(group, groupCommitment)];
}

/** What the proofs of round 4 are bound to. 32 bytes. */
export function finalId({ suite, group }: Pick<KeygenConfig, "suite" | "group">, transcript: Transcript): Uint8Array {
  return H(suite, "dkg/final", transcript.sid, ...parts(group, transcript), transcript.chainHash);
}

/** T: what everybody signs at the end. 32 bytes. */
export function transcriptHash(
  { suite, group }: Pick<KeygenConfig, "suite" | "group">,
  transcript: Transcript,
): Uint8Array {
  const { ctx, sid, chainHash } = transcript;
  return H(suite, "dkg/transcript", ctx, sid, ...parts(group, transcript), chainHash);
}

/** S_j = sum of j^k * F[k], for each participant. */
export function verifyingSharesOf(
  { group, participants }: Pick<KeygenConfig, "group" | "participants">,
  groupCommitment: readonly Point[],
): ReadonlyMap<Identifier, Point> {
  return new Map(
    participants.map(({ identifier }) => [identifier, evaluateInExponent(group, groupCommitment, identifier)]),
  );
}
