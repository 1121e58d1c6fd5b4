import type { PairStatus } from "@quorate/coordinator";
import type { PairStanding, PairState } from "@quorate/orders";
import type { Command } from "commander";
import { confirm } from "../confirmation.ts";
import { connect, type GlobalOptions, runningNetwork } from "../connect.ts";
import { control } from "../control.ts";
import { EXIT, refuseArgument, runCommand } from "../exit.ts";
import { Output, type Style, table } from "../output.ts";
import { readNetwork } from "../setup.ts";
import type { UpFile } from "../state.ts";
import type { ProcessStatus } from "../supervisor.ts";
import { examples } from "./context.ts";

interface ReadmitOptions extends GlobalOptions {
  readonly at: string;
  readonly yes?: boolean;
}

/** What each signer says of the others, or is said to stand; `null` of one that does not run. */
type Standings = ReadonlyMap<string, readonly { readonly node: string; readonly state: PairStatus }[] | null>;

/** How long the two ends may take to tell each other, before it is said how they stand. Milliseconds. */
const SETTLE_MS = 5000;
const POLL_MS = 100;

const BAN = `A signer bans another when a check fails that an honest signer never fails, and that looks at secrets of the one who
checks: each such failure may have told a dishonest one something. So the two never work together again, for any key, also
after restarts, until somebody decides otherwise. A ban holds if either end has it, and each end forgets its own only: both
may have to readmit. Afterwards the two set up all their secrets anew, so that what was learnt is worthless. Readmit a signer
only if you know why it failed: a test, a damaged disk, software that has been replaced.`;

const CLONE = `A signer of whose name two processes ran has stopped both, and the others have banned it. Stop one of the two for
good first, and know why it ran: who has a copy of a signer's disk and key can do all that the signer can. The one that goes
on takes all that was authorised until now for used, as the other may have used it.`;

const STYLES: Readonly<Partial<Record<PairStatus, Style>>> = { ready: "green", banned: "red", failed: "red" };

/** `quorate peers`: how the signers stand with one another. */
export function registerPeers(program: Command): void {
  const peers = program
    .command("peers")
    .summary("how the signers stand with one another, and readmission of a banned one")
    .description("how each signer stands with each other for threshold ECDSA, as it says itself")
    .addHelpText("after", examples("quorate peers", "quorate peers readmit ohio --at virginia"))
    .action(runCommand(async (_: unknown, command: Command) => show(command.optsWithGlobals())));
  peers
    .command("readmit")
    .argument("<node>", "the signer that was banned")
    .requiredOption(
      "--at <node>",
      "the signer that banned it; or itself, once it was cloned and the other process is gone",
    )
    .option("--yes", "do not ask")
    .description(`have a signer work again with one that it banned, after a fresh setup\n\n${BAN}`)
    .addHelpText(
      "after",
      examples("quorate peers readmit ohio --at virginia", "quorate peers readmit virginia --at ohio --yes"),
    )
    .action(runCommand(async (node: string, _: unknown, command: Command) => readmit(node, command.optsWithGlobals())));
}

async function show(options: GlobalOptions): Promise<void> {
  const output = new Output({ json: options.json });
  const { by, standings } = await asked(options);
  const names = [...standings.keys()];
  output.document({ by, standings: Object.fromEntries(standings) });
  const rows = names.map((name) => [name, ...names.map((other) => cell(output, standings, name, other))]);
  for (const line of table([["", ...names], ...rows])) output.line(line);
  for (const [one, other] of apart(standings)) {
    output.line(`${one} and ${other} do not work together, by the will of one or of both. Once you know why:`);
    output.line(`  quorate peers readmit ${other} --at ${one}   or   quorate peers readmit ${one} --at ${other}`);
  }
}

