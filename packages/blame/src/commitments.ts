import { type Backend, DecodeError, decode, list } from "@quorate/curves";
import { FrostError, parseCommitment, suite as suiteOf } from "@quorate/frost/aggregate";
import type { GroupKey } from "@quorate/keygen";
import {
  isEcdsa,
  isSuite,
  MAX_DIGESTS,
  type PublishedCommitment,
  publishedCommitment,
  verifyCommitment,
} from "@quorate/orders";
import { conflicts, type Evidence, type Frame, type Participant, TO_ALL, verifyFrame } from "@quorate/protocol";
import { must } from "./unproven.ts";

/** What nonce commitments are judged by. */
interface Published {
  readonly key: GroupKey;
  readonly networkHash: Uint8Array;
  readonly backend: Backend;
}

const published = list(publishedCommitment, MAX_DIGESTS);

/**
 * Decides whether the culprits published two different lists of nonce commitments, or one in which something is not theirs or no
 * commitment. That a list is too long or too short follows from the request by rules that a judge of frames does not know: the signers
 * see it, and cannot show it.
 */
export function judgeCommitments(evidence: Evidence, participants: readonly Participant[], by: Published): boolean {
  const frames = evidence.frames.filter((one) => verifyFrame(evidence, participants, one));
  const { suite } = by.key;
  must(isSuite(suite) && !isEcdsa(suite), "the key does not sign by FROST");
  return evidence.culprits.every((culprit) => {
    const said = frames.filter((one) => one.from === culprit);
    if (evidence.code === "equivocation") return conflicts(evidence, participants, said).length > 0;
    return (
      evidence.code === "malformed" && said.some((one) => one.round === 1 && one.to === TO_ALL && !isGenuine(one, by))
    );
  });
}

function isGenuine({ from, body }: Frame, by: Published): boolean {
  try {
    return decode(published, body).every((one) => one.identifier === from && isOf(one, by));
  } catch (error) {
    if (error instanceof DecodeError || error instanceof FrostError) return false;
    throw error;
  }
}

/** @throws FrostError */
function isOf(commitment: PublishedCommitment, { key, networkHash, backend }: Published): boolean {
  const { suite, keyId, epoch } = key;
  if (!isSuite(suite) || isEcdsa(suite)) return false;
  const holder = key.participants.find((one) => one.identifier === commitment.identifier);
  parseCommitment(suiteOf(suite, backend), commitment);
  return holder !== undefined && verifyCommitment(holder.publicKey, { networkHash, keyId, epoch }, commitment);
}
