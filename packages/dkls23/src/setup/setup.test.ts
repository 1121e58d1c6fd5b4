import { DecodeError, decode, type Identity, ristretto255 } from "@quorate/curves";
import type { Identifier, SessionState, Step } from "@quorate/protocol";
import { tampered } from "@quorate/protocol";
import { type Delivery, runLocally, testParticipants } from "@quorate/protocol/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { outputOf, pairOf, presignSessions, setupSessions, testKey, testPairConfig } from "../testing.ts";
import { decodePairSetup, type PairSetup } from "./pair-setup.ts";
import { CONFIRMATIONS, NONCES, pairRounds, STORED, transferRounds } from "./rounds.ts";

const { CHALLENGES, CHOICES } = transferRounds("fast");

const identities = [...testParticipants(2).identities.values()].toSorted((a, b) =>
  Buffer.compare(a.publicKey, b.publicKey),
) as [Identity, Identity];
const config = testPairConfig(identities[0].publicKey, identities[1].publicKey);

type Edit = (step: Step) => Step;
const run = (edits: Partial<Record<Identifier, Edit>> = {}, delivery: Delivery = {}, seed = 1) =>
  runLocally(setupSessions(config, identities, edits, seed), delivery);
const bit = (bytes: Uint8Array, z: number) => (bytes[z >> 3]! >> (z & 7)) & 1;

describe("a setup", () => {
  let first: PairSetup;
  let second: PairSetup;
  beforeAll(() => {
    const states = run();
    first = outputOf(states, 1);
    second = outputOf(states, 2);
  });

  test("gives Bob both seeds of every transfer, and Alice all but the one that her secret names", () => {
    for (const [bob, alice] of [
      [first, second],
      [second, first],
    ] as const) {
      for (let z = 0; z < 256; z++) {
        const known = 1 - bit(alice.alice.delta, z);
        const both = bob.bob.seeds.subarray(64 * z, 64 * z + 64);
        expect(alice.alice.seeds.subarray(32 * z, 32 * z + 32)).toEqual(both.subarray(32 * known, 32 * known + 32));
        expect(both.subarray(0, 32)).not.toEqual(both.subarray(32));
      }
    }
    expect(first.bob.seeds).not.toEqual(second.bob.seeds);
    expect(first.alice.delta).not.toEqual(second.alice.delta);
  });

  test("has one id and one zero seed at both ends, and each end its rank", () => {
    expect(first.setupId).toEqual(second.setupId);
    expect(first.zeroSeed).toEqual(second.zeroSeed);
    expect([first.rank, second.rank, first.epoch, second.epoch]).toEqual([1, 2, 0, 0]);
  });

  test("is another every time, and does not depend on the order in which frames arrive", () => {
    const again = run({}, { seed: 5, duplicates: true });
    expect(outputOf(again, 1).setupId).toEqual(first.setupId);
    const other = outputOf(run({}, {}, 2), 1);
    expect(other.setupId).not.toEqual(first.setupId);
    expect(other.zeroSeed).not.toEqual(first.zeroSeed);
  });

  test("is stored before its owner says so, and what is stored is what comes out", () => {
    const sessions = setupSessions(config, identities);
    const sent: number[] = [];
    const intercept = (from: Identifier, _to: Identifier, frame: Uint8Array) => {
      if (from === 1) sent.push(frame[16]!);
      return [frame];
    };
    const stuck = runLocally(sessions, { saves: (one) => one === 2, intercept });
    expect(sent).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(stuck.get(2)!.kind).toBe("running");
    const state = sessions.get(1)!.state;
    if (state.kind !== "checkpoint") throw new Error(state.kind);
    expect({ ...decodePairSetup(state.value.expose(), "fast") }).toEqual({ ...first });
    sessions.get(1)!.saved();
    expect(sessions.get(1)!.state.kind).toBe("done");
  });
});

const LIAR = 2;
const HONEST = 1;
type Body = (honest: Uint8Array) => Uint8Array | null;
const lie = (number: number, body: Body) =>
  run({
    [LIAR]: (step) => {
      const hit = step.kind === "private" && step.round.number === number;
      return hit ? tampered(step, [HONEST], (_to, honest) => body(honest)) : step;
    },
  });
const flip = (at: number) => (honest: Uint8Array) => honest.map((byte, index) => (index === at ? byte ^ 1 : byte));
const put = (at: number, value: Uint8Array) => (honest: Uint8Array) => {
  const copy = honest.slice();
  copy.set(value, at);
  return copy;
};

function verdictOf(states: ReadonlyMap<Identifier, SessionState<PairSetup>>) {
  const state = states.get(HONEST)!;
  if (state.kind !== "aborted") return state.kind;
  return [state.abort.code, state.abort.culprits, state.abort.verdict];
}
const other = ristretto255.base(5n);
const BAD_SETUP = ["bad_setup", [LIAR], "retry"];
const FAILED = ["warm_up_failed", [], "retry"];
const MALFORMED = ["malformed", [LIAR], "retry"];

