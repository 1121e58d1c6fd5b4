import type { Command } from "commander";
import { type GlobalOptions, runningNetwork } from "../connect.ts";
import { control } from "../control.ts";
import { runCommand } from "../exit.ts";
import { Output } from "../output.ts";
import { readNetwork } from "../setup.ts";

/** `quorate vault`: the storage keys under which signers seal their shares. */
export function registerVault(program: Command): void {
  const vault = program.command("vault").description("the storage keys under which signers seal their shares");
  vault
    .command("rotate-key")
    .argument("[node]", "a signer; all of them if left out")
    .description("reseal a signer's records under a new storage key, while it runs")
    .addHelpText("after", "\nExamples:\n  quorate vault rotate-key\n  quorate vault rotate-key virginia")
    .action(
      runCommand(async (node: string | undefined, _: unknown, command: Command) =>
        rotate(node, command.optsWithGlobals()),
      ),
    );
}

async function rotate(node: string | undefined, options: GlobalOptions): Promise<void> {
  const output = new Output({ json: options.json });
  const { state, up } = await runningNetwork(options);
  const nodes = node === undefined ? readNetwork(state).nodes.map((one) => one.name) : [node];
  const rotated: Record<string, unknown> = {};
  for (const name of nodes) {
    const result = (await control(up, "ask", { node: name, question: "rotate-key" })) as {
      resealed: number;
      faulty: readonly { kind: string; id: string; fault: string }[];
    };
    rotated[name] = result;
    output.line(`${name}: ${result.resealed} records resealed under a new key`);
    for (const { kind, id, fault } of result.faulty) output.line(`  left as it was: ${kind} ${id} (${fault})`);
  }
  output.document(rotated);
}
