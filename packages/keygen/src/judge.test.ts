import { decode, encode } from "@quorate/curves";
import {
  type AbortCode,
  type Evidence,
  echoOf,
  type Frame,
  type Identifier,
  type Step,
  signFrame,
  statement,
  TO_ALL,
} from "@quorate/protocol";
import { runLocally, testParticipants } from "@quorate/protocol/testing";
import { describe, expect, test } from "vitest";
import { keygenContext } from "./config.ts";
import { encodeChainOpenings } from "./exhibit.ts";
import { judge } from "./judge.ts";
import { keygenRounds } from "./rounds.ts";
import { seeded, testConfig, testSessions } from "./testing.ts";

const config = testConfig("ed25519", 2, 3);
const scope = { executionId: config.executionId, context: keygenContext(config) };
const { identities } = testParticipants(3);
const [COMMITMENTS, OPENINGS, SHARES, CONFIRMATIONS] = keygenRounds(config);
const INNOCENT = 1;
const COLLUDER = 2;
const ACCUSER = 3;

const CODES = [
  "malformed",
  "equivocation",
  "bad_opening",
  "bad_proof",
  "bad_share",
  "bad_chain_code",
  "wrong_verifying_share",
  "bad_share_proof",
  "bad_transcript",
] as const satisfies readonly AbortCode[];
const AFTER_ROUND_3 = ["wrong_verifying_share", "bad_share_proof", "bad_transcript"] as const;

/** Everything that was signed in a run of honest participants: broadcasts, and what went to the accuser. */
function honestFrames(seed = 1): readonly Frame[] {
  const bodies = new Map<string, Uint8Array>();
  const record = (from: Identifier) => (step: Step) => {
    if (step.kind === "broadcast") bodies.set(`${step.round.number} ${from}`, step.body);
    if (step.kind === "private")
      bodies.set(`${step.round.number} ${from}`, step.bodies.get(ACCUSER) ?? new Uint8Array());
    return step;
  };
  runLocally(testSessions(config, { 1: record(1), 2: record(2), 3: record(3) }, seeded(seed)));
  const frames: Frame[] = [];
  for (const { number: round, kind } of [COMMITMENTS, OPENINGS, SHARES, CONFIRMATIONS]) {
    const previous = frames.filter((one) => one.round === round - 1 && one.to === TO_ALL);
    const echo = previous.length === 0 ? null : echoOf(previous.map((one) => statement(scope, one)));
    for (const from of [1, 2, 3]) {
      if (kind === "private" && from === ACCUSER) continue;
      const to = kind === "private" ? ACCUSER : TO_ALL;
      frames.push(
        signFrame(scope, identities.get(from)!, { round, from, to, echo, body: bodies.get(`${round} ${from}`)! }),
      );
    }
  }
  return frames;
}

const frames = honestFrames();

const bodyOf = (all: readonly Frame[], round: number, from: Identifier) =>
  all.find((one) => one.round === round && one.from === from)!.body;

/** All openings of the chain code; the accuser's own is not in a frame that it received, so it takes it from its own run. */
function exhibitOf(seed = 1): Uint8Array {
  const openings: ReturnType<typeof SHARES.codec.read>[] = [];
  const record = (step: Step) => {
    if (step.kind === "private") openings.push(decode(SHARES.codec, [...step.bodies.values()][0]!));
    return step;
  };
  runLocally(testSessions(config, { 1: record }, seeded(seed)));
  runLocally(testSessions(config, { 2: record }, seeded(seed)));
  runLocally(testSessions(config, { 3: record }, seeded(seed)));
  return encodeChainOpenings(openings);
}

const [exhibit, otherExhibit, otherFrames] = [exhibitOf(), exhibitOf(9), honestFrames(9)];

const accusation = (code: AbortCode, change: Partial<Evidence> = {}): Evidence => {
  return { ...scope, code, culprits: [INNOCENT], frames, exhibit, ...change };
};

