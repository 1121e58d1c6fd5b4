import { type Layer, parseDuration } from "@quorate/faults";
import { type Command, Option } from "commander";
import { ApiClient } from "../api-client.ts";
import { acting, clientOf, type GlobalOptions, runningNetwork } from "../connect.ts";
import { containerAccess } from "../containers/access.ts";
import { containerFaults } from "../containers/desk.ts";
import { control } from "../control.ts";
import { EXIT, refuseArgument, runCommand } from "../exit.ts";
import { writeOut } from "../files.ts";
import { ownActor } from "../organisation/seed.ts";
import { duration, Output, table } from "../output.ts";
import { type Finding, quantile } from "../scenarios/expectation.ts";
import { FaultChannel } from "../scenarios/fault-channel.ts";
import { type LiveNetwork, runLive } from "../scenarios/live.ts";
import { readScenario } from "../scenarios/reading.ts";
import { record } from "../scenarios/recording.ts";
import type { ScenarioFile } from "../scenarios/scenario-file.ts";
import { shrunk } from "../scenarios/shrink-report.ts";
import { type Outcome, simulate } from "../scenarios/simulated.ts";
import { written } from "../scenarios/written.ts";
import { readNetwork } from "../setup.ts";
import { TraceFile } from "../traces/trace-file.ts";
import { type CommonOptions, examples, optionsOf } from "./context.ts";

interface ShrinkOptions extends CommonOptions {
  readonly runs: string;
  readonly out?: string;
}

interface RecordOptions extends CommonOptions, GlobalOptions {
  readonly for: string;
  readonly out: string;
  readonly json?: boolean;
}

interface RunOptions extends CommonOptions {
  readonly layer: Layer;
  readonly trace?: string;
}

const ABOUT = `A scenario says who is where, who asks for what, which faults begin when (or on which event), and what must come of it. One file
serves the simulator, a network of quorate up --allow-faults, and containers; what a layer cannot do is printed as skipped, and
does not count as passed. There are examples in packages/cli/scenarios.`;

/** `quorate scenario`: what happens to a network, as a file. */
export function registerScenario(program: Command): void {
  const scenario = program
    .command("scenario")
    .summary("run a file that says what goes wrong when, and what must come of it")
    .description(`run a file that says what goes wrong when, and what must come of it\n\n${ABOUT}`);
  scenario
    .command("run")
    .argument("<file>", "the scenario, YAML")
    .description("run a scenario and check what it expects; ends with exit code 3 when that is not so")
    .addOption(new Option("--layer <layer>", "where").choices(["simulator", "live", "containers"]).default("simulator"))
    .option("--trace <path>", "write all that happens, one JSON line each (simulator only)")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      examples(
        "quorate scenario run packages/cli/scenarios/wrong-share.yaml",
        "quorate scenario run packages/cli/scenarios/partition-of-a-region.yaml --trace out.jsonl",
        "quorate scenario run packages/cli/scenarios/partition-of-a-region.yaml --layer live",
        "quorate scenario run packages/cli/scenarios/partition-of-a-region.yaml --layer containers",
      ),
    )
    .action(runCommand((file: string, _: unknown, self: Command) => runScenario(file, optionsOf(self))));
  scenario
    .command("record")
    .description(
      "write what happens to the running network from now on as a scenario: the faults of quorate fault, and when signatures are asked for",
    )
    .requiredOption("--out <path>", "where to write it")
    .option("--for <time>", "how long; Ctrl-C ends it earlier", "10m")
    .option("--json", "print one JSON document")
    .addHelpText("after", examples("quorate scenario record --for 60s --out seen.yaml"))
    .action(runCommand((_: unknown, self: Command) => recordScenario(optionsOf(self))));
  scenario
    .command("shrink")
    .argument("<file>", "a scenario that fails in the simulator, YAML")
    .description("look for the smallest scenario that fails in the same way, and print it")
    .option("--runs <n>", "how many are tried at most", "300")
    .option("--out <path>", "write it there")
    .option("--json", "print one JSON document")
    .addHelpText("after", examples("quorate scenario shrink failing.yaml --out small.yaml"))
    .action(runCommand((file: string, _: unknown, self: Command) => shrinkScenario(file, optionsOf(self))));
}

