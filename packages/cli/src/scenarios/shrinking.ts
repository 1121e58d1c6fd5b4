import { InputError } from "@quorate/orders";
import type { Scenario } from "@quorate/simulator";
import { parseScenario, type ScenarioFile } from "./scenario-file.ts";
import { nodesIn } from "./topology.ts";
import { written } from "./written.ts";

/** Whether a scenario still fails in the way that is looked for. */
export type Fails = (file: ScenarioFile) => boolean;

/**
 * Looks for the smallest scenario that fails in the same way: fewer faults, then fewer requests, keys and signers, then shorter times.
 *
 * @param fails runs it; called with scenarios that a file can say
 * @param runs the most that it is called
 * @returns one that fails, `file` itself if nothing can be left out
 */
export function shrink(file: ScenarioFile, fails: Fails, runs = 500): ScenarioFile {
  let [best, left] = [file, runs];
  /** Takes a candidate if it fails. */
  const take = (scenario: Scenario | undefined): boolean => {
    const candidate = scenario && readBack({ ...best, scenario });
    if (candidate === undefined || left-- <= 0 || !fails(candidate)) return false;
    best = candidate;
    return true;
  };
  for (let before = ""; before !== written(best) && left > 0; ) {
    before = written(best);
    fewerFaults(() => best.scenario, take);
    for (const smaller of STEPS) while (left > 0 && smaller(best.scenario).some(take));
  }
  return best;
}

/** As a file would say it; `undefined` for what no file can. */
function readBack(file: ScenarioFile): ScenarioFile | undefined {
  try {
    return parseScenario(written(file));
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** Delta debugging: leaves out parts of the timeline, halves first, then ever smaller ones. */
function fewerFaults(now: () => Scenario, take: (scenario: Scenario) => boolean): void {
  for (let size = now().timeline.length; size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < now().timeline.length; ) {
      const { timeline } = now();
      if (!take({ ...now(), timeline: timeline.toSpliced(from, size) })) from += size;
    }
  }
}

/** Smaller scenarios of each kind, the smallest first. */
const STEPS: readonly ((scenario: Scenario) => readonly Scenario[])[] = [
  fewerRequests,
  fewerKeys,
  fewerSigners,
  calmerNetwork,
  shorterTimes,
];

function fewerRequests(scenario: Scenario): Scenario[] {
  const { workload } = scenario;
  const of = (change: Partial<Scenario["workload"]>) => ({ ...scenario, workload: { ...workload, ...change } });
  const less = (requests: number) => {
    const { timesMs } = workload;
    return of({ requests, ...(timesMs === undefined ? {} : { timesMs: timesMs.slice(0, requests) }) });
  };
  const counts = [1, Math.floor(workload.requests / 2), workload.requests - 1].filter((one) => one >= 1);
  return [
    ...[...new Set(counts)].filter((one) => one < workload.requests).map(less),
    ...(workload.duplicates > 0 ? [of({ duplicates: 0 })] : []),
    ...(workload.keysMeanwhile ? [of({ keysMeanwhile: 0 })] : []),
    ...(scenario.halts ?? []).map((_, at) => ({ ...scenario, halts: scenario.halts!.toSpliced(at, 1) })),
  ];
}

function fewerKeys(scenario: Scenario): Scenario[] {
  const { workload } = scenario;
  if (workload.keys.length < 2) return [];
  return workload.keys.map((_, at) => ({
    ...scenario,
    workload: { ...workload, keys: workload.keys.toSpliced(at, 1) },
  }));
}

/** Without a signer that no fault names, also with a smaller quorum. */
function fewerSigners(scenario: Scenario): Scenario[] {
  const { network, core } = scenario;
  const names = nodesIn(network).nodes.map((one) => one.name);
  return names.flatMap((name, at) => {
    const less = { ...network, regions: network.regions.toSpliced(at, 1), names: names.toSpliced(at, 1) };
    const rest = core.filter((one) => one !== name);
    const quorums = [network.minSigners, network.minSigners - 1].filter((one) => one >= 2 && one < names.length);
    return quorums.map((minSigners) => ({
      ...{ ...scenario, network: { ...less, minSigners }, core: rest },
    }));
  });
}

function calmerNetwork(scenario: Scenario): Scenario[] {
  const { network } = scenario;
  const of = (change: Partial<Scenario["network"]>) => ({ ...scenario, network: { ...network, ...change } });
  return [
    ...(network.coordinators > 1 ? [of({ coordinators: 1 })] : []),
    ...(network.jitter > 0 ? [of({ jitter: 0 })] : []),
    ...(network.writeMs > 0 ? [of({ writeMs: 0 })] : []),
  ];
}

/** Times that a person can read: whole seconds, halved as long as that is a second or more. */
function shorterTimes(scenario: Scenario): Scenario[] {
  const { workload, timeline } = scenario;
  const over = shorter(workload.overMs).map((overMs) => ({ ...scenario, workload: { ...workload, overMs } }));
  const entries = timeline.flatMap((one, at) => [
    ...shorter(one.forMs ?? 0).map((forMs) => ({ ...scenario, timeline: timeline.with(at, { ...one, forMs }) })),
    ...shorter(one.atMs).map((atMs) => ({ ...scenario, timeline: timeline.with(at, { ...one, atMs }) })),
  ]);
  return [...entries, ...over];
}

function shorter(ms: number): number[] {
  const whole = Math.floor(ms / 1000) * 1000;
  return [Math.floor(ms / 2000) * 1000, whole].filter(
    (one, at, all) => one >= 1000 && one < ms && all.indexOf(one) === at,
  );
}
