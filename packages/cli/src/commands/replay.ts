import { createInterface } from "node:readline/promises";
import type { TraceLine } from "@quorate/simulator";
import type { Command } from "commander";
import { EXIT, refuseArgument, runCommand } from "../exit.ts";
import { Output, table } from "../output.ts";
import { simulate } from "../scenarios/simulated.ts";
import { parseLine, type ReadTrace, readTrace } from "../traces/trace-file.ts";
import { lineText } from "../traces/words.ts";
import { VERSION } from "../version.ts";
import { type CommonOptions, examples, optionsOf } from "./context.ts";

interface ReplayOptions extends CommonOptions {
  readonly until?: string;
  readonly step?: true;
  readonly all?: true;
}

/** Each message and each write is a line; they are most of a trace, and what they lead to has lines of its own. */
const ORDINARY: ReadonlySet<string> = new Set([
  "message.sent",
  "message.delivered",
  "disk.written",
  "pairs.changed",
  "presignatures.level",
]);

/** `quorate replay`: runs what a trace tells of again, and compares. */
export function registerReplay(program: Command): void {
  program
    .command("replay")
    .summary("run what a trace tells of again, and compare line by line")
    .description(
      "run the scenario of a trace again and compare what happens line by line; ends with exit code 3 at a difference, which is a mistake of the simulator, or another version of Quorate",
    )
    .argument("<trace>", "written by scenario run --trace or fuzz --trace")
    .option(
      "--until <event>",
      "print what happens up to there, in words: the number of a line, or the type of an event",
    )
    .option("--step", "print what happens line by line, each after Enter")
    .option("--all", "print also what is sent, delivered and written")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      examples(
        "quorate replay out.jsonl",
        "quorate replay out.jsonl --until signer.blamed",
        "quorate replay out.jsonl --until 2843 --all",
      ),
    )
    .action(runCommand((path: string, _: unknown, self: Command) => replay(path, optionsOf(self))));
}

async function replay(path: string, options: ReplayOptions): Promise<void> {
  const output = new Output(options);
  const trace = await readTrace("<trace>", path);
  const { version } = trace.header;
  if (version !== VERSION) output.progress(`the trace is of version ${version}, this is ${VERSION}`);
  const again: string[] = [];
  const { facts } = simulate(trace.file, (line) => again.push(JSON.stringify(line)));
  const differs = firstDifference(trace.lines, again);
  await tell(output, trace, options);
  const same = differs === undefined;
  const difference = same ? null : { line: differs, was: trace.lines[differs] ?? null, is: again[differs] ?? null };
  output.document({ same, lines: trace.lines.length, commit: trace.header.commit, difference, ...facts });
  if (difference === null) {
    return output.line(output.style("green", `the same again: ${trace.lines.length} lines, hash ${facts.hash}`));
  }
  output.line(output.style("red", `other from line ${difference.line} on`));
  output.line(`  was ${difference.was ?? "at its end"}`);
  output.line(`  is  ${difference.is ?? "at its end"}`);
  process.exitCode = EXIT.safety;
}

/** @returns the first place at which two lists are not the same; `undefined` for none */
export function firstDifference(one: readonly string[], other: readonly string[]): number | undefined {
  for (let at = 0; at < Math.max(one.length, other.length); at++) if (one[at] !== other[at]) return at;
  return undefined;
}

async function tell(output: Output, { lines }: ReadTrace, { until, step, all }: ReplayOptions): Promise<void> {
  if ((until === undefined && step === undefined) || output.json) return;
  const read = lines.map((line) => parseLine(line, "<trace>"));
  const end = until === undefined ? read.length - 1 : endOf(read, until);
  const shown = read.slice(0, end + 1).filter((one, at) => all || at === end || !ORDINARY.has(one.type));
  const rows = table(shown.map(lineText), "");
  if (step === undefined) {
    for (const row of rows) output.line(row);
    return;
  }
  using keys = createInterface({ input: process.stdin });
  const entered = keys[Symbol.asyncIterator]();
  for (const row of rows) {
    output.line(row);
    if ((await entered.next()).done === true) return;
  }
}

function endOf(lines: readonly TraceLine[], until: string): number {
  const found = lines.findIndex(({ seq, type }) => (/^\d+$/.test(until) ? seq === Number(until) : type === until));
  if (found >= 0) return found;
  const types = [...new Set(lines.map((one) => one.type))].sort();
  return refuseArgument(
    "--until",
    `nothing in the trace is ${until}`,
    `a number up to ${lines.length - 1}, or ${types.join(", ")}`,
  );
}
