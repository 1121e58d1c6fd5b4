import { availableParallelism } from "node:os";
import { parseDuration } from "@quorate/faults";
import { PROFILES, type Profile, type Scenario, swarm } from "@quorate/simulator";
import { type Command, Option } from "commander";
import { EXIT, refuseArgument, runCommand } from "../exit.ts";
import { Output } from "../output.ts";
import { ALL_PROPERTIES } from "../scenarios/expectation.ts";
import type { ScenarioFile } from "../scenarios/scenario-file.ts";
import { shrunk } from "../scenarios/shrink-report.ts";
import { simulate } from "../scenarios/simulated.ts";
import { type Batch, runBatch } from "../simulation/batch.ts";
import type { SeedResult } from "../simulation/batch-thread.ts";
import { type Failure, Tally } from "../simulation/tally.ts";
import { TraceFile } from "../traces/trace-file.ts";
import { type CommonOptions, examples, optionsOf } from "./context.ts";

interface FuzzOptions extends CommonOptions {
  readonly seeds: string;
  readonly from: string;
  readonly budget: string;
  readonly profile: Profile;
  readonly crypto: Scenario["crypto"];
  readonly threads: string;
  readonly coverage?: true;
  readonly trace?: string;
  readonly shrink?: true;
}

/** How often progress is said, milliseconds. */
const PROGRESS_MS = 2000;
/** So many hostile runs see all that should happen now and then, or try too little. */
const NIGHT = 1000;
/** How many failures are shown; all are counted. */
const SHOWN = 20;

/** `quorate fuzz`: many simulated networks, each with other faults. Needs no network. */
export function registerFuzz(program: Command): void {
  const profiles = Object.entries(PROFILES).map(([name, meaning]) => `${name}: ${meaning}`);
  program
    .command("fuzz")
    .summary("run simulated networks with faults drawn from seeds, and check every promise")
    .description(
      `run simulated networks in virtual time, each with other faults, drawn from its seed; check every promise after every event\n\n${profiles.join("\n")}`,
    )
    .option("--seeds <n>", "how many", "100")
    .option("--from <n>", "the first of them", "0")
    .option("--budget <time>", "stop after so long, such as 5m", "24h")
    .addOption(new Option("--profile <name>", "how bad it gets").choices(Object.keys(PROFILES)).default("hostile"))
    .addOption(
      new Option("--crypto <kind>", "model: quick, protects nothing").choices(["model", "full"]).default("model"),
    )
    .option("--threads <n>", "how many run side by side", String(availableParallelism()))
    .option("--trace <path>", "of one seed: write all that happens, one JSON line each")
    .option("--shrink", "of one seed: look for the smallest scenario that fails in the same way, and print it")
    .option("--coverage", `fail when something that should happen now and then never did; so do ${NIGHT} hostile seeds`)
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      examples(
        "quorate fuzz --seeds 50",
        "quorate fuzz --seeds 10000 --from 20000 --profile stormy --budget 30m",
        "quorate fuzz --seeds 300 --crypto full --coverage",
        "quorate fuzz --seeds 1 --from 1234 --trace out.jsonl",
        "quorate fuzz --seeds 1 --from 1234 --shrink",
      ),
    )
    .action(runCommand((_: unknown, self: Command) => fuzz(optionsOf<FuzzOptions>(self))));
}

