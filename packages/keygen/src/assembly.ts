import { type Point, Secret } from "@quorate/curves";
import { Abort, type Identifier, type Inbox } from "@quorate/protocol";
import { encodeCertificate } from "./certificate.ts";
import type { Run } from "./check.ts";
import { placeOf } from "./config.ts";
import { groupKeyOf } from "./group-key.ts";
import type { Confirmation, Dealt } from "./rounds.ts";
import type { KeyShare } from "./share.ts";
import { chainCodeOf, chainHashOf, type Transcript, verifyingSharesOf } from "./transcript.ts";

/** One's own message among those of the others, by ascending identifier. */
export function joined<T>(self: Identifier, mine: T, inbox: Inbox<T>): ReadonlyMap<Identifier, T> {
  return new Map([...inbox, [self, mine] as const].toSorted(([a], [b]) => a - b));
}

/** What a participant brings to a run that starts from a key. */
export interface Held {
  /** s_i */
  readonly share: bigint;
  /** The chain code that the key keeps; an imported key gets a new one. */
  readonly chainCode?: Secret;
}

/** What a participant holds after round 3. */
interface Assembled {
  /** s_i */
  readonly secret: bigint;
  readonly share: Omit<KeyShare, "certificate">;
  readonly transcript: Transcript;
  /** S_j */
  readonly verifyingShares: ReadonlyMap<Identifier, Point>;
}

/**
 * Sums up what everybody dealt, on top of what is `held`. The secrets in the result belong to `owner`, which wipes them unless the run succeeds.
 *
 * @throws Abort when a share or a verifying share is zero, which is chance
 */
export function assemble(
  run: Run,
  self: Identifier,
  sid: Uint8Array,
  groupCommitment: readonly Point[],
  dealt: ReadonlyMap<Identifier, Dealt>,
  owner: DisposableStack,
  held: Held = { share: 0n },
): Assembled {
  const { suite, group, ctx } = run;
  const all = [...dealt.values()];
  const secret = group.mod(all.reduce((sum, one) => sum + one.share, held.share));
  const verifyingShares = verifyingSharesOf(run, groupCommitment);
  if (secret === 0n || [...verifyingShares.values()].some((one) => group.isIdentity(one))) {
    throw new Abort("degenerate_key");
  }
  const signingShare = owner.use(new Secret(group.encodeScalar(secret)));
  const parts = all.map((one) => one.chainPart);
  const kept = held.chainCode?.expose().slice();
  const chainCode = owner.use(new Secret(kept ?? chainCodeOf(suite, sid, parts)));
  const transcript = { ctx, sid, groupCommitment, chainHash: chainHashOf(suite, chainCode.expose()) };
  const share = {
    ...groupKeyOf(run, placeOf(run), transcript, verifyingShares),
    identifier: self,
    signingShare,
    chainCode,
  };
  return { secret, share, transcript, verifyingShares };
}

/** The certificate from everybody's checked signature on the transcript. */
export function certify(
  run: Run,
  { sid, groupCommitment, chainHash }: Transcript,
  confirmations: ReadonlyMap<Identifier, Confirmation>,
): Uint8Array {
  const { suite, group, executionId, minSigners, participants } = run;
  return encodeCertificate(placeOf(run), {
    suite,
    executionId,
    minSigners,
    sid,
    groupCommitment: groupCommitment.map((one) => group.encodePoint(one)),
    chainHash,
    confirmations: participants.map((one) => ({ ...one, signature: confirmations.get(one.identifier)!.signature })),
  });
}
