import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { type GlobalOptions, runningNetwork } from "../connect.ts";
import { CliError, EXIT, runCommand } from "../exit.ts";
import { Output } from "../output.ts";
import { containerState } from "./init.ts";

/** `quorate env`: address and token of the running network, for a shell. */
export function registerEnv(program: Command): void {
  program
    .command("env")
    .description("address and token of the running network, for a shell")
    .option("--containers", "of the network in docker-compose.yml")
    .addHelpText(
      "after",
      '\nExample:\n  eval "$(quorate env)" && curl -H "Authorization: Bearer $QUORATE_TOKEN" $QUORATE_URL/keys',
    )
    .action(runCommand(async (_: unknown, command: Command) => env(command.optsWithGlobals())));
}

async function env(options: GlobalOptions & { containers?: boolean }): Promise<void> {
  const output = new Output({ json: options.json });
  const { url, token } = options.containers === true ? containers(options) : (await runningNetwork(options)).up.api;
  output.line(`export QUORATE_URL=${url}`);
  output.line(`export QUORATE_TOKEN=${token}`);
  output.document({ QUORATE_URL: url, QUORATE_TOKEN: token });
}

function containers(options: GlobalOptions): { url: string; token: string } {
  const state = containerState(options);
  if (!state.exists())
    throw new CliError(EXIT.environment, `no containers in ${state.dir}`, "quorate init --containers");
  const url = `http://127.0.0.1:${process.env.QUORATE_PORT ?? 4300}`;
  return { url, token: readFileSync(state.apiTokenPath, "utf8").trim() };
}
