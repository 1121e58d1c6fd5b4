import type { Command } from "commander";
import { ApiClient } from "../api-client.ts";
import { type GlobalOptions, runningNetwork } from "../connect.ts";
import { control } from "../control.ts";
import { runCommand } from "../exit.ts";
import { duration, Output, table } from "../output.ts";
import type { ProcessStatus } from "../supervisor.ts";

/** `quorate status` and `quorate restart`. */
export function registerStatus(program: Command): void {
  program
    .command("status")
    .description("the processes of the running network, their links and memory")
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
  const { up } = await runningNetwork(options);
  const processes = (await control(up, "processes")) as readonly ProcessStatus[];
  const memory = await Promise.all(
    processes.map(async ({ name, state }) => {
      if (state !== "ready") return null;
      const usage = (await control(up, "ask", { node: name, question: "memory" })) as { rss: number };
      return usage.rss;
    }),
  );
  const network = await new ApiClient(up.api).network().catch(() => undefined);
  const seen = new Map(network?.nodes.map((node) => [node.name, node]));
  const rows = processes.map((one, at) => {
    const node = seen.get(one.name);
    const link = node === undefined ? "" : node.connected ? `${duration(node.rttMs ?? 0)} round trip` : "not connected";
    const flags = [node?.suspect === true ? "slow or silent" : "", node?.guilty === true ? "sent a wrong share" : ""];
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
  const ended = processes.find((one) => one.state === "stopped");
  if (ended !== undefined) output.line(`quorate restart ${ended.name} starts it again`);
  output.document({
    api: up.api.url,
    pid: up.pid,
    processes: processes.map((one, at) => ({ ...one, rss: memory[at] })),
    network,
  });
}

async function restart(node: string, options: GlobalOptions): Promise<void> {
  const output = new Output({ json: options.json });
  const { up } = await runningNetwork(options);
  await control(up, "restart", { node });
  output.line(`${node} is ready`);
  output.document({ node, state: "ready" });
}
