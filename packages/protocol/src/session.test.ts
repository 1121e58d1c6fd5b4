import { encode, Secret, u32 } from "@quorate/curves";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  Abort,
  broadcast,
  checkpoint,
  compareBroadcasts,
  conflicts,
  deliver,
  type Identifier,
  type Protocol,
  type Round,
  Session,
  type SessionState,
  type Step,
  signFrame,
  tamper,
  tampered,
} from "./index.ts";
import { type Delivery, runLocally, testParticipants } from "./testing.ts";

const round = (number: number, kind: "broadcast" | "private"): Round<number> => {
  return { number, name: `round ${number}`, kind, codec: u32, maxLength: 16 };
};
const [FIRST, SECOND, THIRD] = [round(1, "broadcast"), round(2, "private"), round(3, "broadcast")];
const ROUNDS = [FIRST, SECOND, THIRD];

const scope = { executionId: new Uint8Array(16).fill(7), context: new Uint8Array(32).fill(9) };
const { participants, identities } = testParticipants(4);
const everyone = [1, 2, 3, 4];

/** Everybody says a number in public, another to each in private, saves, and says the sum. */
function* sums(self: Identifier, secret: Secret): Protocol<string> {
  using held = secret;
  const said = yield* broadcast(FIRST, self * 100);
  const others = new Map([...said.keys()].map((to) => [to, self * 10 + to]));
  const whispered = yield* deliver(SECOND, others);
  const sum = [...said.values(), ...whispered.values()].reduce((a, b) => a + b, self * 100);
  yield* checkpoint(held);
  const sums = yield* broadcast(THIRD, sum);
  return [...sums].flat().join(" ");
}

type Edits = Partial<Record<Identifier, (step: Step) => Step>>;

function sessions(edits: Edits = {}, secrets: Secret[] = []): Map<Identifier, Session<string>> {
  return new Map(
    everyone.map((self) => {
      const secret = new Secret(new Uint8Array(32).fill(self));
      secrets[self] = secret;
      const honest = sums(self, secret);
      const protocol = edits[self] === undefined ? honest : tamper(honest, edits[self]);
      const identity = identities.get(self)!;
      return [self, new Session({ ...scope, participants, rounds: ROUNDS, self, identity }, protocol)];
    }),
  );
}

function run(edits: Edits = {}, delivery: Delivery = {}): ReadonlyMap<Identifier, SessionState<string>> {
  return runLocally(sessions(edits), delivery);
}

function abortOf(state: SessionState<string> | undefined): Abort {
  if (state?.kind !== "aborted") throw new Error(`not aborted but ${state?.kind}`);
  return state.abort;
}

/** A frame that `from` really signs for `to`. */
function forge(number: number, from: Identifier, to: Identifier, body: Uint8Array, echo: Uint8Array | null = null) {
  const { signature } = signFrame(scope, identities.get(from)!, { round: number, from, to, echo, body });
  return new Uint8Array(
    Buffer.concat([scope.executionId, Uint8Array.of(number), echo ?? new Uint8Array(), signature, body]),
  );
}

/** Replaces the bodies of one round. */
const inRound =
  (number: number, body: (to: Identifier, honest: Uint8Array) => Uint8Array | null) =>
  (step: Step): Step =>
    (step.kind === "broadcast" || step.kind === "private") && step.round.number === number
      ? tampered(step, everyone, body)
      : step;

describe("a run among the honest", () => {
  test("ends with the same output, whatever the order and however often frames arrive", () => {
    const expected = run();
    expect(expected.get(1)).toEqual({ kind: "done", output: expect.stringMatching(/^2 \d+ 3 \d+ 4 \d+$/) });
    const property = fc.property(fc.integer(), fc.boolean(), (seed, duplicates) => {
      expect(run({}, { seed: seed >>> 0, duplicates })).toEqual(expected);
    });
    fc.assert(property, { numRuns: 50 });
  });

  test("sends one broadcast's same bytes to all", () => {
    const frames = sessions().get(1)!.start();
    expect(frames.map((one) => one.to)).toEqual([2, 3, 4]);
    expect(new Set(frames.map((one) => Buffer.from(one.frame).toString("hex"))).size).toBe(1);
  });

  test("sends nothing past a checkpoint before it is saved", () => {
    const all = sessions();
    const lone = all.get(1)!;
    runLocally(all, { saves: (identifier) => identifier !== 1 });
    expect(lone.state.kind).toBe("checkpoint");
    expect(all.get(2)?.waitingFor).toEqual([1]);
    expect(lone.saved()).toHaveLength(3);
    expect(lone.state.kind).toBe("done");
    expect(() => lone.saved()).toThrow("no checkpoint");
  });

  test("shows all broadcasts of the run, its own too, and nothing private", () => {
    const all = sessions();
    runLocally(all, { saves: () => false });
    const shown = all.get(1)!.broadcasts.map(({ round, from, to }) => [round, from, to]);
    expect(shown.toSorted()).toEqual(everyone.map((from) => [1, from, 0]));
  });

  test("names those for whom it waits", () => {
    const lone = sessions().get(1)!;
    lone.start();
    lone.accept(3, forge(1, 3, 0, encode(u32, 300)));
    expect(lone.waitingFor).toEqual([2, 4]);
  });
});

