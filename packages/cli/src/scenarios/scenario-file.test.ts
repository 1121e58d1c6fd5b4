import { readdirSync, readFileSync } from "node:fs";
import { InputError } from "@quorate/orders";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { parseScenario } from "./scenario-file.ts";
import { timeText, written } from "./written.ts";

const EXAMPLES = new URL("../../scenarios/", import.meta.url);

function refusal(yaml: string): InputError {
  try {
    parseScenario(yaml);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error("it was read");
}

describe("a scenario file", () => {
  const files = readdirSync(EXAMPLES, { recursive: true, encoding: "utf8" }).filter((one) => one.endsWith(".yaml"));
  test.each(files)("%s is one, and says the same when it is written again", (name) => {
    const read = parseScenario(readFileSync(new URL(name, EXAMPLES), "utf8"));
    expect(parseScenario(written(read))).toEqual(read);
  });

  it("has a network, a workload and expectations where it says nothing", () => {
    const { scenario, expect: expected } = parseScenario("seed: 12");
    expect(scenario.seed).toBe("12");
    expect(scenario.network.names).toEqual(["virginia", "ohio", "montreal", "ireland", "frankfurt"]);
    expect(scenario.network.minSigners).toBe(3);
    expect(expected).toHaveLength(1);
  });

  it("reads times and probabilities as people write them", () => {
    const { scenario } = parseScenario(`
timeline:
  - { at: 5s, for: 1m, fault: loss, link: "region:ohio", probability: 10% }
  - { on: key.created, after: 200ms, fault: clock, node: ireland, skewMs: -5m }`);
    expect(scenario.timeline).toEqual([
      { atMs: 5000, forMs: 60_000, fault: { kind: "loss", link: "region:ohio", probability: 0.1 } },
      { atMs: 200, on: "key.created", fault: { kind: "clock", node: "ireland", skewMs: -300_000 } },
    ]);
  });

  it("relies in the end on those that no lasting fault is on", () => {
    const timeline = "timeline: [{ at: 1s, fault: wrong-share, node: ohio }, { at: 1s, fault: crash, node: ireland }]";
    expect(parseScenario(timeline).scenario.core).toEqual(["frankfurt", "ireland", "montreal", "virginia"]);
  });

  test.each([
    ["- 1", "the file"],
    ["seed: [", "the file"],
    ["sed: 1", "sed"],
    ["topology: { regions: moon }", "topology.regions"],
    ["topology: { regions: [virginia, moon] }", "topology.regions[1]"],
    ["topology: { minSigners: 6 }", "topology.minSigners"],
    ["workload: { keys: [RSA] }", "workload.keys[0]"],
    ["workload: { keys: [] }", "workload.keys"],
    ["workload: { requests: 0 }", "workload.requests"],
    ["workload: { over: 20 }", "workload.over"],
    ["timeline: [{ at: 1s }]", "timeline[0]"],
    ["timeline: [{ fault: crash, node: ohio }]", "timeline[0]"],
    ["timeline: [{ at: 1s, on: key.created, fault: crash, node: ohio }]", "timeline[0]"],
    ["timeline: [{ at: 1s, after: 1s, fault: crash, node: ohio }]", "timeline[0].after"],
    ["timeline: [{ at: soon, fault: crash, node: ohio }]", "timeline[0].at"],
    ["timeline: [{ at: 1s, fault: crush, node: ohio }]", "timeline[0].kind"],
    ["timeline: [{ at: 1s, fault: crash, node: paris }]", "timeline[0].node"],
    ["timeline: [{ at: 1s, fault: crash, node: ohio, ms: 3 }]", "timeline[0].ms"],
    ["timeline: [{ at: 1s, fault: loss, link: ohio }]", "timeline[0].probability"],
    ["timeline: [{ at: 1s, fault: loss, link: ohio, probability: 2 }]", "timeline[0].probability"],
    ["timeline: [{ at: 1s, fault: silent, node: '*' }]", "core"],
    ["core: [ohio, virginia]", "core"],
    ["core: [ohio, virginia, paris]", "core[2]"],
    ["expect: [{ luck: all }]", "expect[0].luck"],
    ["expect: [{ properties: [good] }]", "expect[0].properties[0]"],
    ["expect: [{ signed: 2 }]", "expect[0].signed"],
    ["expect: [{ signed: 1, p99: 1s }]", "expect[0]"],
    ["expect: [{ blamed: [paris] }]", "expect.blamed"],
  ])("%s is refused, with its place", (yaml, field) => {
    const error = refusal(yaml);
    expect(error.field).toBe(field);
    expect(error.message.startsWith(`${field}: `)).toBe(true);
  });

  it("never fails otherwise, whatever stands in it", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json({ maxDepth: 4 })), (yaml) => {
        try {
          parseScenario(yaml);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
    );
  });
});

test("a time is written so that it is read as the same", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 7 * 86_400_000 }), (ms) => {
      const { scenario } = parseScenario(`timeline: [{ at: ${timeText(ms)}, fault: crash, node: ohio }]`);
      expect(scenario.timeline[0]?.atMs).toBe(ms);
    }),
  );
});
