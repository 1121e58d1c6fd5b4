import { expect, test } from "vitest";
import { decide, type LinkRule } from "./index.ts";

const half = () => 0.5;
const untouched = {
  partitioned: false,
  dropped: false,
  corrupted: false,
  duplicated: false,
  reordered: false,
  delayMs: 0,
  bytesPerSecond: Number.POSITIVE_INFINITY,
};

test("no rule leaves a message alone", () => {
  expect(decide([], "ohio", "paris", half)).toEqual(untouched);
});

test("a rule acts on the links that it names, in one direction", () => {
  const rules: LinkRule[] = [{ from: "ohio", to: "paris", action: { kind: "partition" } }];
  expect(decide(rules, "ohio", "paris", half).partitioned).toBe(true);
  expect(decide(rules, "paris", "ohio", half)).toEqual(untouched);
  expect(decide(rules, "ohio", "london", half)).toEqual(untouched);
});

test("a star and a missing name are any node", () => {
  expect(decide([{ from: "*", to: "paris", action: { kind: "partition" } }], "ohio", "paris", half).partitioned).toBe(
    true,
  );
  expect(decide([{ action: { kind: "partition" } }], "ohio", "paris", half).partitioned).toBe(true);
});

test("pass ends the list", () => {
  const rules: LinkRule[] = [
    { action: { kind: "delay", ms: 5 } },
    { to: "paris", action: { kind: "pass" } },
    { action: { kind: "partition" } },
  ];
  expect(decide(rules, "ohio", "paris", half)).toEqual({ ...untouched, delayMs: 5 });
  expect(decide(rules, "ohio", "london", half)).toEqual({ ...untouched, delayMs: 5, partitioned: true });
});

test("delays add up and the lowest throttle holds", () => {
  const rules: LinkRule[] = [
    { action: { kind: "delay", ms: 5 } },
    { action: { kind: "throttle", bytesPerSecond: 1000 } },
    { action: { kind: "delay", ms: 7 } },
    { action: { kind: "throttle", bytesPerSecond: 2000 } },
  ];
  expect(decide(rules, "ohio", "paris", half)).toEqual({ ...untouched, delayMs: 12, bytesPerSecond: 1000 });
});

test.each([
  ["drop", "dropped"],
  ["corrupt", "corrupted"],
  ["duplicate", "duplicated"],
  ["reorder", "reordered"],
] as const)("%s happens with its probability", (kind, effect) => {
  const happens = (probability: number) => decide([{ action: { kind, probability } }], "ohio", "paris", half)[effect];
  expect([0, 0.5, 0.51, 1].map(happens)).toEqual([false, false, true, true]);
});

test("every rule with a probability draws one number, whatever happened before", () => {
  let draws = 0;
  const counted = () => {
    draws++;
    return 0;
  };
  const drop: LinkRule = { action: { kind: "drop", probability: 1 } };
  decide([drop, drop], "ohio", "paris", counted);
  expect(draws).toBe(2);
});