describe("a frame that is not authentic", () => {
  const body = encode(u32, 1);
  const good = forge(1, 2, 0, body);
  const flipped = (at: number) => good.map((byte, index) => (index === at ? byte ^ 1 : byte));
  const elsewhere = (other: Partial<typeof scope>) => {
    const message = { round: 1, from: 2, to: 0, echo: null, body };
    const { signature } = signFrame({ ...scope, ...other }, identities.get(2)!, message);
    return new Uint8Array(Buffer.concat([scope.executionId, Uint8Array.of(1), signature, body]));
  };
  test.each([
    ["a flipped bit in the execution id", 2, flipped(0), "other_execution"],
    ["a flipped bit in the signature", 2, flipped(20), "bad_signature"],
    ["a flipped bit in the body", 2, flipped(82), "bad_signature"],
    ["the sender's frame claimed by another", 3, good, "bad_signature"],
    ["a sender who takes no part", 5, good, "stranger"],
    ["our own frame, reflected", 1, good, "stranger"],
    ["round 0", 2, flipped(16), "unreadable"],
    ["a round that was not declared", 2, forge(4, 2, 0, body), "unreadable"],
    ["a cut header", 2, good.subarray(0, 80), "unreadable"],
    ["nothing", 2, new Uint8Array(), "other_execution"],
    ["a body above the bound", 2, forge(1, 2, 0, new Uint8Array(17)), "oversized"],
    ["a frame signed in another context", 2, elsewhere({ context: new Uint8Array(32) }), "bad_signature"],
    ["a frame signed in another execution", 2, elsewhere({ executionId: new Uint8Array(16) }), "bad_signature"],
    ["a broadcast signed for one recipient only", 2, forge(1, 2, 1, body), "bad_signature"],
    ["a private frame meant for another", 2, forge(2, 2, 3, body, new Uint8Array(32)), "bad_signature"],
  ] as const)("is dropped and counted: %s", (_, from, frame, reason) => {
    const session = sessions().get(1)!;
    session.start();
    expect(session.accept(from, frame)).toEqual([]);
    expect(session.state.kind).toBe("running");
    expect(session.waitingFor).toContain(2);
    expect(Object.entries(session.dropped).filter(([, count]) => count > 0)).toEqual([[reason, 1]]);
  });

  test("cannot disturb a run even when it precedes each honest frame", () => {
    const states = run(
      {},
      { intercept: (_from, _to, frame) => [frame.map((byte, at) => (at === 40 ? byte ^ 1 : byte)), frame] },
    );
    expect(states).toEqual(run());
  });
});

