import type { Fault } from "@quorate/faults";
import type { Scenario, Timed, TimedHalt } from "@quorate/simulator";
import { stringify } from "yaml";
import { ALL_PROPERTIES, type Expectation } from "./expectation.ts";
import { coreOf, type ScenarioFile } from "./scenario-file.ts";
import { namesOf, nodesIn } from "./topology.ts";

/** A time as a file says it, in the longest unit that says it exactly. */
export function timeText(ms: number): string {
  for (const [unit, length] of [
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1000],
  ] as const) {
    if (ms >= length && ms % length === 0) return `${ms / length}${unit}`;
  }
  return `${ms}ms`;
}

/** A scenario as a file, of which `parseScenario` makes the same again. */
export function written({ name, scenario, expect }: ScenarioFile): string {
  const { seed, crypto, network, workload, timeline, halts = [], core } = scenario;
  const isUsual = coreOf(timeline, nodesIn(network)).toSorted().join() === core.join();
  const document = {
    ...(name === undefined ? {} : { name }),
    ...{ seed, crypto },
    topology: {
      regions: network.regions,
      ...namesIn(network),
      ...{ minSigners: network.minSigners, coordinators: network.coordinators },
      ...{ jitter: network.jitter, write: timeText(network.writeMs) },
    },
    workload: {
      keys: workload.keys,
      ...(workload.timesMs === undefined ? { requests: workload.requests } : { at: workload.timesMs.map(timeText) }),
      ...{ over: timeText(workload.overMs), deadline: timeText(workload.deadlineMs), duplicates: workload.duplicates },
      ...(workload.keysMeanwhile ? { keysMeanwhile: workload.keysMeanwhile } : {}),
    },
    timeline: timeline.map(entry),
    ...(halts.length === 0 ? {} : { halts: halts.map(halt) }),
    ...(isUsual ? {} : { core }),
    expect: expect.map(expected),
  };
  return stringify(document, { collectionStyle: "any", flowCollectionPadding: true, aliasDuplicateObjects: false });
}

/** Where signers are not named after their regions, their names. */
function namesIn(network: Scenario["network"]): { readonly names?: readonly string[] } {
  const names = nodesIn(network).nodes.map((one) => one.name);
  return names.join() === namesOf(network.regions).join() ? {} : { names };
}

function entry({ atMs, on, forMs, fault }: Timed): Record<string, unknown> {
  const { kind, ...rest } = fault;
  return {
    ...(on === undefined ? { at: timeText(atMs) } : { on, ...(atMs === 0 ? {} : { after: timeText(atMs) }) }),
    ...(forMs === undefined ? {} : { for: timeText(forMs) }),
    ...{ fault: kind, ...parameters(rest) },
  };
}

function halt({ atMs, forMs, operator }: TimedHalt): Record<string, unknown> {
  return { at: timeText(atMs), for: timeText(forMs), operator };
}

/** Times are given as milliseconds in faults, and may be below zero. */
function parameters(rest: Omit<Fault, "kind">): Record<string, unknown> {
  const isTime = (name: string) => name === "ms" || name.endsWith("Ms");
  return Object.fromEntries(
    Object.entries(rest).map(([name, value]) => {
      return [name, isTime(name) && Number(value) >= 0 ? timeText(Number(value)) : value];
    }),
  );
}

function expected(one: Expectation): Record<string, unknown> {
  switch (one.kind) {
    case "properties":
      return { properties: one.properties.length === ALL_PROPERTIES.length ? "all" : one.properties };
    case "signed":
      return { signed: one.least };
    case "p50":
    case "p99":
      return { [one.kind]: timeText(one.mostMs) };
    case "blamed":
      return { blamed: one.nodes };
  }
}