/** A member of the coalition signs another body in one place of the run. */
function resigned(round: number, from: Identifier, body: Uint8Array): readonly Frame[] {
  return frames.map((one) => {
    return one.round === round && one.from === from ? signFrame(scope, identities.get(from)!, { ...one, body }) : one;
  });
}

describe("an innocent participant is not convicted", () => {
  test.each(CODES)("of %s by the frames of an honest run", (code) => {
    expect(judge(accusation(code), config)).toBe(false);
  });

  test.each(CODES)("of %s by frames that it did not sign", (code) => {
    for (const round of [1, 2, 3, 4]) {
      const altered = frames.map((one) => {
        return one.from === INNOCENT && one.round === round ? { ...one, body: bodyOf(frames, round, COLLUDER) } : one;
      });
      expect(judge(accusation(code, { frames: altered }), config)).toBe(false);
      expect(judge(accusation(code, { frames: [...altered, ...frames] }), config)).toBe(false);
    }
  });

  test.each(CODES)("of %s when frames are left out", (code) => {
    for (let without = 0; without < frames.length; without++) {
      expect(judge(accusation(code, { frames: frames.toSpliced(without, 1) }), config)).toBe(false);
    }
    expect(judge(accusation(code, { frames: [] }), config)).toBe(false);
  });

  test("by commitments of a colluder that it never received", () => {
    const other = resigned(1, COLLUDER, bodyOf(otherFrames, 1, COLLUDER));
    for (const code of CODES) expect(judge(accusation(code, { frames: other }), config)).toBe(false);
  });

  test("by openings of a colluder that it never received", () => {
    const other = resigned(2, COLLUDER, bodyOf(otherFrames, 2, COLLUDER));
    for (const code of CODES) expect(judge(accusation(code, { frames: other }), config)).toBe(false);
  });

  test.each(AFTER_ROUND_3)("of %s by openings of the chain code that nobody committed to", (code) => {
    for (const shown of [otherExhibit, new Uint8Array(), exhibit.slice(1), new Uint8Array(3 * 64)]) {
      expect(judge(accusation(code, { exhibit: shown }), config)).toBe(false);
    }
  });

  test("beside a guilty one", () => {
    const guilty = resigned(
      4,
      COLLUDER,
      encode(CONFIRMATIONS.codec, {
        ...decode(CONFIRMATIONS.codec, bodyOf(frames, 4, COLLUDER)),
        signature: new Uint8Array(64),
      }),
    );
    const evidence = accusation("bad_transcript", { frames: guilty });
    expect(judge({ ...evidence, culprits: [COLLUDER] }, config)).toBe(true);
    expect(judge({ ...evidence, culprits: [INNOCENT, COLLUDER] }, config)).toBe(false);
    expect(judge({ ...evidence, culprits: [] }, config)).toBe(false);
    for (const code of CODES.filter((one) => one !== "bad_transcript")) {
      expect(judge({ ...evidence, code, culprits: [COLLUDER] }, config)).toBe(false);
    }
  });
});

describe("evidence does not hold", () => {
  const guilty = accusation("bad_opening", {
    culprits: [COLLUDER],
    frames: resigned(2, COLLUDER, bodyOf(otherFrames, 2, COLLUDER)),
  });

  test("in another run, or under another configuration", () => {
    expect(judge(guilty, config)).toBe(true);
    expect(judge({ ...guilty, executionId: new Uint8Array(16) }, config)).toBe(false);
    expect(judge({ ...guilty, context: new Uint8Array(32) }, config)).toBe(false);
    expect(judge(guilty, { ...config, executionId: new Uint8Array(16) })).toBe(false);
    expect(judge(guilty, { ...config, minSigners: 3 })).toBe(false);
    expect(judge(guilty, { ...config, participants: testParticipants(4).participants })).toBe(false);
  });

  test("against somebody who takes no part, or under a code of another protocol", () => {
    expect(judge({ ...guilty, culprits: [9] }, config)).toBe(false);
    expect(judge({ ...guilty, code: "bad_signature_share" }, config)).toBe(false);
    expect(judge({ ...guilty, code: "echo_mismatch" }, config)).toBe(false);
  });
});
