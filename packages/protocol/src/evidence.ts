import {
  bytes,
  type Codec,
  DecodeError,
  decode,
  encode,
  fixed,
  list,
  mapped,
  struct,
  text,
  u8,
  type Value,
} from "@quorate/curves";
import { type AbortCode, isAbortCode } from "./abort.ts";
import { type Frame, frame, type Scope, statement, TO_ALL, verifyFrame } from "./frame.ts";
import { type Identifier, MAX_PARTICIPANTS, type Participant } from "./participant.ts";

/** The largest encoded evidence, bytes. */
export const MAX_EVIDENCE_BYTES = 1 << 16;
const MAX_FRAMES = 256;

const abortCode: Codec<AbortCode> = mapped(
  text(64),
  (word) => {
    if (!isAbortCode(word)) throw new Error("unknown abort code");
    return word;
  },
  (code) => code,
);

/**
 * What an abort rests on, for others to judge: the signed frames of the run that bear on it. All broadcasts are shown, and
 * the private frames that the culprits themselves sent to the accuser, never those of anybody else.
 */
const codec = struct({
  code: abortCode,
  executionId: fixed(16),
  context: fixed(32),
  culprits: list(u8, MAX_PARTICIPANTS),
  frames: list(frame, MAX_FRAMES),
  /** What the protocol adds so that the failed check can be replayed. */
  exhibit: bytes(1 << 12),
});
export type Evidence = Value<typeof codec>;

export function encodeEvidence(evidence: Evidence): Uint8Array {
  return encode(codec, evidence);
}

/** @throws DecodeError also when longer than `MAX_EVIDENCE_BYTES` */
export function decodeEvidence(encoded: Uint8Array): Evidence {
  if (encoded.length > MAX_EVIDENCE_BYTES) throw new DecodeError("", `evidence of ${encoded.length} bytes`);
  return decode(codec, encoded);
}

/** Drops frames from the end until the evidence is within its bound: put those that matter most first. */
export function bound(evidence: Evidence): Evidence {
  const frames = evidence.frames.slice(0, MAX_FRAMES);
  while (encodeEvidence({ ...evidence, frames }).length > MAX_EVIDENCE_BYTES) frames.pop();
  return { ...evidence, frames };
}

/** Two frames that one participant signed for one place. */
export interface Conflict {
  readonly culprit: Identifier;
  readonly frames: readonly [Frame, Frame];
}

/**
 * Finds proofs of equivocation: authentic frames of one run with the same round, sender and recipient, and different
 * content. At most one per culprit. Signatures alone do not count: a message can have two.
 */
export function conflicts(
  scope: Scope,
  participants: readonly Participant[],
  frames: readonly Frame[],
): readonly Conflict[] {
  const first = new Map<string, Frame>();
  const found = new Map<Identifier, Conflict>();
  for (const one of frames) {
    if (!verifyFrame(scope, participants, one)) continue;
    const slot = `${one.round} ${one.from} ${one.to}`;
    const other = first.get(slot);
    if (other === undefined) first.set(slot, one);
    else if (Buffer.compare(statement(scope, one), statement(scope, other)) !== 0 && !found.has(one.from)) {
      found.set(one.from, { culprit: one.from, frames: [other, one] });
    }
  }
  return [...found.values()].toSorted((a, b) => a.culprit - b.culprit);
}

/** After an `echo_mismatch`: holds the broadcasts of a round as two participants received them side by side. */
export function compareBroadcasts(
  scope: Scope,
  participants: readonly Participant[],
  round: number,
  mine: readonly Frame[],
  theirs: readonly Frame[],
): readonly Conflict[] {
  const broadcasts = [...mine, ...theirs].filter((one) => one.round === round && one.to === TO_ALL);
  return conflicts(scope, participants, broadcasts);
}
