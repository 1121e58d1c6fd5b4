import type { NodeId } from "@quorate/orders";
import { Chance } from "./chance.ts";
import type { Counts } from "./checkers/coverage.ts";
import { checkersOf, type Violation } from "./checkers/index.ts";
import { cryptoOf } from "./crypto.ts";
import { Injector } from "./injector.ts";
import { Liars } from "./liars.ts";
import { Operators } from "./operators.ts";
import type { Scenario, Timed } from "./scenario.ts";
import { Simulation, type SimulationOptions } from "./simulation.ts";
import { topologyOf } from "./topology.ts";
import { warmDisks } from "./warm-disks.ts";
import { Askers, tooEarly } from "./workload.ts";

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
  /** The nodes that were named as the cause of a failure, with what proves it, sorted. */
  readonly blamed: readonly NodeId[];
  /** Faults that waited for an event that never came. */
  readonly dormant: readonly Timed[];
}

/**
 * Runs a scenario in virtual time: keys are made in peace; then come requests and faults, and only what must always hold is checked;
 * then the core is made whole, and everything that has not expired has to end, and new requests to be signed, within a bound.
 */
export function run(scenario: Scenario, options: Pick<SimulationOptions, "keep"> = {}): RunReport {
  const { seed, network, workload } = scenario;
  const crypto = cryptoOf(scenario.crypto);
  const topology = topologyOf(network.regions, network.minSigners, network.coordinators, network.names);
  let liars: Liars | undefined;
  const simulation = new Simulation({
    liars(file) {
      liars = new Liars(
        scenario.timeline.map((one) => one.fault),
        file,
        new Chance(`${seed}/liars`),
      );
      return liars;
    },
    ...{ seed, topology, crypto, jitter: network.jitter, writeMs: network.writeMs },
    disks: warmDisks(topology.signers.length, crypto, network.names),
    ...options,
  });
  const askers = new Askers(simulation);
  const checkers = checkersOf(simulation, [askers.client], { faulty: liars?.names ?? new Set() });
  const injector = new Injector(simulation, liars);
  const awaiting = awaitEvents(simulation, injector, scenario.timeline);
  const blamed = blameIn(simulation);
  begin(simulation, askers, scenario);
  injector.remember();
  const timeline = scenario.timeline.filter((one) => one.on === undefined);
  for (const { atMs, forMs, fault } of timeline) {
    simulation.timeline.after(atMs, () => void injector.inject(fault, forMs));
  }
  const operators = new Operators(simulation);
  for (const { atMs, forMs, operator } of scenario.halts ?? []) {
    simulation.timeline.after(atMs, () => simulation.timeline.after(forMs, operators.halt(operator)));
  }
  askers.plan(workload);
  const ends = [...timeline, ...(scenario.halts ?? [])].map(({ atMs, forMs = 0 }) => atMs + forMs);
  simulation.timeline.pass(Math.max(workload.overMs, ...ends));
  const dormant = [...awaiting];
  awaiting.clear();
  heal(simulation, injector, scenario);
  const unfinished = finish(simulation, askers);
  return report(scenario, simulation, askers, {
    violations: checkers.finish(new Set(scenario.core)),
    unfinished,
    coverage: checkers.coverage,
    blamed: [...blamed].sort(),
    dormant,
  });
}

/** @returns the faults whose event has not come; whoever takes one out has it never begin */
function awaitEvents(simulation: Simulation, injector: Injector, timeline: readonly Timed[]): Set<Timed> {
  const awaiting = new Set(timeline.filter((one) => one.on !== undefined));
  const happened = (type: string) => {
    for (const one of awaiting) {
      if (one.on !== type) continue;
      awaiting.delete(one);
      simulation.timeline.after(one.atMs, () => void injector.inject(one.fault, one.forMs));
    }
  };
  simulation.observers.add({
    event: (_, { type }) => happened(type),
    started: () => happened("process.started"),
    crashed: () => happened("process.crashed"),
  });
  return awaiting;
}

/** @returns whom the coordinator or a signer names from now on */
function blameIn(simulation: Simulation): ReadonlySet<NodeId> {
  const blamed = new Set<NodeId>();
  simulation.observers.add({
    event(_, event) {
      if (event.type === "signer.blamed") blamed.add(String(event.peer));
      if (event.type === "verdict.kept") blamed.add(String(event.accused));
    },
  });
  return blamed;
}

function begin(simulation: Simulation, askers: Askers, { workload }: Scenario): void {
  const ready = () => simulation.coordinators.every((one) => one.ready && one.organisations().length > 0);
  if (!simulation.until(ready, START_BOUND_MS)) throw tooEarly("the network did not start");
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
  found: Pick<RunReport, "violations" | "unfinished" | "coverage" | "blamed" | "dormant">,
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
