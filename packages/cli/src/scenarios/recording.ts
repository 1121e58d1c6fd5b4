import { setTimeout } from "node:timers/promises";
import type { Fault } from "@quorate/faults";
import { coordinatorsOf, type NetworkFile } from "@quorate/orders";
import type { Timed, Workload } from "@quorate/simulator";
import type { ApiClient } from "../api-client.ts";
import { control } from "../control.ts";
import { CliError, EXIT } from "../exit.ts";
import type { ShownFault } from "../faults/desk.ts";
import type { UpFile } from "../state.ts";
import { ALL_PROPERTIES } from "./expectation.ts";
import { coreOf, parseScenario, type ScenarioFile } from "./scenario-file.ts";
import { written } from "./written.ts";

/** What is recorded, and for how long. */
export interface Recording {
  readonly up: UpFile;
  readonly client: ApiClient;
  readonly network: NetworkFile;
  readonly forMs: number;
  /** Ends it earlier. */
  readonly signal: AbortSignal;
}

/** How often it is looked which faults are in force, milliseconds. */
const LOOK_MS = 200;

/** The faults that were in force at some time. One that begins and ends between two looks is not seen. */
export class FaultDiary {
  readonly #seen = new Map<string, { readonly fault: Fault; readonly atMs: number; forMs?: number }>();

  /** Takes in what is in force. */
  see(nowMs: number, inForce: readonly { readonly id: string; readonly fault: Fault }[]): void {
    const ids = new Set(inForce.map((one) => one.id));
    for (const { id, fault } of inForce) if (!this.#seen.has(id)) this.#seen.set(id, { fault, atMs: nowMs });
    for (const [id, one] of this.#seen) if (!ids.has(id)) one.forMs ??= nowMs - one.atMs;
  }

  /** In the order in which they began; those that have not ended last until the end. */
  get timeline(): readonly Timed[] {
    return [...this.#seen.values()];
  }
}

/** Watches a network, then makes a scenario of what was done to it. @throws CliError where no signature was asked for */
export async function record({ up, client, network, forMs, signal }: Recording): Promise<ScenarioFile> {
  const startedMs = Date.now();
  const elapsed = () => Math.max(0, Date.now() - startedMs);
  const diary = new FaultDiary();
  while (elapsed() < forMs && !signal.aborted) {
    diary.see(elapsed(), (await control(up, "fault", { action: "ls" })) as readonly ShownFault[]);
    await setTimeout(Math.min(LOOK_MS, Math.max(0, forMs - elapsed())), undefined, { signal }).catch(() => {});
  }
  const workload = await workloadOf(client, startedMs, startedMs + elapsed());
  return scenarioOf({ network, timeline: diary.timeline, workload, recordedAt: startedMs });
}

/** What was asked for within a time, all of it by the users that the client can see. */
async function workloadOf(client: ApiClient, fromMs: number, toMs: number): Promise<Workload> {
  const found = await Promise.all(
    (await client.keys()).map(async ({ id, scheme, curve }) => {
      const times = (await client.signatures(id)).map((one) => Date.parse(one.dateRequested));
      return { key: { scheme, curve }, times: times.filter((at) => at >= fromMs && at <= toMs) };
    }),
  );
  const used = found.filter((one) => one.times.length > 0);
  const timesMs = used.flatMap((one) => one.times.map((at) => at - fromMs)).sort((a, b) => a - b);
  if (timesMs.length === 0) {
    throw new CliError(EXIT.usage, "nothing was asked to be signed while it was recorded", "sign something meanwhile");
  }
  const keys = new Map(used.map(({ key }) => [`${key.scheme} ${key.curve}`, key]));
  return {
    ...{ keys: [...keys.values()], requests: timesMs.length, overMs: timesMs.at(-1) ?? 0, timesMs },
    ...{ deadlineMs: 30_000, duplicates: 0 },
  };
}

/** The scenario of a network to which that was done. @throws InputError where no scenario can say it */
export function scenarioOf(seen: {
  readonly network: NetworkFile;
  readonly timeline: readonly Timed[];
  readonly workload: Workload;
  readonly recordedAt: number;
}): ScenarioFile {
  const { network, timeline, workload, recordedAt } = seen;
  return parseScenario(
    written({
      name: `recorded on ${network.networkId} at ${new Date(recordedAt).toISOString()}`,
      scenario: {
        ...{ seed: "1", crypto: "model", workload, timeline },
        network: {
          regions: network.nodes.map((one) => one.region),
          names: network.nodes.map((one) => one.name),
          minSigners: network.defaults.minSigners,
          coordinators: coordinatorsOf(network).length,
          ...{ jitter: 1.5, writeMs: 1 },
        },
        core: coreOf(timeline, network).toSorted(),
      },
      expect: [{ kind: "properties", properties: ALL_PROPERTIES }],
    }),
  );
}
