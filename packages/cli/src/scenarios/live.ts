import { setTimeout } from "node:timers/promises";
import { FAULTS, isLinkFault, type Layer, nodesOf } from "@quorate/faults";
import type { NetworkFile } from "@quorate/orders";
import type { Property, Timed } from "@quorate/simulator";
import type { ApiClient, Key } from "../api-client.ts";
import { CliError, EXIT } from "../exit.ts";
import { type Asked, ask, makeKeys, planned } from "./asking.ts";
import { judge, type Observed, skipped } from "./expectation.ts";
import type { FaultChannel } from "./fault-channel.ts";
import { possibleOn } from "./layer.ts";
import type { ScenarioFile } from "./scenario-file.ts";
import type { Outcome } from "./simulated.ts";

/** A network that runs. */
export interface LiveNetwork {
  readonly layer: Exclude<Layer, "simulator">;
  readonly client: ApiClient;
  readonly network: Pick<NetworkFile, "nodes" | "coordinator" | "coordinators" | "defaults">;
  readonly faults: FaultChannel;
  readonly say: (text: string) => void;
}

/** What can be seen from outside. */
const CHECKED: readonly Property[] = ["no-forgery", "honest-never-blamed", "every-request-ends"];
/** How long links take to come back, and what is behind them to be known, milliseconds. */
const HEALING_MS = 15_000;
const FINAL_REQUESTS = 3;
/** A request has its deadline at the coordinator, and the answer a way to go, milliseconds. */
const GRACE_MS = 2000;

/**
 * Runs a scenario on a network that runs: requests and faults by the clock, then everything is made whole, and has to sign again.
 *
 * @throws CliError for a network that is not the scenario's, or that allows no faults
 */
export async function runLive(file: ScenarioFile, live: LiveNetwork): Promise<Outcome> {
  const { scenario, expect } = file;
  const { client, faults, say } = live;
  checkNetwork(file, live);
  const { possible, skips } = possibleOn(live.layer, scenario);
  if (possible.length > 0) await faults.check();
  say("making keys");
  const keys = await makeKeys(client, scenario.workload);
  await faults.snapshots(possible);
  say(`${scenario.workload.requests} requests, ${possible.length} faults`);
  const { asked, failures } = await happen(file, live, { keys, possible }).finally(() => faults.clear());
  say("all faults have ended; the network gets time to heal");
  await setTimeout(HEALING_MS);
  const last = await finalRequests(live, keys, scenario.workload.deadlineMs);
  const seen = observedIn(await known(client, [...asked, ...last]), live, { timeline: possible, last });
  const failed = failures.map((text) => skipped("a fault", text));
  return {
    seen,
    findings: [...skips, ...failed, ...expect.flatMap((one) => judge(one, seen))],
    facts: { unsigned: unsigned(asked) },
  };
}

/** Why requests were not signed, and how many for each reason. */
function unsigned(asked: readonly Asked[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { problem } of asked) if (problem !== undefined) counts[problem] = (counts[problem] ?? 0) + 1;
  return counts;
}

function checkNetwork({ scenario: { network: wanted } }: ScenarioFile, { layer, network }: LiveNetwork): void {
  const names = network.nodes.map((one) => one.name).join(", ");
  const { minSigners } = network.defaults;
  if (names === wanted.names?.join(", ") && minSigners === wanted.minSigners) return;
  throw new CliError(
    EXIT.usage,
    `the scenario is of ${wanted.minSigners} of ${wanted.names?.join(", ")}; the network has ${minSigners} of ${names}`,
    layer === "containers"
      ? "--layer live or simulator can have any"
      : `quorate up --dir <path> --allow-faults --preset ${wanted.regions.join(",")} --min-signers ${wanted.minSigners}`,
  );
}

async function happen(
  { scenario }: ScenarioFile,
  { client, faults }: LiveNetwork,
  { keys, possible }: { readonly keys: readonly Key[]; readonly possible: readonly Timed[] },
): Promise<{ readonly asked: readonly Asked[]; readonly failures: readonly string[] }> {
  const { seed, workload } = scenario;
  const requests = planned(seed, workload).map(async ({ afterMs, keyIndex, bytes }) => {
    await setTimeout(afterMs);
    return ask(client, keys[keyIndex]!, bytes, workload.deadlineMs);
  });
  const injected = possible.map(async (one) => {
    await setTimeout(one.atMs);
    const failure = await faults.inject(one);
    if (failure === undefined && one.forMs !== undefined) await setTimeout(one.forMs);
    return failure;
  });
  const failures = (await Promise.all(injected)).filter((one) => one !== undefined);
  return { asked: await Promise.all(requests), failures };
}

async function finalRequests({ client }: LiveNetwork, keys: readonly Key[], deadlineMs: number): Promise<Asked[]> {
  const asked: Asked[] = [];
  for (let at = 0; at < FINAL_REQUESTS; at++) {
    asked.push(await ask(client, keys[at % keys.length]!, new Uint8Array(32).fill(at + 1), deadlineMs));
  }
  return asked;
}

/** Verdicts come after the signature that they were no obstacle to: those requests are looked at again. */
function known(client: ApiClient, asked: readonly Asked[]): Promise<readonly Asked[]> {
  const again = asked.map(async (one) => {
    const { request } = one;
    if (request === undefined || request._quorate.attempts.every((attempt) => attempt.culprits.length === 0))
      return one;
    return { ...one, request: await client.signature(request.keyId, request.id) };
  });
  return Promise.all(again);
}

function observedIn(
  asked: readonly Asked[],
  { network }: LiveNetwork,
  { timeline, last }: { readonly timeline: readonly Timed[]; readonly last: readonly Asked[] },
): Observed {
  const signed = asked.filter((one) => one.problem === undefined);
  const blamed = blamedIn(asked);
  const liars = timeline.flatMap(({ fault }) => {
    return !isLinkFault(fault) && FAULTS[fault.kind].on === "signer" ? nodesOf(fault, network) : [];
  });
  const late = asked.filter((one) => one.tookMs > one.deadlineMs + GRACE_MS);
  const wrong = (what: string, texts: readonly string[]) => texts.map((text) => ({ what, text }));
  return {
    ...{ asked: asked.length, signed: signed.length, blamed, checked: CHECKED },
    latenciesMs: signed.map((one) => one.tookMs).sort((a, b) => a - b),
    broken: [
      ...wrong(
        "no-forgery",
        asked.filter((one) => one.forged).map((one) => String(one.problem)),
      ),
      ...wrong(
        "honest-never-blamed",
        blamed.filter((one) => !liars.includes(one)),
      ),
      ...wrong(
        "every-request-ends",
        late.map((one) => `a request took ${Math.round(one.tookMs)} ms`),
      ),
      ...wrong(
        "liveness",
        last.flatMap((one) => one.problem ?? []),
      ),
    ],
  };
}

/** Whom an attempt names, and another signer has verified it. */
function blamedIn(asked: readonly Asked[]): readonly string[] {
  const attempts = asked.flatMap(({ request }) => request?._quorate?.attempts ?? []);
  const named = attempts.flatMap(({ culprits }) => culprits.filter((one) => one.verifiedBy.length > 0));
  return [...new Set(named.map((one) => one.node))].sort();
}
