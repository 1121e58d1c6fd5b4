export { Chance } from "./chance.ts";
export {
  type Checkers,
  type Checking,
  COVERED,
  type Counts,
  checkersOf,
  merged,
  missing,
  PROPERTIES,
  type Property,
  type Violation,
} from "./checkers/index.ts";
export { type Asking, Client } from "./client.ts";
export { type Crypto, cryptoOf } from "./crypto.ts";
export { Injector } from "./injector.ts";
export { type RunReport, run } from "./run.ts";
export type { Scenario, Timed, TimedHalt, Workload } from "./scenario.ts";
export { Simulation, type SimulationOptions, START_MS } from "./simulation.ts";
export { PROFILES, type Profile, swarm } from "./swarm.ts";
export { type Place, type Topology, topologyOf } from "./topology.ts";
export type { TraceLine } from "./trace.ts";
export { warmDisks } from "./warm-disks.ts";
export { Askers } from "./workload.ts";
