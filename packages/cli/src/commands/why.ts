import type { NodeId } from "@quorate/orders";
import type { TraceLine } from "@quorate/simulator";
import type { Command } from "commander";
import type { GlobalOptions } from "../connect.ts";
import { refuseArgument, runCommand } from "../exit.ts";
import { duration, Output, table } from "../output.ts";
import { nodesIn } from "../scenarios/topology.ts";
import { readNetwork } from "../setup.ts";
import { stateOf } from "../state.ts";
import { explain, requestsIn } from "../traces/explanation.ts";
import { linesOfLogs } from "../traces/node-logs.ts";
import { parseLine, readTrace } from "../traces/trace-file.ts";
import { type CommonOptions, examples, optionsOf } from "./context.ts";

interface WhyOptions extends CommonOptions, GlobalOptions {
  readonly json?: boolean;
  readonly trace?: string;
}

/** `quorate why`: how a request went, in words. */
export function registerWhy(program: Command): void {
  program
    .command("why")
    .summary("how a request went, in words: who was asked, who refused or did not answer, what was tried again and why")
    .description(
      "how a request went, in words: who was asked, who refused or did not answer, what was tried again and why. From the logs of the network in the state directory, which need not run, or from a trace",
    )
    .argument("[request]", "its id; without it, all that the logs or the trace tell of")
    .option("--trace <path>", "written by scenario run --trace or fuzz --trace")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      examples(
        "quorate why",
        "quorate why sig-79v36-j4sgn-8pemxt0qhr8yapr4",
        "quorate why sig-79v36-j4sgn-8pemxt0qhr8yapr4 --trace out.jsonl",
      ),
    )
    .action(
      runCommand((request: string | undefined, _: unknown, self: Command) => why(request, optionsOf<WhyOptions>(self))),
    );
}

async function why(request: string | undefined, options: WhyOptions): Promise<void> {
  const output = new Output({ json: options.json });
  const { lines, names } = await told(options);
  if (request === undefined) return overview(output, lines, names);
  const explanation = explain(lines, request, names);
  if (explanation === undefined) {
    const known = requestsIn(lines).slice(-3);
    const hint =
      known.length === 0 ? "no request has ended there" : `quorate why lists them, such as ${known.join(", ")}`;
    return refuseArgument("[request]", `nothing is told of ${request}`, hint);
  }
  output.document(explanation);
  output.line(`${output.style("bold", request)} ${explanation.summary}`);
  const rows = explanation.steps.map(({ afterMs, node, text }) => [`+${duration(afterMs)}`, node, text]);
  for (const row of table(rows)) output.line(row);
}

function overview(output: Output, lines: readonly TraceLine[], names: readonly NodeId[]): void {
  const items = requestsIn(lines).flatMap((id) => explain(lines, id, names) ?? []);
  output.document({ items: items.map(({ request, summary }) => ({ request, summary })) });
  for (const row of table(
    items.map(({ request, summary }) => [request, summary]),
    "",
  ))
    output.line(row);
  if (items.length === 0) output.line("no request has ended");
}

/** What is known, and the names of the signers by identifier. */
async function told(options: WhyOptions) {
  if (options.trace === undefined) {
    const state = stateOf(options);
    const network = readNetwork(state);
    return { lines: linesOfLogs(state, network), names: network.nodes.map((one) => one.name) };
  }
  const { lines, file } = await readTrace("--trace", options.trace);
  const names = nodesIn(file.scenario.network).nodes.map((one) => one.name);
  return { lines: lines.map((line) => parseLine(line, "--trace")), names };
}