describe("equivocation", () => {
  test("towards one peer is proven by two frames", () => {
    const session = sessions().get(1)!;
    session.start();
    const first = forge(1, 2, 0, encode(u32, 1));
    session.accept(2, first);
    first.fill(0); // the transport may use its buffer again
    session.accept(2, forge(1, 2, 0, encode(u32, 2)));
    const { code, culprits, evidence } = abortOf(session.state);
    expect([code, culprits]).toEqual(["equivocation", [2]]);
    expect(conflicts(evidence!, participants, evidence!.frames).map((one) => one.culprit)).toEqual([2]);
  });

  test("in a later or an earlier round is noticed as well", () => {
    for (const echo of [3, 4]) {
      const session = sessions().get(1)!;
      session.start();
      session.accept(2, forge(2, 2, 1, encode(u32, 1), new Uint8Array(32).fill(echo)));
      session.accept(2, forge(2, 2, 1, encode(u32, 1), new Uint8Array(32)));
      expect(abortOf(session.state).culprits).toEqual([2]);
    }
    const done = sessions();
    runLocally(done, { saves: () => false });
    const session = done.get(1)!;
    session.accept(2, forge(1, 2, 0, encode(u32, 1)));
    expect(abortOf(session.state).code).toBe("equivocation");
  });

  test("is not a second signature under the same content", () => {
    const session = sessions().get(1)!;
    session.start();
    const frame = forge(1, 2, 0, encode(u32, 1));
    session.accept(2, frame);
    session.accept(
      2,
      frame.map((byte, at) => (at === 20 ? byte ^ 1 : byte)),
    );
    expect(session.state.kind).toBe("running");
    expect(session.dropped.duplicate).toBe(1);
  });

  test("between peers ends every honest run without blame, and comparing the evidence names exactly the liar", () => {
    const states = run({ 2: inRound(1, (to, honest) => (to === 1 ? encode(u32, 666) : honest)) });
    const aborts = [1, 3, 4].map((one) => abortOf(states.get(one)));
    expect(aborts.map(({ code, culprits }) => [code, culprits])).toEqual(Array(3).fill(["echo_mismatch", []]));
    const frames = (at: number) => aborts[at]!.evidence!.frames;
    const proofs = compareBroadcasts(scope, participants, 1, frames(0), frames(1));
    expect(proofs.map((one) => one.culprit)).toEqual([2]);
    expect(compareBroadcasts(scope, participants, 1, frames(1), frames(2))).toEqual([]);
    const forged = frames(0).map((one) => ({ ...one, body: encode(u32, 5) }));
    expect(compareBroadcasts(scope, participants, 1, frames(1), forged)).toEqual([]);
  });
});

describe("an authentic frame with a fault", () => {
  test.each([
    ["short", new Uint8Array(3)],
    ["long", new Uint8Array(5)],
    ["empty", new Uint8Array()],
  ])("aborts and names the sender: %s", (_, body) => {
    for (const number of [1, 2, 3]) {
      const states = run({ 3: inRound(number, () => body) });
      for (const one of [1, 2, 4]) {
        const { code, culprits, verdict, evidence } = abortOf(states.get(one));
        expect([code, culprits, verdict]).toEqual(["malformed", [3], "retry"]);
        expect(evidence?.frames.some((frame) => frame.from === 3 && frame.round === number)).toBe(true);
      }
    }
  });

  test("leaves those who only wait without anybody to blame", () => {
    const states = run({ 3: inRound(2, (to, honest) => (to === 1 ? null : honest)) });
    expect(states.get(1)).toEqual({ kind: "running" });
  });

  test("shows private frames of the culprit only", () => {
    const states = run({ 3: inRound(2, (to, honest) => (to === 1 ? new Uint8Array(3) : honest)) });
    const { evidence } = abortOf(states.get(1));
    const shown = evidence!.frames.filter((frame) => frame.to !== 0).map(({ from, to }) => [from, to]);
    expect(shown).toEqual([[3, 1]]);
  });

  test("sends nothing more once aborted, and takes nothing in", () => {
    const session = sessions().get(1)!;
    session.start();
    session.accept(2, forge(1, 2, 0, encode(u32, 1)));
    session.accept(3, forge(1, 3, 0, encode(u32, 1)));
    expect(session.accept(4, forge(1, 4, 0, new Uint8Array(3)))).toEqual([]);
    expect(session.accept(2, forge(1, 2, 0, encode(u32, 1)))).toEqual([]);
    expect(session.dropped.finished).toBe(1);
  });
});

describe("stopping", () => {
  test("wipes what the protocol holds, in any round", () => {
    for (const until of [1, 2, 3]) {
      const secrets: Secret[] = [];
      const all = sessions({}, secrets);
      runLocally(all, { intercept: (_from, _to, frame) => (frame[16]! >= until ? [] : [frame]) });
      const session = all.get(1)!;
      expect(secrets[1]?.expose()[0]).toBe(1);
      session.stop(new Abort("timeout"));
      expect(abortOf(session.state).code).toBe("timeout");
      expect(() => secrets[1]?.expose()).toThrow("wiped");
    }
  });

  test("wipes at a checkpoint, after which saving is an error", () => {
    const all = sessions();
    runLocally(all, { saves: () => false });
    const { state } = all.get(1)!;
    all.get(1)!.stop(new Abort("stopped"));
    expect(state.kind === "checkpoint" && (() => state.value.expose())).toThrow("wiped");
    expect(() => all.get(1)!.saved()).toThrow("no checkpoint");
  });

  test("does not undo an end", () => {
    const all = sessions();
    runLocally(all);
    all.get(1)!.stop(new Abort("stopped"));
    expect(all.get(1)!.state.kind).toBe("done");
  });
});
