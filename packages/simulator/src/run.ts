import { Chance } from "./chance.ts";
import type { Counts } from "./checkers/coverage.ts";
import { checkersOf, type Violation } from "./checkers/index.ts";
import { cryptoOf } from "./crypto.ts";
import { Injector } from "./injector.ts";
import { Liars } from "./liars.ts";
import type { Scenario } from "./scenario.ts";
import { Simulation, type SimulationOptions } from "./simulation.ts";
import { topologyOf } from "./topology.ts";
import { warmDisks } from "./warm-disks.ts";
import { Askers } from "./workload.ts";

/** How long a whole network may take to start and to make a key, milliseconds of virtual time. */
const START_BOUND_MS = 60_000;
/** How many requests are asked of the core once it is whole again. */
const FINAL_REQUESTS = 3;
/**
 * How long a core that is whole may take to end everything: links come back within their longest pause, then three attempts of
 * the slowest form. Milliseconds.
 */
const HEALED_BOUND_MS = 120_000;

/** What came of a run. */
export interface RunReport {
  readonly seed: string;
  /** Of the whole trace: equal for equal runs. */
  readonly hash: string;
  /** Promises that were not kept; the first says most. */
  readonly violations: readonly Violation[];
  /** What the core owed once it was whole, and did not do. */
  readonly unfinished: readonly string[];
  /** How often what should happen now and then did. */
  readonly coverage: Counts;
  readonly asked: number;
  readonly signed: number;
  /** Milliseconds that signed requests took, ascending. */
  readonly latenciesMs: readonly number[];
  /** Virtual milliseconds that passed. */
  readonly virtualMs: number;
  readonly events: number;
}

/**
 * Runs a scenario in virtual time: keys are made in peace; then come requests and faults, and only what must always hold is checked;
 * then the core is made whole, and everything that has not expired has to end, and new requests to be signed, within a bound.
 */
export function run(scenario: Scenario, options: Pick<SimulationOptions, "keep"> = {}): RunReport {
  const { seed, network, workload, timeline } = scenario;
  const crypto = cryptoOf(scenario.crypto);
  const topology = topologyOf(network.regions, network.minSigners, network.coordinators);
  let liars: Liars | undefined;
  const simulation = new Simulation({
    liars(file) {
      liars = new Liars(
        timeline.map((one) => one.fault),
        file,
        new Chance(`${seed}/liars`),
      );
      return liars;
    },
    ...{ seed, topology, crypto, jitter: network.jitter, writeMs: network.writeMs },
    disks: warmDisks(topology.signers.length, crypto),
    ...options,
  });
  const askers = new Askers(simulation);
  const checkers = checkersOf(simulation, [askers.client], { faulty: liars?.names ?? new Set() });
  const injector = new Injector(simulation, liars);
  begin(simulation, askers, scenario);
  injector.remember();
  for (const { atMs, forMs, fault } of timeline) {
    simulation.timeline.after(atMs, () => void injector.inject(fault, forMs));
  }
  askers.plan(workload);
  simulation.timeline.pass(Math.max(workload.overMs, ...timeline.map(({ atMs, forMs = 0 }) => atMs + forMs)));
  heal(simulation, injector, scenario);
  const unfinished = finish(simulation, askers);
  return report(scenario, simulation, askers, {
    violations: checkers.finish(new Set(scenario.core)),
    unfinished,
    coverage: checkers.coverage,
  });
}

function begin(simulation: Simulation, askers: Askers, { workload }: Scenario): void {
  const ready = () => simulation.coordinators.every((one) => one.ready && one.organisations().length > 0);
  if (!simulation.until(ready, START_BOUND_MS)) throw new Error("the network did not start");
  simulation.timeline.pass(3000);
  askers.makeKeys(workload.keys, START_BOUND_MS);
}

/** Ends every fault that lies on the core, on a coordinator or on a link between them; what lies on others stays as it is. */
function heal(simulation: Simulation, injector: Injector, { core }: Scenario): void {
  for (const { id, fault } of injector.active) {
    const outside =
      "node" in fault && fault.node !== undefined && isSigner(simulation, fault.node) && !core.includes(fault.node);
    if (!outside) injector.clear(id);
  }
  for (const name of simulation.machines.keys()) {
    if (core.includes(name) || simulation.isCoordinator(name)) simulation.start(name);
  }
}

function isSigner(simulation: Simulation, name: string): boolean {
  return simulation.file.nodes.some((one) => one.name === name);
}

/** @returns what was not done within the bound */
function finish(simulation: Simulation, askers: Askers): readonly string[] {
  const unfinished: string[] = [];
  const ended = () => askers.client.asked.every((one) => one.endedMs !== undefined);
  // Links that came back, and the state of the signers behind them, are known before anybody relies on them.
  simulation.timeline.pass(15_000);
  const last = Array.from({ length: FINAL_REQUESTS }, () => askers.ask(30_000));
  if (!simulation.until(ended, HEALED_BOUND_MS)) {
    const open = askers.client.asked.filter((one) => one.endedMs === undefined);
    unfinished.push(`${open.length} requests have not ended, such as ${JSON.stringify(open[0]?.body)}`);
  }
  for (const { answers, body } of last) {
    const [answer] = answers;
    if (answer === undefined || ("ok" in answer && answer.ok.status === "Signed")) continue;
    const why = "ok" in answer ? answer.ok.reason : `${answer.error.code}: ${answer.error.message}`;
    unfinished.push(`the core did not sign ${JSON.stringify(body)}: ${why}`);
  }
  return unfinished;
}

function report(
  { seed }: Scenario,
  simulation: Simulation,
  askers: Askers,
  found: Pick<RunReport, "violations" | "unfinished" | "coverage">,
): RunReport {
  const signed = askers.client.asked.filter(({ answers: [first] }) => {
    return first !== undefined && "ok" in first && first.ok.status === "Signed";
  });
  return {
    ...{ seed, hash: simulation.trace.hash, ...found, asked: askers.client.asked.length, signed: signed.length },
    latenciesMs: signed.map(({ askedMs, endedMs = 0 }) => endedMs - askedMs).sort((a, b) => a - b),
    virtualMs: simulation.now,
    events: simulation.trace.length,
  };
}