async function fuzz(options: FuzzOptions): Promise<void> {
  const { profile, crypto } = options;
  const output = new Output(options);
  const batch = {
    ...{ profile, crypto, seeds: count("seeds", options.seeds, 1), from: count("from", options.from, 0) },
    ...{ budgetMs: parseDuration(options.budget, "budget"), threads: count("threads", options.threads, 1) },
  };
  const tally = new Tally();
  if (options.trace !== undefined || options.shrink === true) return one(output, batch, options);
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once("SIGINT", interrupt); // a second one ends the process
  const started = performance.now();
  let said = started;
  const done = (result: SeedResult) => {
    const failed = tally.failures.length;
    tally.add(result);
    for (const failure of tally.failures.slice(failed)) if (failed < SHOWN) show(output, failure, options);
    if (performance.now() - said < PROGRESS_MS) return;
    said = performance.now();
    output.progress(
      `${tally.seeds} of ${batch.seeds} seeds, ${tally.signed} signatures, ${tally.failures.length} failed`,
    );
  };
  await runBatch(batch, done, interrupted.signal);
  process.off("SIGINT", interrupt);
  if (interrupted.signal.aborted) {
    output.line(
      `interrupted after ${tally.seeds} of ${batch.seeds} seeds; go on with --from ${batch.from + tally.seeds}`,
    );
    process.exitCode = EXIT.interrupted;
  }
  summarise(output, tally, options, performance.now() - started);
}

/** One seed, in this process. */
function one(output: Output, { seeds, from, profile, crypto }: Batch, { trace, shrink }: FuzzOptions): void {
  if (seeds !== 1)
    refuseArgument("--seeds", `${seeds} seeds, and --trace and --shrink are of one`, "--seeds 1 --from N");
  const scenario = swarm(String(from), profile, crypto);
  const file: ScenarioFile = { scenario, expect: [{ kind: "properties", properties: ALL_PROPERTIES }] };
  if (shrink === true) return void shrunk(output, file);
  using writer = TraceFile.create(trace ?? "", file);
  const { findings, facts } = simulate(file, (line) => writer.add(line));
  output.document({ seed: scenario.seed, findings, ...facts });
  for (const { verdict, expected, text } of findings) output.line(`${verdict}: ${expected}: ${text}`);
  output.line(`${facts.events} events in ${trace}; see them in words: quorate replay ${trace} --until N`);
  if (findings.some((found) => found.verdict === "FAILED")) process.exitCode = EXIT.safety;
}

function show(output: Output, { seed, what, text }: Failure, { profile, crypto }: FuzzOptions): void {
  output.line(`${output.style("red", "FAILED")} seed ${seed}: ${what}: ${text}`);
  output.line(`  again: ${replayLine(seed, profile, crypto)}`);
}

/** The one line that runs a seed again. */
function replayLine(seed: string, profile: Profile, crypto: Scenario["crypto"]): string {
  return `npx quorate fuzz --seeds 1 --from ${seed} --profile ${profile} --crypto ${crypto}`;
}

function summarise(output: Output, tally: Tally, options: FuzzOptions, tookMs: number): void {
  const { seeds, asked, signed, events, virtualMs, failures, coverage } = tally;
  const seconds = tookMs / 1000;
  const rssMb = Math.round(process.memoryUsage().rss / 1e6);
  const facts = { seeds, asked, signed, events, virtualMs: Math.round(virtualMs), seconds, rssMb };
  output.document({ ...facts, failures, coverage, missing: tally.missing });
  const isNight = seeds >= NIGHT && options.profile === "hostile";
  const lacks = (options.coverage === true || isNight) && tally.missing.length > 0;
  output.line(
    `${counted(seeds, "seed")} in ${seconds.toFixed(1)} s: ${signed} of ${asked} requests signed, ${events} events,`,
  );
  output.line(
    `${(virtualMs / 3_600_000).toFixed(1)} hours of virtual time, ${rssMb} MB, seen ${tally.covered} things to see`,
  );
  if (lacks) output.line(`${output.style("red", "NEVER SEEN")} ${tally.missing.join(", ")}`);
  const kept = output.style("green", "every promise was kept");
  output.line(failures.length === 0 ? kept : counted(failures.length, "failure"));
  if (failures.length > 0 || lacks) process.exitCode = EXIT.safety;
}

function count(argument: string, text: string, least: number): number {
  const number = Number(text);
  if (/^\d{1,9}$/.test(text) && number >= least) return number;
  refuseArgument(`--${argument}`, `${text} is not a whole number from ${least}`);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
