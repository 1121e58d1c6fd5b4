import { PAIR_STATES, type PairState } from "@quorate/orders";
import { describe, expect, test } from "vitest";
import { type PairStatus, Pairs } from "./pairs.ts";

const NAMES = ["ada", "bob", "cyd"];

/** Ada and Bob as they describe one another. */
function pairs(ada: PairState | undefined, bob: PairState | undefined): Pairs {
  const all = new Pairs(NAMES);
  if (ada !== undefined) all.report("ada", { kind: "pairs", pairs: [{ node: "bob", state: ada }] });
  if (bob !== undefined) all.report("bob", { kind: "pairs", pairs: [{ node: "ada", state: bob }] });
  return all;
}

describe("a pair", () => {
  test("is ready only when both say so", () => {
    expect(pairs("ready", "ready").ready("ada", "bob")).toBe(true);
    for (const state of [...PAIR_STATES.filter((one) => one !== "ready"), undefined]) {
      expect(pairs("ready", state).ready("ada", "bob")).toBe(false);
      expect(pairs(state, "ready").ready("bob", "ada")).toBe(false);
    }
  });

  test.each<[PairState | undefined, PairState | undefined, PairStatus, boolean]>([
    ["ready", "banned", "banned", false],
    ["banned", undefined, "banned", false],
    ["making", "failed", "failed", false],
    ["making", "waiting", "waiting", true],
    ["making", "ready", "making", true],
    ["ready", undefined, "unreported", true],
    ["ready", "ready", "ready", true],
  ])("of which one says %s and the other %s is %s", (ada, bob, status, hopeful) => {
    expect(pairs(ada, bob).status("ada", "bob")).toBe(status);
    expect(pairs(bob, ada).status("bob", "ada")).toBe(status);
    expect(pairs(ada, bob).hopeful("ada", "bob")).toBe(hopeful);
  });
});

test("a report takes the place of the one before, and says whether it is news", () => {
  const all = new Pairs(NAMES);
  const report = { kind: "pairs" as const, pairs: [{ node: "bob", state: "ready" as const }] };
  expect(all.report("ada", report)).toBe(true);
  expect(all.report("ada", report)).toBe(false);
  expect(all.report("ada", { kind: "pairs", pairs: [] })).toBe(true);
  all.report("ada", report);
  all.report("bob", { kind: "pairs", pairs: [{ node: "ada", state: "ready" }] });
  expect(all.obstacles([member("ada"), member("bob")])).toEqual([]);
  all.forget("ada");
  expect(all.all()).toEqual([
    { nodes: ["ada", "bob"], status: "unreported" },
    { nodes: ["ada", "cyd"], status: "unreported" },
    { nodes: ["bob", "cyd"], status: "unreported" },
  ]);
});

function member(node: string) {
  return { identifier: 1, node };
}
