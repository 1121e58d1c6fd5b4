import { decode, encode } from "@quorate/curves";
import {
  type AbortCode,
  type Evidence,
  type Frame,
  type Identifier,
  type Step,
  signFrame,
  TO_ALL,
} from "@quorate/protocol";
import { runLocally, testParticipants } from "@quorate/protocol/testing";
import { expect, test } from "vitest";
import { presignSessions, testKey, testPairs } from "../testing.ts";
import { presignContext } from "./config.ts";
import { judgePresign, type PresignScope } from "./judge.ts";
import { type Answer, presignRounds } from "./rounds.ts";

const ACCUSED = 2;
const key = testKey("secp256k1", 2, 3);
const { group } = key;
const [COMMITMENTS, , ANSWERS] = presignRounds(group);
const participants = key.participants.slice(0, 2);
const executionId = new Uint8Array(16).fill(1);
const scope: PresignScope = {
  ...{ group, suite: key.suite, executionId, participants },
  context: presignContext(key, "presign", executionId),
};
const identity = testParticipants(2).identities.get(ACCUSED)!;

/** What the accused sends to participant 1 in an honest run, by round. */
function honestBodies(execution: number): ReadonlyMap<number, Uint8Array> {
  const bodies = new Map<number, Uint8Array>();
  const record = (step: Step) => {
    if (step.kind === "broadcast") bodies.set(step.round.number, step.body.slice());
    if (step.kind === "private") bodies.set(step.round.number, step.bodies.get(1)!.slice());
    return step;
  };
  const pairs = testPairs(key.participants);
  runLocally(presignSessions(key, [1, ACCUSED], { pairs, execution, edits: { [ACCUSED]: record } }));
  return bodies;
}

const honest = honestBodies(1);
const frameOf = (round: number, body: Uint8Array, where = scope): Frame =>
  signFrame(where, identity, { round, from: ACCUSED, to: round === 1 ? TO_ALL : 1, echo: null, body });
const evidenceOf = (
  code: AbortCode,
  frames: readonly Frame[],
  culprits: readonly Identifier[] = [ACCUSED],
): Evidence => {
  return { code, executionId, context: scope.context, culprits, frames, exhibit: new Uint8Array() };
};
const framesOf = (bodies: ReadonlyMap<number, Uint8Array>) => [...bodies].map(([round, body]) => frameOf(round, body));
const convicts = (code: AbortCode, frames: readonly Frame[], culprits?: readonly Identifier[]) =>
  judgePresign(evidenceOf(code, frames, culprits), scope);
const answer = (edit: (one: Answer) => Answer) =>
  frameOf(3, encode(ANSWERS.codec, edit(decode(ANSWERS.codec, honest.get(3)!))));

const CODES: readonly AbortCode[] = ["malformed", "equivocation", "bad_opening", "bad_extension", "bad_consistency"];

test.each(CODES)("what an honest signer sent proves nothing against it (%s)", (code) => {
  const frames = framesOf(honest);
  expect(convicts(code, frames)).toBe(false);
  expect(convicts(code, [...frames, ...frames])).toBe(false);
  expect(convicts(code, [])).toBe(false);
  expect(convicts(code, frames, [])).toBe(false);
  expect(convicts(code, frames, [1])).toBe(false);
});

test("nor does what somebody else changed", () => {
  const body = encode(COMMITMENTS.codec, { ...decode(COMMITMENTS.codec, honest.get(1)!), request: new Uint8Array(32) });
  const forged = { ...frameOf(1, honest.get(1)!), body };
  expect(convicts("bad_opening", [forged, frameOf(3, honest.get(3)!)])).toBe(false);
  expect(convicts("malformed", [{ ...forged, body: body.slice(1) }])).toBe(false);
});

test("an opening of something else is proof, and only in the run in which it was signed", () => {
  const wrong = answer((one) => ({ ...one, bigR: group.base(5n) }));
  const frames = [frameOf(1, honest.get(1)!), wrong];
  expect(convicts("bad_opening", frames)).toBe(true);
  expect(convicts("bad_opening", frames, [1, ACCUSED])).toBe(false);
  for (const other of [{ executionId: new Uint8Array(16) }, { context: new Uint8Array(32) }]) {
    expect(judgePresign(evidenceOf("bad_opening", frames), { ...scope, ...other })).toBe(false);
    expect(judgePresign({ ...evidenceOf("bad_opening", frames), ...other }, scope)).toBe(false);
    expect(judgePresign({ ...evidenceOf("bad_opening", frames), ...other }, { ...scope, ...other })).toBe(false);
  }
  const elsewhere = { ...scope, executionId: new Uint8Array(16) };
  expect(convicts("bad_opening", [frameOf(1, honest.get(1)!), frameOf(3, wrong.body, elsewhere)])).toBe(false);
});

test.each([
  ["a short commitment", 1, honest.get(1)!.slice(1)],
  ["a short extension", 2, honest.get(2)!.slice(1)],
  ["a short answer", 3, honest.get(3)!.slice(1)],
])("%s is proof of its form", (_, round, body) => {
  expect(convicts("malformed", [frameOf(round, body)])).toBe(true);
  expect(convicts("bad_opening", [frameOf(1, honest.get(1)!), frameOf(round, body)])).toBe(false);
});

test("so is a scalar of the multiplication that is not canonical, and a check value is none", () => {
  const put = (at: number) => (one: Answer) => {
    const message = one.message.slice();
    message.fill(255, at, at + 32);
    return { ...one, message };
  };
  for (const at of [0, 96 * 512 - 32, 96 * 512]) expect(convicts("malformed", [answer(put(at))])).toBe(true);
  expect(convicts("malformed", [answer(put(96 * 512 + 32))])).toBe(false);
});

test("two messages for one place are proof of that", () => {
  const other = honestBodies(2);
  for (const round of [1, 2, 3]) {
    const frames = [frameOf(round, honest.get(round)!), frameOf(round, other.get(round)!)];
    expect(convicts("equivocation", frames)).toBe(true);
  }
});
