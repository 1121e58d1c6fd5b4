import { FAULTS, faultFromWords, parametersOf, parseDuration } from "@quorate/faults";
import type { Command } from "commander";
import { type GlobalOptions, runningNetwork } from "../connect.ts";
import { containerAccess } from "../containers/access.ts";
import { containerFaults } from "../containers/desk.ts";
import { control } from "../control.ts";
import { CliError, EXIT, runCommand } from "../exit.ts";
import type { ShownFault } from "../faults/desk.ts";
import type { FaultRequest } from "../faults/handlers.ts";
import { duration, Output, table } from "../output.ts";

interface FaultOptions extends GlobalOptions {
  readonly node?: string;
  readonly region?: string;
  readonly operator?: string;
  readonly for?: string;
  readonly containers?: boolean;
  readonly [parameter: string]: unknown;
}

/** The parameters of faults, in the order of the help. */
const PARAMETERS: Readonly<Record<string, string>> = {
  "--node <selector>": "the name of a node, region:NAME, operator:NAME, coordinator, or *",
  "--region <name>": "all nodes of a region",
  "--operator <name>": "all nodes of an operator",
  "--link <link>": "A->B one way, A<->B both ways, or A for all links that lead out of it",
  "--from <selector>": "of a link: one way from there",
  "--to <selector>": "of a link: one way to there; of a lie: only to those",
  "--round <k>": "only in that round of a session",
  "--for <time>": "ends by itself, such as 30s",
  "--ms <time>": "of delay and disk-slow, such as 200ms",
  "--every-ms <time>": "of flap",
  "--probability <p>": "of loss, duplicate, corrupt and reorder, such as 0.1 or 10%",
  "--bytes-per-second <n>": "of throttle",
  "--factor <n>": "of slow",
  "--skew-ms <time>": "of clock, such as 5m or -5m",
  "--drift-ppm <n>": "of clock",
  "--frozen": "of clock",
  "--record <kind>": "of bit-flip and swap, such as share",
};

const CONTAINERS = [
  "--containers",
  "of docker-compose.yml, started with QUORATE_ALLOW_FAULTS=yes; with --for the command stays until it ends",
] as const;

/** `quorate fault`: breaks a running network on purpose, where that was allowed at its start. */
export function registerFault(program: Command): void {
  const fault = program.command("fault").description("break the network on purpose (started with --allow-faults)");
  const inject = fault.command("inject").argument("<fault>", "see quorate fault kinds").description("begin a fault");
  for (const [flags, description] of Object.entries(PARAMETERS)) inject.option(flags, description);
  inject
    .option(...CONTAINERS)
    .addHelpText(
      "after",
      `
Examples:
  quorate fault inject wrong-share --node ohio
  quorate fault inject partition --region ohio --for 30s
  quorate fault inject loss --link 'ohio<->ireland' --probability 10%
  quorate fault inject crash --node ohio --round 2
  quorate fault inject coordinator:twice
  quorate fault inject pause --node ohio --for 30s --containers`,
    )
    .action(
      runCommand(async (kind: string, _: unknown, command: Command) => {
        const options = command.optsWithGlobals<FaultOptions>();
        const request: FaultRequest = { action: "inject", fault: faultOf(kind, options) };
        const forMs = options.for === undefined ? undefined : parseDuration(options.for);
        await ask(options, forMs === undefined ? request : { ...request, forMs }, "begins");
      }),
    );
  fault
    .command("clear")
    .argument("[fault]", "an id or a kind; all if left out")
    .option(...CONTAINERS)
    .description("end faults")
    .action(
      runCommand(async (which: string | undefined, _: unknown, command: Command) =>
        ask(command.optsWithGlobals(), which === undefined ? { action: "clear" } : { action: "clear", which }, "ended"),
      ),
    );
  fault
    .command("ls")
    .option(...CONTAINERS)
    .description("the faults in force")
    .action(
      runCommand(async (_: unknown, command: Command) => ask(command.optsWithGlobals(), { action: "ls" }, "in force")),
    );
  fault
    .command("snapshot")
    .requiredOption("--node <selector>", "whose database")
    .description("copy the database of a node, for a later rollback to it")
    .action(
      runCommand(async (_: unknown, command: Command) =>
        snapshot(command.optsWithGlobals<GlobalOptions & { node: string }>()),
      ),
    );
  fault
    .command("kinds")
    .description("every fault, what it takes and where it can be had")
    .action(runCommand(async (_: unknown, command: Command) => kinds(command.optsWithGlobals())));
}

/** A fault from the options of the command. @throws InputError naming the parameter, CliError */
export function faultOf(kind: string, { region, operator, ...options }: FaultOptions) {
  const named = [
    ...(options.node === undefined ? [] : [options.node]),
    ...(region === undefined ? [] : [`region:${region}`]),
    ...(operator === undefined ? [] : [`operator:${operator}`]),
  ];
  if (named.length > 1) {
    throw new CliError(EXIT.usage, "--node, --region and --operator name different nodes", "give one of them");
  }
  const words: Record<string, string | undefined> = { node: named[0] };
  for (const flags of Object.keys(PARAMETERS)) {
    const name = flags
      .slice(2)
      .split(" ")[0]!
      .replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (["node", "region", "operator", "for"].includes(name)) continue;
    const given: unknown = options[name];
    if (given !== undefined) words[name] = String(given);
  }
  return faultFromWords(kind, words);
}

async function ask(options: FaultOptions, request: FaultRequest, word: string): Promise<void> {
  const output = new Output({ json: options.json });
  const faults = (await answered(options, request, output)) as readonly ShownFault[];
  const rows = faults.map(({ id, text, nodes, leftMs }) => [
    ...[id, text, `at ${nodes.join(", ")}`],
    leftMs === null || request.action === "clear" ? "" : `for ${duration(leftMs)}`,
  ]);
  for (const line of table(rows, "")) output.line(request.action === "ls" ? line : `${word}: ${line}`);
  if (faults.length === 0) output.line("no fault is in force");
  output.document({ faults });
}

async function answered(options: FaultOptions, request: FaultRequest, output: Output): Promise<unknown> {
  if (options.containers !== true) return control((await runningNetwork(options)).up, "fault", request);
  return containerFaults(containerAccess(options).network, (text) => output.progress(text))(request);
}

async function snapshot(options: GlobalOptions & { readonly node: string }): Promise<void> {
  const output = new Output({ json: options.json });
  const { up } = await runningNetwork(options);
  const nodes = (await control(up, "fault", { action: "snapshot", node: options.node })) as readonly string[];
  output.line(`copied the database of ${nodes.join(", ")}`);
  output.document({ snapshots: nodes });
}

function kinds(options: GlobalOptions): void {
  const output = new Output({ json: options.json });
  const rows = Object.entries(FAULTS).map(([kind, { does, layers }]) => {
    const { required, optional } = parametersOf(kind as keyof typeof FAULTS);
    const takes = [...Object.keys(required), ...Object.keys(optional).map((name) => `[${name}]`)].join(" ");
    return [kind, takes, does, layers.join(", ")];
  });
  for (const line of table(rows, "")) output.line(line);
  output.document({ kinds: FAULTS });
}
