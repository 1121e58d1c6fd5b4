import { decodeHalt, type NetworkFile, unhex } from "@quorate/orders";
import type { Command } from "commander";
import { type GlobalOptions, runningNetwork } from "../connect.ts";
import { control } from "../control.ts";
import { EXIT, runCommand } from "../exit.ts";
import { haltStatements, operatorsHere, resumeOf } from "../operators.ts";
import { Output, table } from "../output.ts";
import { readNetwork } from "../setup.ts";
import type { UpFile } from "../state.ts";
import { type Told, tell, unreachable } from "../statements.ts";
import { examples } from "./context.ts";

interface HaltOptions extends GlobalOptions {
  readonly operator?: string;
}

/** `quorate halt` and `quorate resume`: operators stop their own signers, and let them go on together. */
export function registerHalt(program: Command): void {
  program
    .command("halt")
    .summary("stop signers at once, without the coordinator")
    .description(
      "each operator whose key is here stops its own signers: they make and use no secret until enough operators resume, also after a restart",
    )
    .option("--operator <name>", "only this one's signers")
    .addHelpText("after", examples("quorate halt", "quorate halt --operator operator-2", "quorate resume"))
    .action(runCommand(async (_: unknown, command: Command) => halt(command.optsWithGlobals())));
  program
    .command("resume")
    .description("let halted signers go on: takes the keys of as many operators as signers must sign")
    .addHelpText("after", examples("quorate resume"))
    .action(runCommand(async (_: unknown, command: Command) => resume(command.optsWithGlobals())));
}

async function halt(options: HaltOptions): Promise<void> {
  const output = new Output({ json: options.json });
  const { state, up } = await runningNetwork(options);
  const network = readNetwork(state);
  const statements = haltStatements(network, operatorsHere(state, network, options.operator), Date.now());
  const told = await tell(up, "halt", statements);
  finish(output, "halted", told);
}

async function resume(options: GlobalOptions): Promise<void> {
  const output = new Output({ json: options.json });
  const { state, up } = await runningNetwork(options);
  const network = readNetwork(state);
  const operators = operatorsHere(state, network);
  const statements = new Map<string, string>();
  for (const [node, halted] of await haltedSigners(up, network)) {
    statements.set(node, resumeOf(network, operators, decodeHalt(unhex(halted))));
  }
  if (statements.size === 0) {
    output.document({ resumed: {} });
    return output.line("no signer is halted");
  }
  finish(output, "resumed", await tell(up, "resume", statements));
}

async function haltedSigners(up: UpFile, { nodes }: NetworkFile): Promise<readonly (readonly [string, string])[]> {
  const asked = nodes.map(async ({ name: node }) => {
    const statement = await control(up, "ask", { node, question: "halted" }).catch(unreachable);
    return typeof statement === "string" ? [[node, statement] as const] : [];
  });
  return (await Promise.all(asked)).flat();
}

function finish(output: Output, done: "halted" | "resumed", told: Told): void {
  output.document({ [done]: told });
  const rows = Object.entries(told).map(([node, answer]) => [
    node,
    answer === "taken" || answer === "known" ? done : answer,
  ]);
  for (const line of table(rows, "")) output.line(line);
  if (Object.values(told).some((answer) => answer === "refused" || answer === "not_stored"))
    process.exitCode = EXIT.safety;
}
