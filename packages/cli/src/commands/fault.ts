import type { Command } from "commander";
import { type GlobalOptions, runningNetwork } from "../connect.ts";
import { control } from "../control.ts";
import { runCommand } from "../exit.ts";
import { Output } from "../output.ts";
import { readNetwork } from "../setup.ts";

/** `quorate fault`: makes signers of a running network misbehave, where that was allowed at its start. */
export function registerFault(program: Command): void {
  const fault = program.command("fault").description("make signers misbehave (networks started with --allow-faults)");
  fault
    .command("inject")
    .argument("<fault>", "wrong-share, equivocate, bad-share or silent")
    .requiredOption("--node <name>", "the signer")
    .description("start a fault at a signer")
    .addHelpText("after", "\nExample:\n  quorate fault inject wrong-share --node ohio")
    .action(
      runCommand(async (name: string, _: unknown, command: Command) => {
        const options = command.optsWithGlobals<GlobalOptions & { node: string }>();
        await tell(options, [options.node], { action: "inject", name });
      }),
    );
  fault
    .command("clear")
    .argument("[fault]", "one fault; all if left out")
    .option("--node <name>", "one signer; all if left out")
    .description("end faults")
    .action(
      runCommand(async (name: string | undefined, _: unknown, command: Command) =>
        each(command, { action: "clear", name }),
      ),
    );
  fault
    .command("ls")
    .description("the faults in force, by signer")
    .action(runCommand(async (_: unknown, command: Command) => each(command, { action: "ls" })));
}

async function each(command: Command, payload: unknown): Promise<void> {
  const options = command.optsWithGlobals<GlobalOptions & { node?: string }>();
  const { state } = await runningNetwork(options);
  const nodes = options.node === undefined ? readNetwork(state).nodes.map((one) => one.name) : [options.node];
  await tell(options, nodes, payload);
}

async function tell(options: GlobalOptions, nodes: readonly string[], payload: unknown): Promise<void> {
  const output = new Output({ json: options.json });
  const { up } = await runningNetwork(options);
  const faults: Record<string, unknown> = {};
  for (const node of nodes) {
    const active = (await control(up, "ask", { node, question: "fault", payload })) as readonly string[];
    faults[node] = active;
    output.line(`${node}: ${active.length === 0 ? "honest" : active.join(", ")}`);
  }
  output.document(faults);
}
