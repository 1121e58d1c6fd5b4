import { type Codec, DecodeError, decode, encode, type Group, type GroupName } from "@quorate/curves";
import {
  type Abort,
  decodeEvidence,
  encodeEvidence,
  type Identifier,
  type SessionState,
  type Step,
  tampered,
} from "@quorate/protocol";
import { runLocally, seededRandom } from "@quorate/protocol/testing";
import { describe, expect, test } from "vitest";
import { type Pairs, type PresignOptions, presignSessions, testKey, testPairs } from "../testing.ts";
import { presignContext } from "./config.ts";
import { judgePresign, type PresignScope } from "./judge.ts";
import type { Presignature } from "./presignature.ts";
import { type Answer, type Extension, presignRounds } from "./rounds.ts";

const LIAR = 2;
const HONEST = [1, 3];
const SIGNERS = [1, 2, 3];

type Body = (to: Identifier, honest: Uint8Array) => Uint8Array | null;
type States = ReadonlyMap<Identifier, SessionState<Presignature>>;

const inRound = (number: number, body: Body) => (step: Step) => {
  const hit = (step.kind === "broadcast" || step.kind === "private") && step.round.number === number;
  return hit ? tampered(step, SIGNERS, body) : step;
};
const edited =
  <T>(codec: Codec<T>, edit: (value: T) => T): Body =>
  (_to, honest) =>
    encode(codec, edit(decode(codec, honest)));
const changed = (bytes: Uint8Array, at: number) => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
const put = (bytes: Uint8Array, at: number, value: Uint8Array) => {
  const copy = bytes.slice();
  copy.set(value, at);
  return copy;
};

function abortOf(states: States, identifier: Identifier): Abort {
  const state = states.get(identifier);
  if (state?.kind !== "aborted") throw new Error(`participant ${identifier} is ${state?.kind}`);
  return state.abort;
}

/** Which pairs are burned, as `holder-peer`. */
const burned = (pairs: Pairs) =>
  [...pairs].flatMap(([self, peers]) =>
    [...peers].filter(([, pair]) => pair.burned).map(([peer]) => `${self}-${peer}`),
  );