async function readmit(node: string, options: ReadmitOptions): Promise<void> {
  const output = new Output({ json: options.json });
  const { state, up } = await runningNetwork(options);
  const names = readNetwork(state).nodes.map(({ name }) => name);
  const { at } = options;
  for (const [argument, name] of [
    ["<node>", node],
    ["--at", at],
  ] as const) {
    if (!names.includes(name)) refuseArgument(argument, `there is no signer ${name}`, `there are ${names.join(", ")}`);
  }
  if (at === node) return unfence(node, up, output, options);
  const before = await standingOf(up, at, node);
  if (before !== "banned" && before !== "failed") {
    const hint = "quorate peers shows how the signers stand";
    refuseArgument("<node>", `${at} has not banned ${node}: the pair is ${before ?? "unknown"}`, hint);
  }
  await confirm(`${BAN}\n\nHave ${at} work with ${node} again?`, options);
  await control(up, "ask", { node: at, question: "readmit", payload: node });
  const after = await settled(up, at, node);
  output.document({ node, at, standing: after });
  if (after === "banned") {
    output.line(`${at} has nothing against ${node} any more, but ${node} has banned ${at}:`);
    output.line(`  quorate peers readmit ${at} --at ${node}`);
    process.exitCode = EXIT.unavailable;
  } else output.line(`${at} works with ${node} again, with a fresh setup: ${after}`);
}

/** The operator of a signer that was cloned says that this process is the one to go on. */
async function unfence(node: string, up: UpFile, output: Output, options: ReadmitOptions): Promise<void> {
  if ((await control(up, "ask", { node, question: "cloned" })) !== true)
    refuseArgument("--at", `${node} was not cloned, and cannot ban itself`, "name the signer that banned it");
  await confirm(`${CLONE}\n\nHave ${node} serve again?`, options);
  await control(up, "ask", { node, question: "readmit", payload: node });
  output.document({ node, at: node, standing: "serving" });
  output.line(`${node} serves again. Each other signer that found it cloned has banned it:`);
  output.line(`  quorate peers readmit ${node} --at SIGNER`);
}

/** What the two stand at once they have spoken. */
async function settled(up: UpFile, at: string, node: string): Promise<PairState | undefined> {
  const end = performance.now() + SETTLE_MS;
  for (;;) {
    const standing = await standingOf(up, at, node);
    const isUnsettled = standing === "banned" || standing === "waiting";
    if (!isUnsettled || performance.now() > end) return standing;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function standingOf(up: UpFile, at: string, node: string): Promise<PairState | undefined> {
  const standing = (await control(up, "ask", { node: at, question: "pairs" })) as readonly PairStanding[];
  return standing.find((one) => one.node === node)?.state;
}

/** Asks the processes of the network that runs here; of one that `QUORATE_URL` names, its coordinator. */
async function asked(options: GlobalOptions): Promise<{ by: "signers" | "coordinator"; standings: Standings }> {
  if (process.env.QUORATE_URL === undefined) {
    const { state, up } = await runningNetwork(options);
    const names = readNetwork(state).nodes.map(({ name }) => name);
    return { by: "signers", standings: await askAll(up, names) };
  }
  const { nodes, pairs } = await (await connect(options)).network();
  const said = (name: string) =>
    pairs.flatMap(({ nodes: [one, other], status }) => {
      return one === name || other === name ? [{ node: one === name ? other : one, state: status }] : [];
    });
  return { by: "coordinator", standings: new Map(nodes.map(({ name }) => [name, said(name)])) };
}

/** Asks every signer that runs. */
async function askAll(up: UpFile, names: readonly string[]): Promise<Standings> {
  const processes = (await control(up, "processes")) as readonly ProcessStatus[];
  const running = new Set(processes.filter(({ state }) => state === "ready").map(({ name }) => name));
  const answers = names.map(async (node) => {
    if (!running.has(node)) return [node, null] as const;
    return [node, (await control(up, "ask", { node, question: "pairs" })) as readonly PairStanding[]] as const;
  });
  return new Map(await Promise.all(answers));
}

/** Each two that somebody has to bring together again, once. */
function apart(standings: Standings): readonly (readonly [string, string])[] {
  const said = [...standings].flatMap(([by, all]) =>
    (all ?? []).map(({ node, state }) => ({ pair: [by, node], state })),
  );
  const names = said
    .filter(({ state }) => state === "banned" || state === "failed")
    .map(({ pair }) => pair.toSorted().join(" "));
  return [...new Set(names)].map((name) => name.split(" ") as [string, string]);
}

function cell(output: Output, standings: Standings, by: string, node: string): string {
  if (by === node) return "-";
  const said = standings.get(by);
  if (said === null) return "down";
  const state = said?.find((one) => one.node === node)?.state;
  const style = state && STYLES[state];
  return style === undefined ? (state ?? "?") : output.style(style, state!);
}