async function recordScenario(options: RecordOptions): Promise<void> {
  const output = new Output(options);
  const { state, up } = await runningNetwork(options);
  const forMs = parseDuration(options.for, "for");
  const interrupted = new AbortController();
  process.once("SIGINT", () => interrupted.abort());
  output.progress(`recording for ${duration(forMs)}; Ctrl-C ends it earlier`);
  const seen = await record({
    ...{ up, client: clientOf({ state, up }, options), network: readNetwork(state) },
    ...{ forMs, signal: interrupted.signal },
  });
  writeOut("--out", options.out, new TextEncoder().encode(written(seen)));
  const { timeline, workload } = seen.scenario;
  output.document({ faults: timeline.length, requests: workload.requests, file: options.out });
  output.line(`${timeline.length} faults and ${workload.requests} requests in ${options.out}`);
}

function shrinkScenario(path: string, options: ShrinkOptions): void {
  const output = new Output(options);
  if (!/^[1-9]\d{0,5}$/.test(options.runs)) refuseArgument("--runs", `${options.runs} is not a whole number from 1`);
  const small = shrunk(output, readScenario(path), Number(options.runs));
  if (options.out !== undefined) writeOut("--out", options.out, new TextEncoder().encode(small));
}

async function runScenario(path: string, options: RunOptions & GlobalOptions): Promise<void> {
  const output = new Output(options);
  const file = readScenario(path);
  const { layer, trace } = options;
  if (layer !== "simulator" && trace !== undefined) {
    refuseArgument("--trace", `${layer} writes none`, "quorate logs and quorate why show what happened there");
  }
  const outcome = layer === "simulator" ? simulated(file, options) : await onNetwork(output, file, options);
  report(output, { file, outcome, layer: options.layer });
}

function simulated(file: ScenarioFile, { trace }: RunOptions): Outcome {
  if (trace === undefined) return simulate(file);
  using writer = TraceFile.create(trace, file);
  return simulate(file, (line) => writer.add(line));
}

/** The network of this directory, or that of its containers. */
async function onNetwork(output: Output, file: ScenarioFile, options: RunOptions & GlobalOptions): Promise<Outcome> {
  const say = (text: string) => output.progress(text);
  const live = options.layer === "live" ? await processes(options, say) : containers(options, say);
  process.once("SIGINT", () => void live.faults.clear().finally(() => process.exit(EXIT.interrupted)));
  return runLive(file, live);
}

async function processes(options: GlobalOptions, say: LiveNetwork["say"]): Promise<LiveNetwork> {
  const { state, up } = await runningNetwork(options);
  const client = clientOf({ state, up }, options);
  const faults = new FaultChannel((request) => control(up, "fault", request));
  return { layer: "live", client, network: readNetwork(state), faults, say };
}

function containers(options: GlobalOptions, say: LiveNetwork["say"]): LiveNetwork {
  const { api, state, network } = containerAccess(options);
  const client = new ApiClient({ ...api, as: acting(options) ?? ownActor(state) });
  return { layer: "containers", client, network, faults: new FaultChannel(containerFaults(network, say)), say };
}

function report(
  output: Output,
  { file, outcome, layer }: { file: ScenarioFile; outcome: Outcome; layer: Layer },
): void {
  const { findings, seen, facts } = outcome;
  const failed = findings.filter((one) => one.verdict === "FAILED").length;
  const skips = findings.filter((one) => one.verdict === "skipped").length;
  const { asked, signed, latenciesMs, blamed, broken } = seen;
  const [p50, p99] = [0.5, 0.99].map((share) => quantile(latenciesMs, share));
  output.document({
    ...{ name: file.name, layer, passed: failed === 0 && skips === 0, failed, skipped: skips, findings },
    ...{ asked, signed, p50Ms: p50, p99Ms: p99, blamed, broken, ...facts },
  });
  output.line(`${output.style("bold", file.name ?? "scenario")}, seed ${file.scenario.seed}, on ${layer}`);
  for (const line of table(findings.map((one) => row(output, one)))) output.line(line);
  const times = p50 === undefined || p99 === undefined ? "" : `, p50 ${duration(p50)}, p99 ${duration(p99)}`;
  output.line(`${signed} of ${asked} requests signed${times}`);
  output.line(verdict(output, failed, skips));
  if (failed > 0) process.exitCode = EXIT.safety;
}

function row(output: Output, { verdict, expected, text }: Finding): readonly string[] {
  const colour = ({ passed: "green", FAILED: "red", skipped: "yellow" } as const)[verdict];
  return [output.style(colour, verdict === "skipped" ? "skipped:" : verdict), expected, text];
}

function verdict(output: Output, failed: number, skips: number): string {
  const some = (count: number, what: string) => `${count} ${count === 1 ? what : `${what}s`}`;
  if (failed > 0) return output.style("red", `${some(failed, "expectation")} failed`);
  if (skips > 0) return output.style("yellow", `nothing failed, ${skips} skipped: not all was tried`);
  return output.style("green", "all as expected");
}
