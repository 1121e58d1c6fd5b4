import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { CHAIN_HELP, chainNodes } from "../chain-nodes.ts";
import { asCliError, CliError, EXIT } from "../exit.ts";
import { readGenesis } from "../organisation/genesis.ts";
import { report } from "../process/parent.ts";
import { number, type ProcessOptions, readSeed, readSettings } from "../process/settings.ts";

/** Of `--database`, wherever it is an option. */
export const DATABASE_HELP =
  "postgres://user:password@host/database, instead of files (better QUORATE_DATABASE_URL: other users see command lines)";

/** Of `--calls-per-minute`, wherever it is an option. */
export const CALLS_HELP = "calls of the API that one token may make in a minute; 0 for as many as it likes";
export const CALLS_PER_MINUTE = "1000";

/** @throws CliError */
export function callsPerMinute(text: string): number {
  return number("--calls-per-minute", text, 0, 1_000_000);
}

interface CoordinatorOptions extends ProcessOptions {
  readonly apiHost: string;
  readonly apiPort: string;
  readonly apiTokenFile?: string;
  readonly organisation: readonly string[];
  readonly tokenKey?: string;
  readonly chain?: readonly string[];
  readonly callsPerMinute: string;
}

/** `signer` and `coordinator`: one process of the network. `up` starts them; containers start them one each. */
export function registerNode(program: Command): void {
  const shared = (command: Command) =>
    command
      .requiredOption("--network <file>", "the network file")
      .requiredOption("--self <name>", "which node of it this is")
      .requiredOption("--data <path>", "where its database lies")
      .option("--database <url>", DATABASE_HELP)
      .option("--identity <file>", "its identity seed (default: identity.key in --data)")
      .option("--storage-key <file>", "its storage key (default: storage.key in --data, or QUORATE_STORAGE_KEY)")
      .option(
        "--listen <multiaddresses>",
        "what to bind, with commas between (default: its addresses in the network file)",
      )
      .option("--jitter <ratio>", "p99/p50 of the simulated delay, 0 for none", "1.5")
      .option("--no-regions", "no simulated delay at all")
      .option("--allow-faults [yes|no]", "load what makes it misbehave")
      .option("--fault <json...>", "faults that are in force from the start, as JSON")
      .option("--health-port <port>", "serve /health and /metrics there", "0")
      .option("--health-host <host>", "address to serve them on", "127.0.0.1");
  shared(program.command("signer").description("run a signer")).action((options: ProcessOptions) =>
    reporting(async () => {
      const { runSigner } = await import("../process/signer.ts");
      await runSigner(readSettings(options));
    }),
  );
  shared(program.command("coordinator").description("run the coordinator"))
    .option("--api-host <host>", "address of the API", "127.0.0.1")
    .option("--api-token-file <file>", "a file with the token that the API asks for (default: QUORATE_API_TOKEN)")
    .option("--api-port <port>", "port of the API", "0")
    .requiredOption("--organisation <file...>", "the first records of the organisations that the network file names")
    .option("--token-key <file>", "seed of the key that signs bearer tokens (default: token.key in --data)")
    .option("--chain <network=url...>", CHAIN_HELP)
    .option("--calls-per-minute <count>", CALLS_HELP, CALLS_PER_MINUTE)
    .action((options: CoordinatorOptions) =>
      reporting(async () => {
        const { runCoordinator } = await import("../process/coordinator.ts");
        const { apiTokenFile } = options;
        const token = apiTokenFile ? readFileSync(apiTokenFile, "utf8").trim() : (process.env.QUORATE_API_TOKEN ?? "");
        if (token.length < 16)
          throw new CliError(
            EXIT.usage,
            "the API needs a token of at least 16 characters, in QUORATE_API_TOKEN or --api-token-file",
          );
        const port = number("--api-port", options.apiPort, 0, 65535);
        const tokenSeed = readSeed(options.tokenKey ?? join(options.data, "token.key"), "a seed of tokens");
        const organisations = options.organisation.map((file) => readGenesis("--organisation", file).record);
        const more = { chains: chainNodes(options.chain), callsPerMinute: callsPerMinute(options.callsPerMinute) };
        const api = { host: options.apiHost, port, token, tokenSeed, organisations, ...more };
        await runCoordinator(readSettings(options), api);
      }),
    );
}

/** Runs a process; what keeps it from starting goes to the supervisor and to the log. */
async function reporting(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    const { message, hint, exitCode } = asCliError(error);
    process.stderr.write(`${message}\n${hint === undefined ? "" : `  try: ${hint}\n`}`);
    report({ type: "failed", message, hint, exitCode });
    // The message must leave before the process does.
    setTimeout(() => process.exit(exitCode), 50);
  }
}
