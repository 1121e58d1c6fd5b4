import { bytesToInteger, type GroupName, type Point } from "@quorate/curves";
import type { Identifier, Session } from "@quorate/protocol";
import { runLocally, seededRandom } from "@quorate/protocol/testing";
import { describe, expect, test } from "vitest";
import {
  outputOf,
  type Pairs,
  type PresignOptions,
  pairOf,
  presignLocally,
  presignSessions,
  setUpLocally,
  type TestKey,
  testKey,
  testPairs,
} from "../testing.ts";
import type { Presignature } from "./presignature.ts";

/** The secrets of all signers; the presignatures are spent. */
function reconstruct({ group }: TestKey, presignatures: ReadonlyMap<Identifier, Presignature>) {
  const parts = [...presignatures.values()].map((one) =>
    one.take(({ phi, u, v }) => [phi, u, v].map((bytes) => bytesToInteger(bytes))),
  );
  const total = (at: number) => group.mod(parts.reduce((sum, part) => sum + part[at]!, 0n));
  return { phi: total(0), u: total(1), v: total(2), parts };
}

/** k * G = R, u = k * phi and v = x' * phi. */
function expectPresignature(key: TestKey, all: ReadonlyMap<Identifier, Presignature>, x: bigint): void {
  const { group } = key;
  const R: Point = group.decodePoint([...all.values()][0]!.bigR);
  const { phi, u, v } = reconstruct(key, all);
  const k = group.mod(u * group.invert(phi));
  expect(group.equals(group.base(k), R)).toBe(true);
  expect(v).toBe(group.mod(x * phi));
}

const presigned = (key: TestKey, signers: readonly Identifier[], options?: PresignOptions) =>
  presignLocally(key, signers, options);

describe.each<GroupName>(["secp256k1", "p256"])("a presignature on %s", (name) => {
  const key = testKey(name, 3, 4);
  const { group } = key;

  test("is one of the key: the shares of u, v and phi make k * phi and x * phi, with R = k * G", () => {
    expectPresignature(key, presigned(key, [1, 2, 4]), key.secret);
  });

  test("is one of the child when a tweak is given", () => {
    const tweak = group.order - 5n;
    expectPresignature(key, presigned(key, [2, 3, 4], { tweak }), group.mod(key.secret + tweak));
  });

  test("says the same at all signers but for its secrets", () => {
    const all = [...presigned(key, [1, 2, 3]).values()];
    const [first] = all;
    for (const one of all) {
      expect({ ...one }).toEqual({ ...first });
      expect(one.signers).toEqual([1, 2, 3]);
      expect(group.equals(group.decodePoint(one.publicKey), key.publicKey)).toBe(true);
    }
    const { parts } = reconstruct(key, new Map(all.entries()));
    expect(new Set(parts.flat()).size).toBe(9);
  });

  test("comes from pairs as they set themselves up, in any order and with duplicated frames", () => {
    const setups = new Map([
      ["1,2", setUpLocally(1, 2)],
      ["1,3", setUpLocally(1, 3)],
      ["2,3", setUpLocally(2, 3)],
    ]);
    const { participants } = key;
    const keyOf = (one: Identifier) => participants.find(({ identifier }) => identifier === one)!.publicKey;
    const pairs: Pairs = new Map(
      [1, 2, 3].map((self) => {
        const peers = [1, 2, 3].filter((one) => one !== self);
        return [
          self,
          new Map(
            peers.map((peer) => {
              const both = setups.get([self, peer].toSorted().join())!;
              return [peer, pairOf(both[Buffer.compare(keyOf(self), keyOf(peer)) < 0 ? 0 : 1])];
            }),
          ),
        ];
      }),
    );
    for (const execution of [1, 2]) {
      const options = { pairs, execution, seed: execution, duplicates: true };
      expectPresignature(key, presigned(key, [1, 2, 3], options), key.secret);
    }
  });
});

describe("what a run does not repeat", () => {
  const key = testKey("secp256k1", 2, 3);
  const pairs = testPairs(key.participants);
  const bodiesOf = (session: Session<Presignature>, round: number) =>
    session.broadcasts.filter((one) => one.round === round).map((one) => Buffer.from(one.body).toString("hex"));

  test("two runs over the same pairs share no session id, nonce, mask or share", () => {
    const [one, other] = [1, 2].map((execution) => presigned(key, [1, 2], { pairs, execution }));
    expect(one!.get(1)!.sid).not.toEqual(other!.get(1)!.sid);
    expect(one!.get(1)!.bigR).not.toEqual(other!.get(1)!.bigR);
    const all = [one!, other!].flatMap((run) => reconstruct(key, run).parts.flat());
    expect(new Set(all).size).toBe(all.length);
  });

  test("a signer who repeats all of its randomness gets another session id all the same", () => {
    const first = presignSessions(key, [1, 2], { pairs, execution: 1 });
    const again = presignSessions(key, [1, 2], { pairs, execution: 2 });
    // Participant 1 in both executions draws what it drew in the first.
    const mixed = presignSessions(key, [1, 2], {
      pairs,
      execution: 2,
      config: (self) => (self === 1 ? { random: seededRandom(1001) } : {}),
    });
    const states = [first, again, mixed].map((sessions) => runLocally(sessions));
    expect(bodiesOf(mixed.get(2)!, 1)).not.toEqual(bodiesOf(again.get(2)!, 1));
    const sids = states.map((one) => Buffer.from(outputOf(one, 1).sid).toString("hex"));
    expect(new Set(sids).size).toBe(3);
  });
});