describe.each<GroupName>(["secp256k1", "p256"])("on %s", (name) => {
  const key = testKey(name, 3, 4);
  const { group } = key;
  const [, EXTENSIONS, ANSWERS] = presignRounds(group);
  const order = new Uint8Array(Buffer.from(group.order.toString(16).padStart(64, "0"), "hex"));
  const executionId = new Uint8Array(16).fill(1);
  const scope: PresignScope = {
    ...{ group, suite: key.suite, executionId, context: presignContext(key, "presign", executionId) },
    participants: key.participants.filter((one) => SIGNERS.includes(one.identifier)),
  };
  const run = (options: PresignOptions) => {
    const pairs = testPairs(key.participants);
    const states = runLocally(presignSessions(key, SIGNERS, { pairs, ...options }));
    return { states, burned: burned(pairs) };
  };
  const lie = (round: number, body: Body) => run({ edits: { [LIAR]: inRound(round, body) } });
  const extensions = (edit: (one: Extension) => Extension) => edited(EXTENSIONS.codec, edit);
  const answers = (edit: (one: Answer) => Answer) => edited(ANSWERS.codec, edit);

  /** All honest signers stop for this reason and name the liar. */
  const expectBlame = ({ states, burned }: ReturnType<typeof run>, code: string, verdict: "retry" | "ban") => {
    for (const one of HONEST) {
      const abort = abortOf(states, one);
      expect([abort.code, abort.culprits, abort.verdict]).toEqual([code, [LIAR], verdict]);
      // What can be shown to others convinces them; what rests on this signer's secrets cannot be shown.
      const evidence = decodeEvidence(encodeEvidence(abort.evidence!));
      expect(judgePresign(evidence, scope)).toBe(verdict === "retry");
    }
    expect(burned.filter((one) => !one.startsWith(`${LIAR}`))).toEqual(verdict === "ban" ? ["1-2", "3-2"] : []);
  };
  /** All honest signers stop for this reason and name nobody; no pair is burned. */
  const expectNobody = ({ states, burned }: ReturnType<typeof run>, code: string, honest = HONEST) => {
    for (const one of honest) {
      const abort = abortOf(states, one);
      expect([abort.code, abort.culprits, abort.verdict]).toEqual([code, [], "retry"]);
    }
    expect(burned).toEqual([]);
  };

  describe("round 1:", () => {
    test("another request ends the run, and is nobody's fault", () => {
      const other = { request: new Uint8Array(32).fill(8) };
      expectNobody(run({ config: (self) => (self === LIAR ? other : {}) }), "request_mismatch", SIGNERS);
    });

    test("another context is not a part of the run", () => {
      const { participants } = key;
      const old = presignSessions({ ...key, epoch: 1 }, SIGNERS, { pairs: testPairs(participants) });
      const now = presignSessions(key, SIGNERS, { pairs: testPairs(participants) });
      now.set(LIAR, old.get(LIAR)!);
      const states = runLocally(now);
      for (const one of SIGNERS) expect(states.get(one)!.kind).toBe("running");
      expect(now.get(1)!.dropped.bad_signature).toBe(1);
    });

    test("a message that is too short or too long is named, or not looked at", () => {
      expectBlame(
        lie(1, (_, honest) => honest.slice(1)),
        "malformed",
        "retry",
      );
      for (const one of HONEST) {
        expect(lie(1, (_, honest) => Uint8Array.of(...honest, 0)).states.get(one)!.kind).toBe("running");
      }
    });

    test("two versions end the run before any check that could ban: honest signers, whose session ids differ, would fail it", () => {
      const pairs = testPairs(key.participants);
      const edits = {
        [LIAR](step: Step) {
          if (step.kind === "broadcast") return tampered(step, SIGNERS, (to, b) => (to === 3 ? changed(b, 40) : b));
          return inRound(2, (to, honest) => (to === 3 ? changed(honest, 5000) : honest))(step);
        },
      };
      const states = runLocally(presignSessions(key, SIGNERS, { pairs, edits }));
      expectNobody({ states, burned: burned(pairs) }, "echo_mismatch");
    });

    test("two versions to one signer prove who it was, and burn nothing", () => {
      const pairs = testPairs(key.participants);
      const options = { pairs, config: (self: Identifier) => ({ random: seededRandom(50 + self) }) };
      const [second] = presignSessions(key, SIGNERS, options).get(LIAR)!.start();
      const intercept = (from: Identifier, to: Identifier, frame: Uint8Array) =>
        from === LIAR && to === 1 && frame[16] === 1 ? [frame, second!.frame] : [frame];
      const states = runLocally(presignSessions(key, SIGNERS, { pairs }), { intercept });
      const { code, culprits, evidence } = abortOf(states, 1);
      expect([code, culprits, judgePresign(evidence!, scope)]).toEqual(["equivocation", [LIAR], true]);
      expect(burned(pairs)).toEqual([]);
    });

    test("what a relay changes, or replays from another run, is dropped", () => {
      const pairs = testPairs(key.participants);
      const old = presignSessions(key, SIGNERS, { pairs, execution: 2 }).get(LIAR)!.start();
      const intercept = (from: Identifier, to: Identifier, frame: Uint8Array) =>
        from === LIAR && frame[16] === 1
          ? [old.find((one) => one.to === to)!.frame, changed(frame, frame.length - 1), frame]
          : [frame];
      const sessions = presignSessions(key, SIGNERS, { pairs });
      const states = runLocally(sessions, { intercept, seed: 4 });
      for (const one of SIGNERS) expect(states.get(one)!.kind).toBe("done");
      const { dropped } = sessions.get(1)!;
      expect(dropped.other_execution + dropped.finished).toBeGreaterThan(0);
      expect(burned(pairs)).toEqual([]);
    });
  });

  describe("round 2:", () => {
    test("another setup ends the run before its extension is looked at, and is nobody's fault", () => {
      const body = extensions((one) => ({ setupId: changed(one.setupId, 0), message: changed(one.message, 0) }));
      expectNobody(lie(2, body), "setup_mismatch");
    });

    test.each([
      ["a row", 0],
      ["the last row", 256 * 80 - 1],
      ["the folded choices", 256 * 80],
      ["the folded rows", 256 * 80 + 16],
      ["the last folded row", 24591],
    ])("an extension with a change in %s burns the pair at those who saw it", (_, at) => {
      const body = extensions((one) => ({ ...one, message: changed(one.message, at) }));
      expectBlame(lie(2, body), "bad_extension", "ban");
      const toOne = lie(2, (to, honest) => (to === 3 ? body(to, honest) : honest));
      expect(abortOf(toOne.states, 3).code).toBe("bad_extension");
      expect(toOne.states.get(1)!.kind).toBe("running");
      expect(toOne.burned).toEqual(["3-2"]);
    });

    test("evidence of a ban shows nothing that was sent in private", () => {
      const { states } = lie(
        2,
        extensions((one) => ({ ...one, message: changed(one.message, 0) })),
      );
      expect(abortOf(states, 1).evidence!.frames.every((one) => one.to === 0)).toBe(true);
    });

    test("an extension of the other direction, or of another signer, does not pass", () => {
      let other = new Uint8Array();
      const swap: Body = (to, honest) => {
        if (to === 1) other = new Uint8Array(honest);
        return to === 3 ? new Uint8Array([...honest.subarray(0, 32), ...other.subarray(32)]) : honest;
      };
      const { states, burned } = lie(2, swap);
      expect(abortOf(states, 3).code).toBe("bad_extension");
      expect(burned).toEqual(["3-2"]);
    });

    test("a message that is too short is named", () => {
      expectBlame(
        lie(2, (_, honest) => honest.slice(1)),
        "malformed",
        "retry",
      );
      expectBlame(
        lie(2, () => new Uint8Array()),
        "malformed",
        "retry",
      );
    });
  });

  describe("round 3:", () => {
    test.each<[string, (one: Answer) => Answer]>([
      ["another point", (one) => ({ ...one, bigR: group.base(5n) })],
      ["the negated point", (one) => ({ ...one, bigR: group.negate(one.bigR) })],
      ["another salt", (one) => ({ ...one, salt: changed(one.salt, 0) })],
    ])("an opening with %s is named and burns nothing", (_, edit) => {
      expectBlame(lie(3, answers(edit)), "bad_opening", "retry");
    });

    test.each([
      ["the first correction", 31],
      ["the last correction", 96 * 512 - 1],
      ["eta", 96 * 512 + 31],
      ["mu", 96 * 512 + 32],
    ])("a multiplication with a change in %s burns the pair", (_, at) => {
      expectBlame(
        lie(
          3,
          answers((one) => ({ ...one, message: changed(one.message, at) })),
        ),
        "bad_multiplication",
        "ban",
      );
    });

    test.each<[string, (one: Answer) => Answer]>([
      ["image of c^u", (one) => ({ ...one, gammaU: group.add(one.gammaU, group.generator) })],
      ["image of c^v", (one) => ({ ...one, gammaV: group.add(one.gammaV, group.generator) })],
      ["summand of the key", (one) => ({ ...one, pk: group.add(one.pk, group.generator) })],
      ["image of each, exchanged", (one) => ({ ...one, gammaU: one.gammaV, gammaV: one.gammaU })],
      [
        "image of each, which cancel",
        (one) => ({
          ...one,
          gammaU: group.add(one.gammaU, group.generator),
          gammaV: group.subtract(one.gammaV, group.generator),
        }),
      ],
    ])("another %s burns the pair", (_, edit) => {
      expectBlame(lie(3, answers(edit)), "bad_consistency", "ban");
    });

    /** Multiplies `base` number `at` by another scalar than it says: 1 is R_i, 2 is pk_i. */
    const lyingGroup = (at: number): Group => {
      let count = 0;
      return { ...group, base: (k) => group.base(++count === at ? group.mod(k + 1n) : k) };
    };
    test.each([
      ["share of the nonce than it committed to", 1],
      ["summand of the key than it shows", 2],
    ])("multiplying with another %s burns the pair", (_, at) => {
      expectBlame(
        run({ config: (self) => (self === LIAR ? { group: lyingGroup(at) } : {}) }),
        "bad_consistency",
        "ban",
      );
    });

    const start = 96 * 512 + 64;
    test.each<[string, Body]>([
      ["the point at infinity as image", (_, honest) => put(honest, start, new Uint8Array(33))],
      ["a point off the curve as image", (_, honest) => put(honest, start + 33, new Uint8Array(33).fill(5))],
      ["the order as psi", (_, honest) => put(honest, start + 66, order)],
      ["the point at infinity as R", (_, honest) => put(honest, start + 98, new Uint8Array(33))],
      ["the point at infinity as pk", (_, honest) => put(honest, honest.length - 33, new Uint8Array(33))],
      ["the order as correction", (_, honest) => put(honest, 96, order)],
      ["a correction above the order", (_, honest) => put(honest, 0, new Uint8Array(32).fill(255))],
      ["the order as eta", (_, honest) => put(honest, 96 * 512, order)],
      ["a message that is too short", (_, honest) => honest.slice(1)],
      ["nothing", () => new Uint8Array()],
    ])("%s is named and burns nothing", (_, body) => {
      expectBlame(lie(3, body), "malformed", "retry");
    });

    test.each<[string, NonNullable<PresignOptions["config"]>]>([
      ["a wrong share", (self) => (self === LIAR ? { signingShare: 5n } : {})],
      [
        "a share of another epoch",
        (self) => (self === LIAR ? { signingShare: testKey(name, 3, 4, 8).shares.get(LIAR)! } : {}),
      ],
      ["another path", (self) => (self === LIAR ? { tweak: 9n } : {})],
      ["the key of another path", () => ({ publicKey: group.base(7n) })],
    ])("%s ends the run at all, is nobody's fault and burns nothing", (_, config) => {
      expectNobody(run({ config }), "inconsistent_shares", SIGNERS);
    });

    test("another zero seed ends the run alike", () => {
      const pairs = testPairs(key.participants);
      pairs.get(LIAR)!.get(1)!.setup.zeroSeed.fill(1);
      const states = runLocally(presignSessions(key, SIGNERS, { pairs }));
      expectNobody({ states, burned: burned(pairs) }, "inconsistent_shares", SIGNERS);
    });
  });

  test.each([1, 2, 3])("silence in round %i is waited for and is nobody's fault", (round) => {
    const { states, burned } = lie(round, () => null);
    for (const one of HONEST) expect(states.get(one)!.kind).toBe("running");
    expect(burned).toEqual([]);
  });
});

test("a codec of a round reads no other length", () => {
  for (const { codec, maxLength } of presignRounds(testKey("p256", 2, 2).group)) {
    for (const length of [0, maxLength - 1, maxLength + 1]) {
      expect(() => decode<unknown>(codec, new Uint8Array(length))).toThrow(DecodeError);
    }
  }
});
