import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { NetworkFile } from "@quorate/orders";
import { findRegion, networkFloorMs, roundTripMs } from "@quorate/regions";
import type { ApiClient } from "./api-client.ts";
import { CliError, EXIT } from "./exit.ts";
import type { Seeded } from "./organisation/seed.ts";
import { duration, type Output, table } from "./output.ts";
import { type PairProgress, pairProgress, waitForPairs } from "./pairs.ts";

/** How long the signers may take to find one another, milliseconds. */
const CONNECT_MS = 20_000;
const POLL_MS = 50;
/** How soon it is looked again where it could not be told how the pairs stand, milliseconds. */
const LOOK_AGAIN_MS = 2000;

/** Waits until the coordinator holds a link to every signer. @throws CliError naming those that do not come */
export async function waitForSigners(client: ApiClient, output: Output): Promise<void> {
  const end = performance.now() + CONNECT_MS;
  let known = -1;
  for (;;) {
    const { nodes } = await client.network();
    const missing = nodes.filter((node) => !node.connected || node.rttMs === null).map((node) => node.name);
    if (missing.length === 0) return;
    if (missing.length !== known) output.progress(`links: ${nodes.length - missing.length} of ${nodes.length} signers`);
    known = missing.length;
    if (performance.now() > end) {
      throw new CliError(EXIT.unavailable, `no link to ${missing.join(", ")}`, `quorate logs ${missing[0]} says why`);
    }
    await setTimeout(POLL_MS);
  }
}

/** What a person needs to know of a network that has just started. */
export interface Welcome {
  readonly output: Output;
  readonly network: NetworkFile;
  /** Where each coordinator answers; the first at `url`. */
  readonly coordinators: readonly { readonly name: string; readonly url: string }[];
  readonly url: string;
  readonly token: string;
  readonly readyMs: number;
  /** `null` without regions. */
  readonly jitter: number | null;
  /** Who can act from here; `undefined` where the organisation's keys are kept elsewhere. */
  readonly seeded: Seeded | undefined;
}

/** Shows the network: address, who can act on it, signers with their regions and round trips, and what it is not good for. */
export async function showNetwork(client: ApiClient, welcome: Welcome): Promise<void> {
  const { output, network, url, token, readyMs, jitter, seeded } = welcome;
  const { minSigners, maxSigners } = network.defaults;
  output.line();
  output.line(output.style("bold", `Quorate: ${minSigners} of ${maxSigners} signers, ready in ${duration(readyMs)}`));
  output.line();
  output.line(`  API     ${url}`);
  for (const each of welcome.coordinators.slice(1)) output.line(`          ${each.url}   ${each.name}`);
  output.line(`  operator's token   ${token}`);
  output.line();
  if (seeded !== undefined) showSeeded(output, seeded);
  const links = new Map((await client.network()).nodes.map((node) => [node.name, node]));
  const home = network.coordinator.region;
  const rows = network.nodes.map(({ name, region, operator }) => {
    const { city, country } = findRegion(region);
    const measured = links.get(name)?.rttMs ?? 0;
    const modelled = jitter === null ? "no delay" : `model ${duration(roundTripMs(home, region))}`;
    return [name, `${city}, ${country}`, operator, `round trip ${duration(measured)}`, modelled];
  });
  for (const line of table(rows)) output.line(line);
  const regions = network.nodes.map((node) => node.region);
  const floor =
    jitter === null ? "" : `, network floor of a signature ${duration(networkFloorMs(regions, minSigners))}`;
  output.line(`  coordinator in ${findRegion(home).city}${floor}`);
  output.line();
  output.line(
    output.style(
      "yellow",
      "  Users sign every request, and each signer checks that. Unaudited all the same; not for real funds.",
    ),
  );
  output.line();
}

/** The people and the program of a local organisation; their secrets lie in files, and a token is told once. */
function showSeeded(output: Output, { admin, service, endUser, isNew }: Seeded): void {
  output.line(`  organisation ${admin.organisation}`);
  const rows = [
    ["administrator", admin.username, admin.file],
    ["service account", service.username, service.file],
    ["end user", endUser.username, endUser.file],
  ];
  for (const line of table(rows)) output.line(line);
  if (isNew && service.token !== undefined) {
    output.line(
      "  token of the service account, not shown again (it reads; to change or sign anything takes its key as well):",
    );
    output.line(`  ${service.token}`);
  }
  output.line(`  source ${dirname(dirname(admin.file))}/env   configures the SDK of Dfns and quorate in a shell`);
  output.line();
}

/** What became of the pairs of signers. */
export interface PairsReport {
  readonly ready: number;
  readonly total: number;
  /** From the start of the network to the last of them. */
  readonly afterMs: number;
}

/**
 * Says how far the setup of the pairs is, until all are there that can be. Where they do not get on, or nobody answers, it says that
 * and looks again in a while: a machine may be busy for minutes.
 *
 * @param isOver whether nobody wants to know any more
 * @throws what stood in the way last, once it is over
 */
export async function followPairs(
  client: ApiClient,
  output: Output,
  startedMs: number,
  isOver: () => boolean,
): Promise<PairsReport> {
  for (;;) {
    try {
      const { ready, total, apart } = await showPairs(client, output);
      const afterMs = performance.now() - startedMs;
      output.line(`pairs: ${ready} of ${total} set up, ${duration(afterMs)} after the start`);
      if (apart.length > 0) output.line(`  ${apart.length} do not work together: npx quorate peers shows which`);
      return { ready, total, afterMs };
    } catch (error) {
      if (isOver()) throw error;
      output.progress((error as Error).message);
      await setTimeout(LOOK_AGAIN_MS, undefined, { ref: false });
    }
  }
}

/** Shows each change. @returns the last @throws CliError if there is none for long */
async function showPairs(client: ApiClient, output: Output): Promise<PairProgress> {
  let last: PairProgress = pairProgress(await client.network());
  await waitForPairs(client, (_, progress) => {
    const isDone = progress.ready + progress.apart.length === progress.total;
    if (!isDone && progress.ready !== last.ready)
      output.progress(`pairs: ${progress.ready} of ${progress.total} set up`);
    last = progress;
    return isDone;
  });
  return last;
}

/** Says what to type next, to somebody whose network stays up. */
export function showNext(output: Output): void {
  output.line();
  output.line("Next, in another terminal:");
  output.line('  npx quorate sign demo-eddsa --message "hello"   sign a message of yours');
  output.line("  npx quorate keys show demo-ecdsa                a key, its addresses, its holders");
  output.line("  npx quorate status                              processes, links, pools, memory");
  output.line("  npx quorate --help                              everything else");
  output.line();
  output.line(output.style("dim", "Ctrl-C, or npx quorate down, stops the network; its keys are kept."));
}
