import { type Identifier, type Session, type Step, tampered } from "@quorate/protocol";
import { runLocally } from "@quorate/protocol/testing";
import { describe, expect, test } from "vitest";
import type { PairSetup } from "../setup/pair-setup.ts";
import {
  dealPair,
  type Pairs,
  pairOf,
  presignSessions,
  type TestKey,
  testKey,
  testPairConfig,
  testPairs,
} from "../testing.ts";
import type { Pair } from "./config.ts";
import type { Presignature } from "./presignature.ts";

/**
 * The attack: a peer, as Bob, begins its multiplication from one wrong seed, before anything is derived from it. Row z of the extension is
 * then wrong exactly where Alice's long-term bit Delta_z is 1, so that her check tells him the bit; all 256 are her part of the pair.
 */
const PROBER = 2;
const VICTIM = 1;

const setupOf = (pairs: Pairs, self: Identifier, peer: Identifier) => pairs.get(self)!.get(peer)!.setup;
const bit = (bytes: Uint8Array, z: number) => (bytes[z >> 3]! >> (z & 7)) & 1;

/** The prober's setup with the victim, with seed `K_{z,0}` changed. */
function probing(key: TestKey, z: number): PairSetup {
  const [prober, victim] = [PROBER, VICTIM].map((one) => key.participants[one - 1]!.publicKey);
  const config = testPairConfig(prober!, victim!);
  const setup = dealPair(config)[config.identities[0] === prober ? 0 : 1];
  setup.bob.seeds[64 * z]! ^= 1;
  return setup;
}

/** A session of each signer, in which the prober asks for bit `z`. */
function probe(key: TestKey, signers: readonly Identifier[], pairs: Pairs, z: number, execution: number) {
  const asked = new Map(pairs.get(PROBER)!).set(VICTIM, pairOf(probing(key, z)));
  return presignSessions(key, signers, { pairs: new Map(pairs).set(PROBER, asked), execution });
}

const key = testKey("secp256k1", 2, 3);
const { delta } = setupOf(testPairs(key.participants), VICTIM, PROBER).alice;
const bits = Array.from({ length: 256 }, (_, z) => bit(delta, z));
const abortCode = (session: Session<Presignature>) =>
  session.state.kind === "aborted" ? session.state.abort.code : session.state.kind;

describe("a peer that begins from a wrong seed", () => {
  test("passes exactly where the victim's bit is 0, and burns the pair where it is 1", () => {
    for (const z of [0, 1, 2, 3, 100, 254, 255]) {
      const pairs = testPairs(key.participants);
      const sessions = probe(key, [VICTIM, PROBER], pairs, z, z);
      const states = runLocally(sessions);
      const caught = bits[z] === 1;
      expect(states.get(VICTIM)).toMatchObject(
        caught ? { kind: "aborted", abort: { code: "bad_extension", culprits: [PROBER] } } : { kind: "done" },
      );
      expect(pairs.get(VICTIM)!.get(PROBER)!.burned).toBe(caught);
    }
  });

  test("is never answered again", () => {
    const pairs = testPairs(key.participants);
    runLocally(probe(key, [VICTIM, PROBER], pairs, bits.indexOf(1), 1));
    for (const signers of [
      [VICTIM, PROBER],
      [VICTIM, PROBER, 3],
    ]) {
      const session = presignSessions(key, signers, { pairs, execution: 2 }).get(VICTIM)!;
      expect(session.start()).toEqual([]);
      expect(abortCode(session)).toBe("pair_burned");
    }
    expect(() => runLocally(presignSessions(key, [VICTIM, 3], { pairs, execution: 3 }))).not.toThrow();
  });

  /** All that would leave the victim for the prober after frames of all sessions of one round came in. */
  function storm(sessions: readonly Session<Presignature>[], frames: readonly Uint8Array[]) {
    return sessions.map((session, at) => session.accept(PROBER, frames[at]!).filter((one) => one.to === PROBER));
  }

  const PROBES = 32;
  const keys = [key, testKey("p256", 2, 3, 8), testKey("secp256k1", 2, 3, 9)];

  test("learns nothing beyond the first verdict from 32 sessions over several keys at once", () => {
    const pairs = testPairs(key.participants);
    const runs = Array.from({ length: PROBES }, (_, z) => probe(keys[z % 3]!, [VICTIM, PROBER], pairs, z, z));
    const [victims, probers] = [VICTIM, PROBER].map((one) => runs.map((run) => run.get(one)!));
    const commitments = probers!.map((one) => one.start()[0]!.frame);
    const extensions = victims!.map((one, at) => probers![at]!.accept(VICTIM, one.start()[0]!.frame)[0]!.frame);
    storm(victims!, commitments);
    const answered = storm(victims!, extensions);
    const first = bits.indexOf(1);
    expect(first).toBeLessThan(PROBES);
    expect(answered.map((one) => one.length)).toEqual(bits.slice(0, PROBES).map((_, z) => (z < first ? 1 : 0)));
    const codes = victims!.map(abortCode);
    expect(codes[first]).toBe("bad_extension");
    expect(new Set(codes.slice(first + 1))).toEqual(new Set(["pair_burned"]));
  });

  test("learns nothing at all where the others of the sets have yet to speak", () => {
    const signers = [VICTIM, PROBER, 3];
    const larger = testKey("secp256k1", 3, 3);
    const pairs = testPairs(larger.participants);
    const runs = Array.from({ length: PROBES }, (_, z) => probe(larger, signers, pairs, z, z));
    const frames = runs.map((run) => {
      const started = new Map([...run].map(([one, session]) => [one, session.start()]));
      const seconds = new Map<Identifier, Uint8Array>();
      for (const from of signers) {
        for (const to of signers.filter((one) => one !== from)) {
          const frame = started.get(from)!.find((one) => one.to === to)!.frame;
          for (const one of run.get(to)!.accept(from, frame)) if (one.to === VICTIM) seconds.set(to, one.frame);
        }
      }
      return seconds;
    });
    const victims = runs.map((run) => run.get(VICTIM)!);
    const fromProber = storm(
      victims,
      frames.map((one) => one.get(PROBER)!),
    );
    const fromThird = victims.map((one, at) => one.accept(3, frames[at]!.get(3)!));
    expect([...fromProber, ...fromThird].flat()).toEqual([]);
    expect(victims.filter((one) => abortCode(one) === "bad_extension").length).toBe(1);
    expect(victims.filter((one) => abortCode(one) === "pair_burned").length).toBe(PROBES - 1);
  });
});

