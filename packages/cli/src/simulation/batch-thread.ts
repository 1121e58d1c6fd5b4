import { parentPort, workerData } from "node:worker_threads";
import { type Profile, type RunReport, run, type Scenario, swarm } from "@quorate/simulator";

/** What a thread is to draw its scenarios as. */
export interface BatchData {
  readonly profile: Profile;
  readonly crypto: Scenario["crypto"];
}

/** What came of one seed; `defect` when the simulator itself threw. */
export type SeedResult = { readonly report: RunReport } | { readonly seed: string; readonly defect: string };

const { profile, crypto } = workerData as BatchData;

parentPort?.on("message", (seed: string) => parentPort?.postMessage(resultOf(seed)));

function resultOf(seed: string): SeedResult {
  try {
    return { report: run(swarm(seed, profile, crypto)) };
  } catch (error) {
    const { message, stack = message } = error as Error;
    return { seed, defect: stack };
  }
}
