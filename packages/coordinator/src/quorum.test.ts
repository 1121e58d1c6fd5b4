import type { Member } from "@quorate/orders";
import { describe, expect, test } from "vitest";
import { Obstacles } from "./obstacles.ts";
import { Peers } from "./peers.ts";
import { availability, chooseSet } from "./quorum.ts";

const KEY = "aa".repeat(32);
const members = [1, 2, 3, 4, 5].map((identifier) => ({ identifier, node: `node-${identifier}` }));
const holding = { keyId: Buffer.from(KEY, "hex"), epoch: 0, state: "active", fault: "" } as const;

/** Peers whose round trips are 10, 20, ... ms, all with the key. */
function peers() {
  const all = new Peers(members.map((one) => one.node));
  for (const { identifier, node } of members) {
    all.observe(node, { connected: true, instance: "1", rttMs: 10 * identifier });
    all.hold(node, [holding]);
  }
  return all;
}

function chosen(all: Peers, obstacles: Obstacles, ready: readonly number[] = [1, 2, 3, 4, 5]) {
  const { usable } = availability(members, KEY, all, obstacles);
  const set = chooseSet(usable, 3, obstacles, (member) => ready.includes(member.identifier));
  return set.map((one) => one.identifier);
}

describe("availability", () => {
  test("says of everyone who cannot sign why", () => {
    const all = peers();
    const obstacles = new Obstacles();
    all.observe("node-1", { connected: false });
    all.hold("node-2", []);
    all.hold("node-3", [{ ...holding, state: "broken", fault: "corrupt_record" }]);
    all.hold("node-4", [{ ...holding, state: "staged" }]);
    obstacles.exclude(5, "wrong signature share");
    expect(availability(members, KEY, all, obstacles)).toEqual({
      usable: [],
      missing: [
        { node: "node-1", reason: "unreachable" },
        { node: "node-2", reason: "has not reported the key yet" },
        { node: "node-3", reason: "cannot open its share (corrupt_record)" },
        { node: "node-4", reason: "has the key only staged" },
        { node: "node-5", reason: "wrong signature share" },
      ],
    });
  });
});

describe("a signing set", () => {
  test("is made of the cheapest, ascending; of those with commitments ready if they are enough", () => {
    expect(chosen(peers(), new Obstacles())).toEqual([1, 2, 3]);
    expect(chosen(peers(), new Obstacles(), [5, 4, 2])).toEqual([2, 4, 5]);
    expect(chosen(peers(), new Obstacles(), [4, 5])).toEqual([1, 2, 3]);
  });

  test("takes the suspect after the others, and the guilty last", () => {
    const all = peers();
    all.suspect("node-1");
    all.blame("node-2");
    expect(chosen(all, new Obstacles())).toEqual([3, 4, 5]);
    all.observe("node-3", { connected: false });
    expect(chosen(all, new Obstacles())).toEqual([1, 4, 5]);
    all.heard("node-1");
    all.observe("node-4", { connected: false });
    expect(chosen(all, new Obstacles())).toEqual([1, 2, 5]);
  });

  test("takes those who cost this request an attempt last, however near and ready they are", () => {
    const obstacles = new Obstacles();
    obstacles.strike(1);
    obstacles.strike(1);
    obstacles.strike(2);
    expect(chosen(peers(), obstacles, [1, 2, 3])).toEqual([3, 4, 5]);
    obstacles.exclude(5, "refused");
    expect(chosen(peers(), obstacles)).toEqual([2, 3, 4]);
  });

  test("never holds two that accuse one another, as long as there are enough others", () => {
    const obstacles = new Obstacles();
    obstacles.part(1, 2);
    expect(chosen(peers(), obstacles)).toEqual([1, 3, 4]);
    obstacles.part(4, 1);
    obstacles.part(3, 1);
    expect(chosen(peers(), obstacles)).toEqual([2, 3, 4]);
    obstacles.part(2, 2);
    expect(chosen(peers(), obstacles)).toEqual([2, 3, 4]);
  });

  test("holds two who are banned from one another only if commitments lie ready: they exchange none", () => {
    const banned = (one: Member, other: Member) => one.identifier + other.identifier === 3;
    const choose = (ready: readonly number[]) => {
      const { usable } = availability(members, KEY, peers(), new Obstacles());
      const isReady = (member: Member) => ready.includes(member.identifier);
      return chooseSet(usable, 3, new Obstacles(), isReady, banned).map((one) => one.identifier);
    };
    expect([choose([1, 2, 3]), choose([])]).toEqual([
      [1, 2, 3],
      [1, 3, 4],
    ]);
  });

  test("finds the honest three of five, whatever the other two have accused everyone of", () => {
    const obstacles = new Obstacles();
    for (const liar of [1, 2]) for (const one of [1, 2, 3, 4, 5]) obstacles.part(liar, one);
    expect(chosen(peers(), obstacles)).toEqual([3, 4, 5]);
    obstacles.part(3, 4); // and if links are broken everywhere, somebody tries all the same
    expect(chosen(peers(), obstacles)).toEqual([1, 2, 3]);
  });
});