describe("a pair that is burned from elsewhere", () => {
  /** Burned by the time its flag is read for the n-th time. */
  function burnedAtRead(setup: PairSetup, n: number): Pair {
    let reads = 0;
    return {
      setup,
      get burned() {
        return ++reads >= n;
      },
      burn() {},
    };
  }

  test.each([
    ["at the start, nothing is sent", 1, 0, "pair_burned"],
    ["when an extension comes in, it is not checked", 2, 2, "pair_burned"],
    ["after the last check, nothing is answered", 3, 2, "pair_burned"],
    ["when an answer comes in, it is not checked", 4, 3, "pair_burned"],
    ["afterwards, the presignature is made", 5, 3, "done"],
  ])("is seen %s", (_, read, rounds, end) => {
    const pairs = testPairs(key.participants);
    const pair = burnedAtRead(setupOf(pairs, VICTIM, PROBER), read);
    const sent = new Set<number>();
    const intercept = (from: Identifier, _to: Identifier, frame: Uint8Array) => {
      if (from === VICTIM) sent.add(frame[16]!);
      return [frame];
    };
    const changed = new Map(pairs).set(VICTIM, new Map([[PROBER, pair]]));
    const sessions = presignSessions(key, [VICTIM, PROBER], { pairs: changed });
    runLocally(sessions, { intercept });
    expect(sent.size).toBe(rounds);
    expect(abortCode(sessions.get(VICTIM)!)).toBe(end);
  });

  test("ends the run before a bad extension or a bad answer can be blamed on its sender", () => {
    for (const round of [2, 3]) {
      const pairs = testPairs(key.participants);
      const intercept = (from: Identifier, _to: Identifier, frame: Uint8Array) => {
        if (from === PROBER && frame[16] === round) pairs.get(VICTIM)!.get(PROBER)!.burn();
        return [frame];
      };
      const edit = (step: Step) =>
        step.kind === "private" ? tampered(step, [VICTIM], (_, body) => body.map((byte) => byte ^ 1)) : step;
      const edits = round === 2 ? { [PROBER]: edit } : {};
      const states = runLocally(presignSessions(key, [VICTIM, PROBER], { pairs, edits }), { intercept });
      expect(states.get(VICTIM)).toMatchObject({ kind: "aborted", abort: { code: "pair_burned", culprits: [] } });
    }
  });
});
