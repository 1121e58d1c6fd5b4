import { swarm } from "@quorate/simulator";
import fc from "fast-check";
import { expect, it, test } from "vitest";
import { parseScenario, type ScenarioFile } from "./scenario-file.ts";
import { shrink } from "./shrinking.ts";
import { written } from "./written.ts";

const drawn = (seed: number): ScenarioFile => ({
  scenario: swarm(String(seed), "hostile", "model"),
  expect: [{ kind: "blamed", nodes: [] }],
});
const kinds = (file: ScenarioFile) => file.scenario.timeline.map((one) => one.fault.kind);

test("what a seed draws can be said in a file, and is the same when it is read", () => {
  for (let seed = 0; seed < 300; seed++) {
    const { scenario, expect: expected } = drawn(seed);
    const names = scenario.network.regions.map((_, at) => `signer-${at + 1}`);
    const read = parseScenario(written({ scenario, expect: expected }));
    expect(read).toEqual({ scenario: { ...scenario, network: { ...scenario.network, names } }, expect: expected });
  }
});

it("leaves what the failure needs, and nothing else", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e6 }), fc.nat(7), fc.nat(7), (seed, one, other) => {
      const file = drawn(seed);
      const all = kinds(file);
      const needed = [...new Set([all[one % all.length], all[other % all.length]])].filter(
        (kind) => kind !== undefined,
      );
      const fails = (candidate: ScenarioFile) =>
        needed.every((kind) => kinds(candidate).includes(kind)) && candidate.scenario.workload.requests >= 3;
      if (!fails(file)) return;
      const { scenario } = shrink(file, fails);
      expect(scenario.timeline.map((entry) => entry.fault.kind).toSorted()).toEqual(needed.toSorted());
      expect(scenario.workload).toMatchObject({ requests: 3, duplicates: 0 });
      expect(scenario.workload.keys).toHaveLength(1);
      expect(scenario.network.jitter).toBe(0);
    }),
    { numRuns: 30 },
  );
});

it("takes signers away that no fault names, down to two", () => {
  const file = parseScenario("timeline: [{ at: 10s, for: 9s, fault: crash, node: ireland }]");
  const { scenario } = shrink(file, ({ scenario: { timeline } }) => timeline.length === 1);
  expect(scenario.network).toMatchObject({ minSigners: 2, coordinators: 1 });
  expect(scenario.network.names).toHaveLength(2);
  expect(scenario.network.names).toContain("ireland");
  expect(scenario.timeline).toEqual([{ atMs: 1000, forMs: 1000, fault: { kind: "crash", node: "ireland" } }]);
});

it("tries no more often than it may, and returns one that fails", () => {
  let runs = 0;
  const file = drawn(3);
  const small = shrink(
    file,
    () => {
      runs++;
      return runs % 2 === 0;
    },
    10,
  );
  expect(runs).toBe(10);
  expect(written(small).length).toBeLessThan(written(file).length);
});
