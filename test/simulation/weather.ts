import type { Fault } from "@quorate/faults";
import { PRESETS } from "@quorate/regions";
import { type RunReport, run, type Scenario, type Timed } from "@quorate/simulator";

const EDDSA = { scheme: "EdDSA", curve: "ed25519" } as const;
const ECDSA = { scheme: "ECDSA", curve: "secp256k1" } as const;
const ALL = ["signer-1", "signer-2", "signer-3", "signer-4", "signer-5"];

/** What a run is about; the rest is as in a quiet network of three signers of five. */
export interface Weather {
  readonly timeline: Scenario["timeline"];
  /** Everybody unless said. */
  readonly core?: Scenario["core"];
  readonly keys?: Scenario["workload"]["keys"];
  readonly network?: Partial<Scenario["network"]>;
  readonly workload?: Partial<Scenario["workload"]>;
}

/** The scenario of a weather. */
export function scenarioOf(seed: string, { timeline, core = ALL, keys, network, workload }: Weather): Scenario {
  return {
    ...{ seed, crypto: "model", timeline, core },
    network: { regions: PRESETS.eu, minSigners: 3, coordinators: 1, jitter: 0, writeMs: 2, ...network },
    workload: {
      ...{ keys: keys ?? [EDDSA, ECDSA], requests: 8, overMs: 8000, deadlineMs: 30_000, duplicates: 0.2 },
      ...workload,
    },
  };
}

/** A run of it under all checkers. */
export function ran(seed: string, weather: Weather): RunReport {
  return run(scenarioOf(seed, weather));
}

/** A fault that begins with the first requests and lasts as long as they come. */
export function throughout(fault: Fault, forMs = 9000): Timed {
  return { atMs: 0, forMs, fault };
}

/** All signers but those. */
export function allBut(...names: readonly string[]): readonly string[] {
  return ALL.filter((one) => !names.includes(one));
}

/** Four requests among faults, and the three at the end of each run. @returns what must hold whatever went wrong, and who was named */
export function outcomeOf(weather: Weather) {
  const report = ran("weather", { ...weather, workload: { requests: 4, overMs: 4000, ...weather.workload } });
  const { violations, unfinished, blamed, asked, signed, latenciesMs } = report;
  return { violations, unfinished, blamed, refused: asked - signed, slowestMs: latenciesMs.at(-1) ?? 0, report };
}

/** What comes of a weather in which nothing is lost and nobody lies. */
export const UNHARMED = { violations: [], unfinished: [], blamed: [], refused: 0 };
