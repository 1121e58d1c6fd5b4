import { bytes as bytesOf, decode, encode, fixed, struct, u8 } from "@quorate/curves";
import {
  type Edit,
  type Identifier,
  type Protocol,
  Session,
  type SessionState,
  tamper,
  tampered,
} from "@quorate/protocol";
import { runLocally, testParticipants } from "@quorate/protocol/testing";
import { describe, expect, test } from "vitest";
import {
  type Commitment,
  type FrostSuiteName,
  suite as suiteOf,
  verifyingKey,
  verifySignature,
} from "./aggregate/index.ts";
import { commit } from "./nonces.ts";
import { commitmentRound, exchangeCommitments, sign, signRounds } from "./sign.ts";
import { deal, seededRandom } from "./testing.ts";

const SUITES: readonly FrostSuiteName[] = ["ed25519", "taproot", "secp256k1", "p256"];
const message = Buffer.from("together");

type Edits = ReadonlyMap<Identifier, Edit>;

function run<Out>(
  signers: readonly Identifier[],
  rounds: typeof signRounds,
  protocolOf: (self: Identifier) => Protocol<Out>,
  edits: Edits = new Map(),
): ReadonlyMap<Identifier, SessionState<Out>> {
  const { participants, identities } = testParticipants(signers);
  const scope = { executionId: new Uint8Array(16).fill(1), context: new Uint8Array(32).fill(2) };
  const sessions = signers.map((self) => {
    const edit = edits.get(self);
    const protocol = edit === undefined ? protocolOf(self) : tamper(protocolOf(self), edit);
    const setup = { ...scope, participants, rounds, self, identity: identities.get(self)! };
    return [self, new Session(setup, protocol)] as const;
  });
  return runLocally(new Map(sessions));
}

/** Replaces what is sent in one round. */
function editing(round: number, signers: readonly Identifier[], body: (honest: Uint8Array) => Uint8Array): Edit {
  return (step) =>
    step.kind === "broadcast" && step.round.number === round
      ? tampered(step, signers, (_, honest) => body(honest))
      : step;
}

function blamed<Out>(states: ReadonlyMap<Identifier, SessionState<Out>>, honest: readonly Identifier[]) {
  return honest.map((one) => {
    const state = states.get(one)!;
    return state.kind === "aborted" ? [state.abort.code, ...state.abort.culprits] : [state.kind];
  });
}

describe.each(SUITES)("signing in two rounds with %s", (name) => {
  const suite = suiteOf(name, "fast");
  const { group } = suite;
  const keys = deal(suite, 2, 4, seededRandom(1));
  const root = name === "taproot" ? new Uint8Array() : null;
  const signers = [1, 2, 4];
  const together = (edits?: Edits) =>
    run(signers, signRounds, (self) => sign(keys[self - 1]!, message, seededRandom(self), root), edits);

  test("everybody gets the same valid signature", () => {
    const outputs = [...together().values()].map((state) => (state.kind === "done" ? state.output : state));
    expect(outputs[0]).toBeInstanceOf(Uint8Array);
    for (const output of outputs) expect(output).toEqual(outputs[0]);
    expect(verifySignature(suite, verifyingKey(keys[0]!, root), message, outputs[0] as Uint8Array)).toBe(true);
  });

  test("whoever sends a wrong share is named by all others", () => {
    const wrong = editing(2, signers, (share) => group.encodeScalar(group.mod(group.decodeScalar(share) + 1n)));
    expect(blamed(together(new Map([[4, wrong]])), [1, 2])).toEqual([
      ["bad_signature_share", 4],
      ["bad_signature_share", 4],
    ]);
    const two = together(
      new Map([
        [1, wrong],
        [4, wrong],
      ]),
    );
    expect(blamed(two, [2])).toEqual([["bad_signature_share", 1, 4]]);
  });

  test("whoever commits to bytes that are no point, in another's name or not once is named by all others", () => {
    const codec = struct({ identifier: u8, hiding: bytesOf(33), binding: bytesOf(33) });
    const edited = (change: object) => (body: Uint8Array) =>
      Uint8Array.of(0, 0, 0, 1, ...encode(codec, { ...decode(codec, body.subarray(4)), ...change }));
    const hostile = [
      edited({ hiding: new Uint8Array(group.pointLength) }),
      edited({ binding: new Uint8Array(group.pointLength).fill(255) }),
      edited({ binding: new Uint8Array() }),
      edited({ identifier: 1 }),
      edited({ identifier: 3 }),
      () => new Uint8Array(4),
    ];
    for (const body of hostile) {
      const states = together(new Map([[2, editing(1, signers, body)]]));
      expect(blamed(states, [1, 4])).toEqual([
        ["malformed", 2],
        ["malformed", 2],
      ]);
    }
  });
});

describe("exchanging commitments", () => {
  const suite = suiteOf("ed25519", "fast");
  const keys = deal(suite, 2, 3, seededRandom(1));
  const published = struct({ identifier: u8, hiding: bytesOf(33), binding: bytesOf(33), seal: fixed(1) });
  const round = commitmentRound(published, 76, 3);
  const own = (self: Identifier, count: number, seal = 7) =>
    Array.from({ length: count }, (_, at) => {
      const { commitment } = commit(keys[self - 1]!, seededRandom(self * 10 + at));
      return { ...commitment, encoded: { ...commitment.encoded, seal: Uint8Array.of(seal) } };
    });
  const exchange = (made: ReadonlyMap<Identifier, readonly Commitment<ReturnType<typeof own>[0]["encoded"]>[]>) =>
    run([1, 2, 3], [round], (self) => exchangeCommitments(suite, round, made.get(self)!, (one) => one.seal[0] === 7));

  test("gives everybody, for each message, the same list: ascending, parsed, with all that was published", () => {
    const made = new Map([1, 2, 3].map((self) => [self, own(self, 3)]));
    const wanted = [0, 1, 2].map((at) => [1, 2, 3].map((self) => made.get(self)![at]!.encoded));
    for (const [self, state] of exchange(made)) {
      if (state.kind !== "done") throw new Error(state.kind);
      const lists = state.output;
      expect(lists.map((list) => list.map((one) => encode(published, one.encoded)))).toEqual(
        wanted.map((list) => list.map((one) => encode(published, one))),
      );
      expect(lists.map((list) => list[self - 1])).toEqual(made.get(self));
      for (const one of lists.flat()) expect(suite.group.encodePoint(one.binding)).toEqual(one.encoded.binding);
    }
  });

  test("names whoever sends fewer or more than one commitment for each message, or one that is not genuine", () => {
    for (const odd of [own(3, 1), own(3, 3), own(3, 2, 8), [...own(3, 2), ...own(3, 1, 8)]]) {
      const states = exchange(
        new Map([
          [1, own(1, 2)],
          [2, own(2, 2)],
          [3, odd],
        ]),
      );
      expect(blamed(states, [1, 2])).toEqual([
        ["malformed", 3],
        ["malformed", 3],
      ]);
    }
  });
});
