import { DecodeError, decode, type Group } from "@quorate/curves";
import {
  conflicts,
  type Evidence,
  type Frame,
  type Identifier,
  type Participant,
  verifyFrame,
} from "@quorate/protocol";
import { messageBytes } from "../multiply/index.ts";
import { presignRounds } from "./rounds.ts";
import { commitmentTo } from "./transcript.ts";

/** What names a presigning to everybody: as in `PresignConfig` and the `Session` that drove it. Public. */
export interface PresignScope {
  readonly group: Group;
  readonly suite: string;
  readonly context: Uint8Array;
  readonly executionId: Uint8Array;
  /** The signers. */
  readonly participants: readonly Participant[];
}

/**
 * Decides, from public data alone, whether evidence proves what it says of every culprit that it names. That is possible for
 * `malformed`, `equivocation` and `bad_opening`. It is not for the checks that burn a pair: their result depends on secrets of
 * whoever made them, whose word is all that there is.
 *
 * @returns `false` for a complaint that does not hold, or cannot be decided
 */
export function judgePresign(evidence: Evidence, scope: PresignScope): boolean {
  if (!same(evidence.context, scope.context) || !same(evidence.executionId, scope.executionId)) return false;
  const frames = evidence.frames.filter((one) => verifyFrame(scope, scope.participants, one));
  return evidence.culprits.length > 0 && evidence.culprits.every((one) => convicts(evidence, scope, frames, one));
}

function convicts(evidence: Evidence, scope: PresignScope, frames: readonly Frame[], culprit: Identifier): boolean {
  const said = frames.filter((one) => one.from === culprit);
  switch (evidence.code) {
    case "malformed":
      return said.some((one) => !isWellFormed(scope, one));
    case "equivocation":
      return conflicts(scope, scope.participants, said).length > 0;
    case "bad_opening":
      return said.some(
        (one) => one.round === 3 && said.some((first) => first.round === 1 && !opens(scope, first, one)),
      );
    default:
      return false;
  }
}

function isWellFormed({ group }: PresignScope, { round, body }: Frame): boolean {
  const [COMMITMENTS, EXTENSIONS, ANSWERS] = presignRounds(group);
  try {
    if (round === 1) decode(COMMITMENTS.codec, body);
    if (round === 2) decode(EXTENSIONS.codec, body);
    if (round === 3) scalarsOf(group, decode(ANSWERS.codec, body).message);
    return true;
  } catch {
    return false;
  }
}

/** All but the last 32 bytes of an answer to a multiplication are scalars. @throws Error at one that is not canonical */
function scalarsOf(group: Group, message: Uint8Array): void {
  for (let at = 0; at < messageBytes(group).second - 32; at += 32) group.decodeScalar(message.subarray(at, at + 32));
}

/** Whether round 3 of a signer opens what it committed to in round 1, for whatever request that was. */
function opens(scope: PresignScope, first: Frame, third: Frame): boolean {
  const [COMMITMENTS, , ANSWERS] = presignRounds(scope.group);
  try {
    const { request, nonce, commitment } = decode(COMMITMENTS.codec, first.body);
    const { bigR, salt } = decode(ANSWERS.codec, third.body);
    return same(commitment, commitmentTo({ ...scope, request }, first.from, nonce, bigR, salt));
  } catch (error) {
    if (error instanceof DecodeError) return true; // malformed, which is another complaint
    throw error;
  }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
