import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { acting, type GlobalOptions, runningNetwork } from "../connect.ts";
import { CliError, EXIT, runCommand } from "../exit.ts";
import { environment, shellText } from "../organisation/env-file.ts";
import { ownCredential } from "../organisation/seed.ts";
import { Output } from "../output.ts";
import type { State, UpFile } from "../state.ts";
import { containerState } from "./init.ts";

/** `quorate env`: what a shell needs to act on the running network. */
export function registerEnv(program: Command): void {
  program
    .command("env")
    .description("address, tokens and credential for a shell: configures quorate and the SDK of Dfns")
    .option("--containers", "of the network in docker-compose.yml")
    .addHelpText(
      "after",
      '\nExample:\n  eval "$(quorate env)" && curl -H "Authorization: Bearer $DFNS_AUTH_TOKEN" $DFNS_API_URL/keys',
    )
    .action(runCommand(async (_: unknown, command: Command) => env(command.optsWithGlobals())));
}

async function env(options: GlobalOptions & { containers?: boolean }): Promise<void> {
  const output = new Output({ json: options.json });
  const { api, state } = options.containers === true ? containers(options) : await running(options);
  // Containers have an administrator from the beginning; whoever wants a service account makes one.
  const own = ownCredential(state, "service-account") ?? ownCredential(state, "admin");
  const variables = environment(api, acting(options) ?? own);
  for (const line of shellText(variables)) output.line(line);
  output.document(variables);
}

async function running(options: GlobalOptions): Promise<{ api: UpFile["api"]; state: State }> {
  const { up, state } = await runningNetwork({ ...options });
  return { api: up.api, state };
}

function containers(options: GlobalOptions): { api: UpFile["api"]; state: State } {
  const state = containerState(options);
  if (!state.exists())
    throw new CliError(EXIT.environment, `no containers in ${state.dir}`, "quorate init --containers");
  const url = `http://127.0.0.1:${process.env.QUORATE_PORT ?? 4300}`;
  return { api: { url, token: readFileSync(state.apiTokenPath, "utf8").trim() }, state };
}