describe("a peer is named, and no pair is burned, when it", () => {
  test.each<[string, number, Body]>([
    ["sends another nonce than it uses", 1, flip(0)],
    ["sends another part of the zero seed than it uses", 1, flip(32)],
    ["sends another base key", 2, put(0, other)],
    ["sends no point as base key", 2, put(0, new Uint8Array(32).fill(5))],
    ["sends the identity as base key", 2, put(0, new Uint8Array(32))],
    ["proves its base key with another commitment", 2, put(32, other)],
    ["proves its base key with another response", 2, flip(64)],
    ["sends no point as choice", 3, put(0, new Uint8Array(32).fill(5))],
    ["sends the identity as choice", 3, put(32, new Uint8Array(32))],
    ["sends a choice twice", 3, (honest) => put(32, honest.subarray(0, 32))(honest)],
    ["sends a choice in a form that is not canonical", 3, flip(0)],
    ["responds to a challenge with something else", 5, flip(0)],
    ["responds to the last challenge with something else", 5, flip(256 * 32 - 1)],
    ["opens a key to something else", 6, flip(0)],
    ["opens the other key to something else", 6, flip(32)],
    ["opens the last key to something else", 6, flip(256 * 64 - 1)],
    ["garbles its signature", 7, flip(0)],
    ["signs something else", 7, put(0, identities[1].sign(new Uint8Array(32)))],
  ])("%s", (_, round, body) => {
    expect(verdictOf(lie(round, body))).toEqual(BAD_SETUP);
  });

  test("replays what it sent in another setup", () => {
    for (const [round, expected] of [
      [2, BAD_SETUP],
      [7, BAD_SETUP],
    ] as const) {
      let earlier = new Uint8Array();
      const record: Edit = (step) => {
        if (step.kind === "private" && step.round.number === round) earlier = new Uint8Array(step.bodies.get(HONEST)!);
        return step;
      };
      run({ [LIAR]: record }, {}, 2);
      expect(verdictOf(lie(round, () => earlier))).toEqual(expected);
    }
  });

  test("shows the peer's own signature as its own", () => {
    let own = new Uint8Array();
    const record: Edit = (step) => {
      if (step.kind === "private" && step.round.number === 7) {
        own = new Uint8Array(decode(CONFIRMATIONS.codec, step.bodies.get(LIAR)!).signature);
      }
      return step;
    };
    run({ [HONEST]: record });
    expect(verdictOf(lie(7, put(0, own)))).toEqual(BAD_SETUP);
  });

  test("challenges so that the answer would tell a choice", () => {
    // Where the choice is 0 the response does not depend on the challenge, and the openings show that it was none.
    const { delta } = outputOf(run(), HONEST).alice;
    const z = Array.from({ length: 256 }, (_, at) => at).find((at) => bit(delta, at) === 1)!;
    expect(verdictOf(lie(CHALLENGES.number, flip(32 * z)))).toEqual(BAD_SETUP);
    const other = Array.from({ length: 256 }, (_, at) => at).find((at) => bit(delta, at) === 0)!;
    expect(verdictOf(lie(CHALLENGES.number, flip(32 * other)))).toBe("running");
  });

  test.each([
    ["the order as a correction of the warm-up", 0],
    ["the order as eta of the warm-up", 96 * 512],
  ])("sends %s", (_, at) => {
    const order = Buffer.from("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", "hex");
    expect(verdictOf(lie(9, put(at, order)))).toEqual(MALFORMED);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9])("sends too little in round %i", (number) => {
    expect(verdictOf(lie(number, (honest) => honest.slice(1)))).toEqual(MALFORMED);
  });
});

test.each([...pairRounds("fast"), ...pairRounds("model")])(
  "a body of round $number ($name) has one length",
  ({ codec, maxLength }) => {
    expect(() => decode<unknown>(codec, new Uint8Array(maxLength))).not.toThrow();
    for (const length of [0, maxLength - 1, maxLength + 1].filter((one) => one !== maxLength && one >= 0)) {
      expect(() => decode<unknown>(codec, new Uint8Array(length))).toThrow(DecodeError);
    }
  },
);

describe("a setup that came out wrong shows in its warm-up, which blames nobody:", () => {
  test.each([
    ["another nonce of the warm-up", 7, 64],
    ["a changed extension", 8, 0],
    ["a changed check of the extension", 8, 256 * 80 + 16],
    ["a changed multiplication", 9, 31],
    ["a changed check of the multiplication", 9, 96 * 512 + 63],
  ])("%s", (_, round, at) => {
    expect(verdictOf(lie(round, flip(at)))).toEqual(FAILED);
  });
});

test("silence is waited for and is nobody's fault", () => {
  for (const { number } of [NONCES, CHOICES, STORED]) expect(verdictOf(lie(number, () => null))).toBe("running");
});

describe("a lost last word", () => {
  let stored = 0;
  let states: ReadonlyMap<Identifier, SessionState<PairSetup>>;
  const lost = (from: Identifier, _to: Identifier, frame: Uint8Array) =>
    from === LIAR && frame[16] === STORED.number ? [] : [frame];
  beforeAll(() => {
    states = runLocally(setupSessions(config, identities, {}, 3), { saves: () => ++stored > 0, intercept: lost });
  });

  test("finds both with the setup stored, and one of them waiting", () => {
    expect(stored).toBe(2);
    expect([states.get(HONEST)!.kind, states.get(LIAR)!.kind]).toEqual(["running", "done"]);
  });

  test("leaves the two with different setups: presigning ends in that, blames nobody and burns nothing", () => {
    const key = testKey("p256", 2, 2);
    const ranked = key.participants.map((one) => (Buffer.compare(one.publicKey, config.identities[0]) === 0 ? 1 : 2));
    const setups = new Map([
      [HONEST, outputOf(run(), HONEST)],
      [LIAR, outputOf(states, LIAR)],
    ]);
    const held = [1, 2].map((self) => pairOf(setups.get(ranked[self - 1]!)!));
    const pairs = new Map([
      [1, new Map([[2, held[0]!]])],
      [2, new Map([[1, held[1]!]])],
    ]);
    for (const state of runLocally(presignSessions(key, [1, 2], { pairs })).values()) {
      expect(state).toMatchObject({
        kind: "aborted",
        abort: { code: "setup_mismatch", culprits: [], verdict: "retry" },
      });
    }
    expect(held.map((one) => one.burned)).toEqual([false, false]);
  });
});
