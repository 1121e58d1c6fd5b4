import type { PairReport } from "@quorate/coordinator";
import type { ApiClient, Network } from "./api-client.ts";
import { CliError, EXIT } from "./exit.ts";

const POLL_MS = 250;

/** How far the setup of the pairs is. */
export interface PairProgress {
  readonly ready: number;
  readonly total: number;
  /** Pairs that no waiting mends: banned, or failed too often. */
  readonly apart: readonly PairReport[];
}

export function pairProgress({ pairs }: Pick<Network, "pairs">): PairProgress {
  const ready = pairs.filter(({ status }) => status === "ready").length;
  const apart = pairs.filter(({ status }) => status === "banned" || status === "failed");
  return { ready, total: pairs.length, apart };
}

/**
 * Waits until pairs stand as `done` wants it; it looks at each change of how many are ready.
 *
 * @param patienceMs how long it waits after the last change
 * @throws CliError if nothing changes any more
 */
export async function waitForPairs(
  client: ApiClient,
  done: (network: Network, progress: PairProgress) => boolean,
  patienceMs = 60_000,
): Promise<void> {
  let known = -1;
  let changedMs = performance.now();
  for (;;) {
    const network = await client.network();
    const progress = pairProgress(network);
    if (done(network, progress)) return;
    if (progress.ready !== known) changedMs = performance.now();
    known = progress.ready;
    if (performance.now() - changedMs > patienceMs) {
      const problem = `${progress.ready} of ${progress.total} pairs of signers are set up, and no further one for a while`;
      throw new CliError(EXIT.unavailable, problem, "quorate peers shows how they stand, quorate logs why");
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Whether some `count` of the nodes are all set up with one another. */
export function hasCompany(pairs: readonly PairReport[], nodes: readonly string[], count: number): boolean {
  if (count === 0) return true;
  return nodes.some((node, at) => {
    const company = nodes.slice(at + 1).filter((other) => isReady(pairs, node, other));
    return hasCompany(pairs, company, count - 1);
  });
}

function isReady(pairs: readonly PairReport[], one: string, other: string): boolean {
  return pairs.some(({ nodes, status }) => status === "ready" && nodes.includes(one) && nodes.includes(other));
}
