import { type Backend, DecodeError, decode, elementGroup } from "@quorate/curves";
import {
  conflicts,
  type Evidence,
  type Frame,
  type Identifier,
  type Participant,
  type Scope,
  verifyFrame,
} from "@quorate/protocol";
import { BASE_KEYS, pairRounds, transferRounds } from "./rounds.ts";

/** What names a setup to everybody. `participants`: the ranks 1 and 2 with the pair's identities. */
export interface PairScope extends Scope {
  readonly participants: readonly Participant[];
  readonly backend: Backend;
}

const POINT_BYTES = 32;

/**
 * Decides, from public data alone, whether evidence proves what it says of every culprit that it names: `malformed`, `equivocation`, and
 * of `bad_setup` what one message shows by itself: bytes that encode no element, and one element twice. The rest of `bad_setup` cannot
 * be shown: all messages are private, so nobody else knows what the culprit had been sent, and the checks look at secrets of the accuser.
 *
 * @returns `false` for a complaint that does not hold, or cannot be decided
 */
export function judgePair(evidence: Evidence, scope: PairScope): boolean {
  if (!same(evidence.context, scope.context) || !same(evidence.executionId, scope.executionId)) return false;
  const frames = evidence.frames.filter((one) => verifyFrame(scope, scope.participants, one));
  return evidence.culprits.length > 0 && evidence.culprits.every((one) => convicts(evidence, scope, frames, one));
}

function convicts(evidence: Evidence, scope: PairScope, frames: readonly Frame[], culprit: Identifier): boolean {
  const said = frames.filter((one) => one.from === culprit);
  switch (evidence.code) {
    case "malformed":
      return said.some((one) => !decodes(scope, one));
    case "equivocation":
      return conflicts(scope, scope.participants, said).length > 0;
    case "bad_setup":
      return said.some((one) => decodes(scope, one) && !areElements(scope, one));
    default:
      return false;
  }
}

function decodes({ backend }: PairScope, { round, body }: Frame): boolean {
  const codec = pairRounds(backend)[round - 1]?.codec;
  try {
    if (codec !== undefined) decode<unknown>(codec, body);
    return true;
  } catch (error) {
    if (error instanceof DecodeError) return false;
    throw error;
  }
}

/** Whether all that a participant sends as an element, in the rounds that have some, is one; and no two choices are equal. */
function areElements({ backend }: PairScope, { round, body }: Frame): boolean {
  const isChoices = round === transferRounds(backend).CHOICES.number;
  const count = round === BASE_KEYS.number ? 2 : isChoices ? body.length / POINT_BYTES : 0;
  const points = Array.from({ length: count }, (_, at) => body.subarray(at * POINT_BYTES, (at + 1) * POINT_BYTES));
  const different = new Set(points.map((one) => Buffer.from(one).toString("hex"))).size;
  return (!isChoices || different === count) && points.every((one) => isElement(backend, one));
}

function isElement(backend: Backend, bytes: Uint8Array): boolean {
  try {
    elementGroup(backend).multiply(bytes, 1n);
    return true;
  } catch {
    return false;
  }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
