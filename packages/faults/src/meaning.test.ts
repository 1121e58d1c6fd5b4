import { expect, test } from "vitest";
import { decide, type Fault, type LinkFault, linkRules, nodesOf } from "./index.ts";
import { NODES } from "./testing/nodes.ts";

test.each<[Fault, readonly string[]]>([
  [{ kind: "crash", node: "*" }, ["coordinator", "coordinator-2", "ohio", "dublin", "paris"]],
  [{ kind: "wrong-share", node: "*" }, ["ohio", "dublin", "paris"]],
  [{ kind: "wrong-share", node: "region:eu-west-1" }, ["dublin"]],
  [{ kind: "coordinator:twice" }, ["coordinator", "coordinator-2"]],
  [{ kind: "coordinator:twice", node: "coordinator-2" }, ["coordinator-2"]],
  [{ kind: "partition", link: "ohio->paris" }, ["ohio"]],
  [{ kind: "partition", link: "ohio<->paris" }, ["ohio", "paris"]],
])("%j is applied at the nodes that can do it", (fault, names) => {
  expect(nodesOf(fault, NODES)).toEqual(names);
});

test.each<Fault>([
  { kind: "wrong-share", node: "coordinator" },
  { kind: "coordinator:twice", node: "ohio" },
  { kind: "crash", node: "tokyo" },
])("%j is refused: no such node can do it", (fault) => {
  expect(() => nodesOf(fault, NODES)).toThrow(expect.objectContaining({ name: "InputError", field: "node" }));
});

const link = "ohio->paris";
test.each<[LinkFault, object]>([
  [{ kind: "partition", link }, { partitioned: true }],
  [{ kind: "delay", link, ms: 70 }, { delayMs: 70 }],
  [{ kind: "loss", link, probability: 0.6 }, { dropped: true }],
  [{ kind: "loss", link, probability: 0.4 }, { dropped: false }],
  [{ kind: "duplicate", link, probability: 0.6 }, { duplicated: true }],
  [{ kind: "corrupt", link, probability: 0.6 }, { corrupted: true }],
  [{ kind: "reorder", link, probability: 0.6 }, { reordered: true }],
  [{ kind: "throttle", link, bytesPerSecond: 9 }, { bytesPerSecond: 9 }],
])("%j does that to messages on its link, and nothing to others", (fault, fate) => {
  const rules = linkRules(fault, NODES);
  expect(decide(rules, "ohio", "paris", () => 0.5)).toMatchObject(fate);
  expect(decide(rules, "paris", "ohio", () => 0.5)).toEqual(decide([], "paris", "ohio", () => 0.5));
});

test("a flapping link is down for its time, up for its time, and down again", () => {
  const down = (elapsedMs: number) => linkRules({ kind: "flap", link, everyMs: 500 }, NODES, elapsedMs).length > 0;
  expect([0, 499, 500, 999, 1000, 1499, 1500].map(down)).toEqual([true, true, false, false, true, true, false]);
});

test("a partition of a region cuts each of its nodes off from the others in both directions, not from one another", () => {
  const rules = linkRules({ kind: "partition", link: "region:eu-west-1" }, NODES);
  const cut = (from: string, to: string) => decide(rules, from, to, () => 0).partitioned;
  expect(cut("dublin", "ohio") && cut("ohio", "dublin") && cut("paris", "coordinator-2")).toBe(true);
  expect(cut("ohio", "paris") || cut("dublin", "coordinator-2")).toBe(false);
});
