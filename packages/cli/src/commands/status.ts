import type { Command } from "commander";
import type { ApiClient } from "../api-client.ts";
import { clientOf, type GlobalOptions, runningNetwork } from "../connect.ts";
import { control } from "../control.ts";
import { runCommand } from "../exit.ts";
import { duration, Output, table } from "../output.ts";
import { type PairProgress, pairProgress } from "../pairs.ts";
import type { ProcessStatus } from "../supervisor.ts";

/** `quorate status` and `quorate restart`. */
export function registerStatus(program: Command): void {
  program
    .command("status")
    .description(
      "the processes of the running network, their links and memory, the pairs of signers and their presignatures",
    )
    .action(runCommand(async (_: unknown, command: Command) => status(command.optsWithGlobals())));
  program
    .command("restart")
    .argument("<node>", "a process that has ended, such as virginia")
    .description("start a process again that has ended")
    .addHelpText("after", "\nExample:\n  quorate restart virginia")
    .action(runCommand(async (node: string, _: unknown, command: Command) => restart(node, command.optsWithGlobals())));
}

async function status(options: GlobalOptions): Promise<void> {
  const output = new Output({ json: options.json });
  const running = await runningNetwork(options);
  const { up } = running;
  const processes = (await control(up, "processes")) as readonly ProcessStatus[];
  const memory = await Promise.all(
    processes.map(async ({ name, state }) => {
      if (state !== "ready") return null;
      const usage = (await control(up, "ask", { node: name, question: "memory" })) as { rss: number };
      return usage.rss;
    }),
  );
  const client = clientOf(running, options);
  const network = await client.network().catch(() => undefined);
  const pools = await pooled(client).catch(() => undefined);
  const seen = new Map(network?.nodes.map((node) => [node.name, node]));
  const rows = processes.map((one, at) => {
    const node = seen.get(one.name);
    const link = node === undefined ? "" : node.connected ? `${duration(node.rttMs ?? 0)} round trip` : "not connected";
    const flags = [node?.suspect === true ? "unresponsive" : "", node?.guilty === true ? "sent a wrong share" : ""];
    const state = one.state === "stopped" ? `stopped (${one.ended})` : one.state;
    const rss = memory[at];
    return [
      one.name,
      node?.region ?? "",
      state,
      one.pid === null ? "" : `pid ${one.pid}`,
      rss ? `${Math.round(rss / 1e6)} MB` : "",
      link,
      flags.filter(Boolean).join(", "),
    ];
  });
  output.line(`${up.api.url}, process ${up.pid}, since ${up.startedAt}`);
  for (const line of table(rows)) output.line(line);
  if (network !== undefined) output.line(pairsLine(pairProgress(network)));
  for (const line of pools?.lines ?? []) output.line(line);
  const ended = processes.find((one) => one.state === "stopped");
  if (ended !== undefined) output.line(`quorate restart ${ended.name} starts it again`);
  output.document({
    api: up.api.url,
    pid: up.pid,
    processes: processes.map((one, at) => ({ ...one, rss: memory[at] })),
    network,
    presignatures: pools?.report,
  });
}

function pairsLine({ ready, total, apart }: PairProgress): string {
  const problem = apart.length === 0 ? "" : `; ${apart.length} apart: quorate peers shows which`;
  return `pairs of signers: ${ready} of ${total} set up${problem}`;
}

/** What lies ready of each key, the pools of its signing sets together; by id where whoever asks may not read the names. */
async function pooled(client: ApiClient) {
  const [report, keys] = await Promise.all([client.presignatures(), client.keys().catch(() => [])]);
  const names = new Map(keys.map(({ id, name }) => [id, name ?? id]));
  const levels = Object.entries(Object.groupBy(report.pools, ({ keyId }) => keyId)).map(([id, pools = []]) => {
    return `${names.get(id) ?? id} ${pools.map(({ ready, target }) => `${ready} of ${target}`).join(" and ")}`;
  });
  const { made, used } = report.totals;
  const lines = levels.length === 0 ? [] : [`presignatures ready: ${levels.join("; ")} (${made} made, ${used} used)`];
  return { report, lines };
}

async function restart(node: string, options: GlobalOptions): Promise<void> {
  const output = new Output({ json: options.json });
  const { up } = await runningNetwork(options);
  await control(up, "restart", { node });
  output.line(`${node} is ready`);
  output.document({ node, state: "ready" });
}
