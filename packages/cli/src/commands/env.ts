import type { Command } from "commander";
import { acting, type GlobalOptions, runningNetwork } from "../connect.ts";
import { containerAccess } from "../containers/access.ts";
import { runCommand } from "../exit.ts";
import { environment, shellText } from "../organisation/env-file.ts";
import { ownActor } from "../organisation/seed.ts";
import { Output } from "../output.ts";
import type { State, UpFile } from "../state.ts";

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
  const { api, state } = options.containers === true ? containerAccess(options) : await running(options);
  const variables = environment(api, acting(options) ?? ownActor(state));
  for (const line of shellText(variables)) output.line(line);
  output.document(variables);
}

async function running(options: GlobalOptions): Promise<{ api: UpFile["api"]; state: State }> {
  const { up, state } = await runningNetwork({ ...options });
  return { api: up.api, state };
}
