import { encode, type Random } from "@quorate/curves";
import {
  type Abort,
  compareBroadcasts,
  conflicts,
  type Identifier,
  type SessionState,
  type Step,
  tampered,
} from "@quorate/protocol";
import { runLocally, seededRandom } from "@quorate/protocol/testing";
import { describe, expect, test } from "vitest";
import { verifyCertificate } from "./aggregate/index.ts";
import { keygenContext } from "./config.ts";
import { judge } from "./judge.ts";
import { keygenRounds } from "./rounds.ts";
import type { KeyShare } from "./share.ts";
import { type Edits, seeded, testConfig, testSessions, trustIn } from "./testing.ts";

const config = testConfig("ed25519", 2, 4);
const scope = { executionId: config.executionId, context: keygenContext(config) };
const LIAR = 2;
const everyone = [1, 2, 3, 4];

function bodiesOf(round: number, randomOf?: (self: Identifier) => Random): Uint8Array {
  let body = new Uint8Array();
  const record = (step: Step) => {
    if (step.kind === "broadcast" && step.round.number === round) body = new Uint8Array(step.body);
    return step;
  };
  runLocally(testSessions(config, { [LIAR]: record }, randomOf));
  return body;
}

/** Draws the same polynomial as ever, then other nonces for the proofs: another round 2, valid in every way. */
function otherProofs(self: Identifier): Random {
  const [usual, other] = [seeded(1)(self), seededRandom(77)];
  let drawn = 0;
  return (length) => (drawn++ < 6 ? usual : other)(length);
}

const told =
  (round: number, to: readonly Identifier[], lie: Uint8Array | null) =>
  (step: Step): Step => {
    const hit = (step.kind === "broadcast" || step.kind === "private") && step.round.number === round;
    return hit ? tampered(step, everyone, (one, honest) => (to.includes(one) ? lie : honest)) : step;
  };

const run = (edits: Edits) => runLocally(testSessions(config, edits));

function abortOf(state: SessionState<KeyShare> | undefined): Abort {
  if (state?.kind !== "aborted") throw new Error(state?.kind);
  return state.abort;
}

describe("a participant who broadcasts two versions", () => {
  test.each([
    ["commitments", 1, bodiesOf(1, seeded(9))],
    ["openings", 2, bodiesOf(2, otherProofs)],
  ])("of its %s makes all stop and blame nobody; comparing what two received proves who did it", (_, round, lie) => {
    expect(lie).not.toEqual(bodiesOf(round));
    for (const fooled of [[3], [3, 4], [1, 3]]) {
      const states = run({ [LIAR]: told(round, fooled, lie) });
      const aborts = new Map([1, 3, 4].map((one) => [one, abortOf(states.get(one))]));
      for (const { code, culprits } of aborts.values()) expect([code, culprits]).toEqual(["echo_mismatch", []]);
      const frames = (one: Identifier) => aborts.get(one)!.evidence!.frames;
      const trusting = [1, 3, 4].find((one) => !fooled.includes(one))!;
      const proofs = compareBroadcasts(scope, config.participants, round, frames(trusting), frames(3));
      expect(proofs.map((one) => one.culprit)).toEqual([LIAR]);
      const evidence = { ...aborts.get(3)!.evidence!, code: "equivocation", culprits: [LIAR] } as const;
      expect(judge({ ...evidence, frames: [...proofs[0]!.frames] }, config)).toBe(true);
      expect(judge(evidence, config)).toBe(false);
      expect(conflicts(scope, config.participants, frames(3))).toEqual([]);
    }
  });

  test("of its confirmation is named by those who see the wrong one; a full certificate still convinces them", () => {
    const [, , , CONFIRMATIONS] = keygenRounds(config);
    const wrong = encode(CONFIRMATIONS.codec, {
      verifyingShare: config.group.base(5n),
      proof: { commitment: config.group.base(5n), response: 1n },
      signature: new Uint8Array(64),
    });
    const states = run({ [LIAR]: told(4, [3], wrong) });
    const { code, culprits, evidence } = abortOf(states.get(3));
    expect([code, culprits]).toEqual(["wrong_verifying_share", [LIAR]]);
    expect(judge(evidence!, config)).toBe(true);
    const other = states.get(1);
    if (other?.kind !== "done") throw new Error(other?.kind);
    expect(() => verifyCertificate(other.output.certificate, trustIn(config.participants))).not.toThrow();
  });

  test("as the same bytes to all is only what it says", () => {
    const states = run({ [LIAR]: told(2, everyone, bodiesOf(2, otherProofs)) });
    expect([...states.values()].map((one) => one.kind)).toEqual(["aborted", "aborted", "aborted", "aborted"]);
    // The liar's own record of round 2 differs from what it sent, so it is its echo that stands out: nobody is blamed.
    for (const one of [1, 3, 4]) expect(abortOf(states.get(one)).culprits).toEqual([]);
  });
});

test.each([1, 2, 3, 4])("silence in round %i is waited for and blamed on nobody", (round) => {
  for (const victims of [[1], [1, 3, 4]]) {
    const states = run({ [LIAR]: told(round, victims, null) });
    for (const one of [1, 3, 4]) expect(states.get(one)?.kind).not.toBe("aborted");
    expect(states.get(1)?.kind).toBe("running");
  }
});
