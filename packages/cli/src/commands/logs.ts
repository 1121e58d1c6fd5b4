import { createReadStream, existsSync, statSync, watchFile } from "node:fs";
import { createInterface } from "node:readline";
import { everyoneOf } from "@quorate/orders";
import type { Command } from "commander";
import { pipe } from "it-pipe";
import type { GlobalOptions } from "../connect.ts";
import { CliError, EXIT, runCommand } from "../exit.ts";
import { Output } from "../output.ts";
import { readNetwork } from "../setup.ts";
import { type State, stateOf } from "../state.ts";

interface LogsOptions extends GlobalOptions {
  readonly follow?: boolean;
  readonly lines: string;
}

/** A line of a log, as far as it can be read. */
interface Entry {
  readonly time: string;
  readonly node: string;
  readonly type: string;
  readonly rest: Readonly<Record<string, unknown>>;
}

/** `quorate logs`: what the processes say, in order of time. */
export function registerLogs(program: Command): void {
  program
    .command("logs")
    .argument("[node]", "one process; all if left out")
    .option("-f, --follow", "go on as more comes")
    .option("-n, --lines <count>", "how many of the last lines", "40")
    .description("what the processes of the network say, in order of time")
    .addHelpText(
      "after",
      "\nExamples:\n  quorate logs\n  quorate logs coordinator -f\n  quorate logs virginia --json -n 1000",
    )
    .action(
      runCommand(async (node: string | undefined, _: unknown, command: Command) =>
        logs(node, command.optsWithGlobals()),
      ),
    );
}

async function logs(node: string | undefined, options: LogsOptions): Promise<void> {
  const output = new Output();
  const state = stateOf(options);
  const network = readNetwork(state);
  const all = everyoneOf(network).map((one) => one.name);
  if (node !== undefined && !all.includes(node)) {
    throw new CliError(EXIT.usage, `no process ${node}`, `there are ${all.join(", ")}`);
  }
  const count = Number(options.lines);
  if (!Number.isInteger(count) || count < 1)
    throw new CliError(EXIT.usage, `--lines ${options.lines}: a positive number`);
  const names = node === undefined ? all : [node];
  const entries = (await Promise.all(names.map((name) => read(state, name, 0)))).flat();
  const print = (entry: Entry) => output.line(options.json === true ? JSON.stringify(entry) : text(entry, output));
  for (const entry of entries.toSorted((a, b) => a.time.localeCompare(b.time)).slice(-count)) print(entry);
  if (options.follow !== true) return;
  for (const name of names) {
    let from = statSync(state.logPath(name), { throwIfNoEntry: false })?.size ?? 0;
    watchFile(state.logPath(name), { interval: 250 }, async (now) => {
      if (now.size < from) from = 0;
      const start = from;
      from = now.size;
      for (const entry of await read(state, name, start)) print(entry);
    });
  }
  await new Promise(() => {});
}

/** The entries of a log from a place in the file on. */
async function read(state: State, name: string, start: number): Promise<readonly Entry[]> {
  const path = state.logPath(name);
  if (!existsSync(path)) return [];
  const lines = createInterface({ input: createReadStream(path, { start }) });
  return pipe(lines, parsed(name), (entries) => Array.fromAsync(entries));
}

function parsed(node: string): (lines: AsyncIterable<string>) => AsyncGenerator<Entry> {
  return async function* (lines) {
    for await (const line of lines) yield parse(line, node);
  };
}

function parse(line: string, node: string): Entry {
  try {
    const { time, node: _, type, level: __, ...rest } = JSON.parse(line) as Record<string, unknown>;
    return { time: String(time), node, type: String(type), rest };
  } catch {
    return { time: "", node, type: line, rest: {} };
  }
}

function text({ time, node, type, rest }: Entry, output: Output): string {
  const facts = Object.entries(rest).map(
    ([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return `${output.style("dim", time)} ${output.style("bold", node.padEnd(11))} ${type} ${output.style("dim", facts.join(" "))}`;
}
