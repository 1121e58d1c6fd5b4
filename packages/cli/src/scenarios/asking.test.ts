import { expect, test } from "vitest";
import { planned } from "./asking.ts";
import { parseScenario } from "./scenario-file.ts";

const { scenario } = parseScenario("workload: { keys: [EdDSA, Schnorr, ECDSA], requests: 200, over: 10s }");

test("the requests of a live run follow from the seed alone, come in order and within their time", () => {
  const plan = planned("7", scenario.workload);
  expect(planned("7", scenario.workload)).toEqual(plan);
  expect(planned("8", scenario.workload)).not.toEqual(plan);
  expect(plan).toHaveLength(200);
  expect(plan.map((one) => one.afterMs)).toEqual(plan.map((one) => one.afterMs).toSorted((a, b) => a - b));
  expect(plan.every(({ afterMs }) => afterMs >= 0 && afterMs < 10_000)).toBe(true);
  expect(new Set(plan.map((one) => one.keyIndex))).toEqual(new Set([0, 1, 2]));
});
