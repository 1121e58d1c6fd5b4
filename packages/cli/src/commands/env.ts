import type { Command } from "commander";
import { type GlobalOptions, runningNetwork } from "../connect.ts";
import { runCommand } from "../exit.ts";
import { Output } from "../output.ts";

/** `quorate env`: address and token of the running network, for a shell. */
export function registerEnv(program: Command): void {
  program
    .command("env")
    .description("address and token of the running network, for a shell")
    .addHelpText(
      "after",
      '\nExample:\n  eval "$(quorate env)" && curl -H "Authorization: Bearer $QUORATE_TOKEN" $QUORATE_URL/keys',
    )
    .action(runCommand(async (_: unknown, command: Command) => env(command.optsWithGlobals())));
}

async function env(options: GlobalOptions): Promise<void> {
  const output = new Output({ json: options.json });
  const { up } = await runningNetwork(options);
  output.line(`export QUORATE_URL=${up.api.url}`);
  output.line(`export QUORATE_TOKEN=${up.api.token}`);
  output.document({ QUORATE_URL: up.api.url, QUORATE_TOKEN: up.api.token });
}
