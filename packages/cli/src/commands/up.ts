import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { coordinatorsOf, type NetworkFile } from "@quorate/orders";
import { type Command, Option } from "commander";
import { ApiClient } from "../api-client.ts";
import { CHAIN_HELP, chainNodes } from "../chain-nodes.ts";
import type { GlobalOptions } from "../connect.ts";
import { control, isRunning, serveControl } from "../control.ts";
import { checkSharing, keepToDatabase } from "../database-choice.ts";
import { runDemonstration } from "../demonstration/run.ts";
import { CliError, EXIT, runCommand } from "../exit.ts";
import type { FaultDesk } from "../faults/desk.ts";
import { answerFaultRequest } from "../faults/handlers.ts";
import { chosenNetwork, findOrMake } from "../network-choice.ts";
import { environment, writeEnv } from "../organisation/env-file.ts";
import { seed } from "../organisation/seed.ts";
import { Output } from "../output.ts";
import { databaseUrl, number } from "../process/settings.ts";
import { freePort, portIsFree } from "../setup.ts";
import { type State, stateOf } from "../state.ts";
import { Supervisor } from "../supervisor.ts";
import { followPairs, showNetwork, showNext, waitForSigners } from "../welcome.ts";
import { CALLS_HELP, CALLS_PER_MINUTE, callsPerMinute, DATABASE_HELP } from "./node.ts";

interface UpOptions extends GlobalOptions {
  readonly preset?: string;
  readonly minSigners?: string;
  readonly orgFile?: string;
  readonly coordinators?: string;
  readonly port: string;
  readonly jitter: string;
  readonly regions: boolean;
  readonly database?: string;
  readonly chain?: readonly string[];
  readonly once?: boolean;
  readonly demo: boolean;
  readonly allowFaults?: boolean;
  readonly callsPerMinute: string;
}

/** `quorate up` and `quorate down`. */
export function registerUp(program: Command): void {
  program
    .command("up")
    .description("start the network and stay until Ctrl-C")
    .option("--preset <name|regions>", "eu, atlantic, global, apart, or regions with commas between (new networks)")
    .option("--min-signers <t>", "how many must sign (new networks; default 3, or a majority of the regions)")
    .option(
      "--org-file <file>",
      "the first record of an organisation of yours, in place of a new local one (new networks)",
    )
    .option("--coordinators <count>", "how many share the database, each with an API (new networks; needs --database)")
    .option("--port <port>", "port of the API on 127.0.0.1; 0 takes any", "4300")
    .option("--jitter <ratio>", "p99/p50 of the delay between regions; 0 for none", "1.5")
    .option("--no-regions", "no delay between regions")
    .option("--database <url>", DATABASE_HELP)
    .option("--chain <network=url...>", CHAIN_HELP)
    .option("--calls-per-minute <count>", CALLS_HELP, CALLS_PER_MINUTE)
    .option("--once", "run the demonstration and exit: 0 if all of it held")
    .option("--no-demo", "start without the demonstration")
    .addOption(new Option("--allow-faults", "allow quorate fault to break the network"))
    .addHelpText(
      "after",
      `
Examples:
  quorate up                          five signers around the Atlantic, three must sign
  quorate up --preset global          five signers on four continents
  quorate up --dir /tmp/q --port 0 --no-regions --once
  QUORATE_DATABASE_URL=postgres://quorate:secret@localhost/quorate quorate up
                                      records in Postgres, a schema for each process`,
    )
    .action(runCommand(async (_: unknown, command: Command) => up(command.optsWithGlobals())));
  program
    .command("down")
    .description("stop the network that runs in the state directory")
    .action(runCommand(async (_: unknown, command: Command) => down(command.optsWithGlobals())));
}

/** The options of `up`, read before anything is done. */
interface Launch {
  readonly apiPort: number;
  /** The Postgres database of all processes, if they do not keep files. */
  readonly database: string | undefined;
  /** Where nodes of chains answer, by network. */
  readonly chains: ReadonlyMap<string, string>;
  readonly jitter: number | null;
  readonly allowFaults: boolean;
  readonly callsPerMinute: number;
  readonly once: boolean;
  readonly demo: boolean;
}

async function readLaunch(options: UpOptions): Promise<Launch> {
  const asked = number("--port", options.port, 0, 65535);
  const jitter = options.regions ? number("--jitter", options.jitter, 0, 10) : null;
  if (jitter !== null && jitter > 0 && jitter < 1) {
    throw new CliError(EXIT.usage, `--jitter ${options.jitter}: 0 for none, or a ratio from 1 to 10`);
  }
  if (asked !== 0 && !(await portIsFree(asked))) {
    throw new CliError(EXIT.environment, `port ${asked} is taken by another program`, "--port 0 takes any free one");
  }
  const once = options.once === true;
  const apiPort = asked === 0 ? await freePort() : asked;
  const database = databaseUrl(options.database);
  const chains = chainNodes(options.chain);
  const allowFaults = options.allowFaults === true;
  const calls = callsPerMinute(options.callsPerMinute);
  return { apiPort, database, chains, jitter, allowFaults, callsPerMinute: calls, once, demo: options.demo || once };
}

async function up(options: UpOptions): Promise<void> {
  const output = new Output({ json: options.json });
  const state = stateOf(options);
  await refuseSecond(state, output);
  const choice = chosenNetwork(state, options);
  const launch = await readLaunch(options);
  checkSharing(choice.coordinators, launch.database);
  keepToDatabase(state, choice.network !== undefined, launch.database);
  const network = await findOrMake(state, choice, output);
  const apiToken = readFileSync(state.apiTokenPath, "utf8").trim();
  let stopping = false;
  const apiPorts = await portsOf(network, launch.apiPort);
  const supervisor: Supervisor = new Supervisor({ state, network, apiToken, apiPorts, ...launch }, (status) => {
    void desk?.then((one) => one.changed(status));
    if (status.state === "stopped" && !stopping) output.progress(`${status.name} ended (${status.ended})`);
  });
  const say = (text: string) => output.progress(text);
  const local = { supervisor, network, state, files: launch.database === undefined, say };
  // Not even loaded otherwise.
  const desk = launch.allowFaults ? import("../faults/local.ts").then((room) => room.localDesk(local)) : undefined;
  const stop = Promise.withResolvers<"stopped">();
  const controlToken = randomBytes(24).toString("base64url");
  const { server, port } = await serveControl(
    controlToken,
    handlers({ supervisor, network, desk }, () => stop.resolve("stopped")),
  );
  const api = { url: `http://127.0.0.1:${launch.apiPort}`, token: apiToken };
  const coordinators = Array.from(apiPorts, ([name, at]) => ({ name, url: `http://127.0.0.1:${at}` }));
  const startedAt = new Date().toISOString();
  state.writeUp({ pid: process.pid, startedAt, control: { port, token: controlToken }, api, coordinators });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.resolve("stopped"));
  try {
    const running = run(supervisor, {
      ...{ output, network, state, coordinators, ...api, ...launch },
      stopping: () => stopping,
    });
    running.catch(() => {});
    const held = await Promise.race([running, stop.promise]);
    if (launch.once && held !== "held") process.exitCode = EXIT.safety;
    if (!launch.once) await stop.promise;
  } finally {
    stopping = true;
    await supervisor.stop();
    server.closeAllConnections();
    server.close();
    state.clearUp();
  }
}

/**
 * Starts the processes, shows the network, runs the demonstration while the pairs of signers are set up. Whoever wants it only once
 * waits for those as well.
 *
 * @returns whether all of it held
 */
async function run(
  supervisor: Supervisor,
  scene: Launch & {
    readonly output: Output;
    readonly network: NetworkFile;
    readonly state: State;
    readonly coordinators: readonly { readonly name: string; readonly url: string }[];
    readonly url: string;
    readonly token: string;
    readonly stopping: () => boolean;
  },
): Promise<"held" | "broken"> {
  const { output, once, state, url, token } = scene;
  const startedMs = performance.now();
  await startAll(supervisor, output);
  for (const each of scene.coordinators) await waitForSigners(new ApiClient({ url: each.url, token }), output);
  const seeded = await seed(state, { url, token });
  const client = new ApiClient({ url, token, as: seeded?.service });
  writeEnv(state, environment({ url, token }, seeded?.service));
  const readyMs = performance.now() - startedMs;
  await showNetwork(client, { ...scene, readyMs, seeded });
  // Where the keys of the organisation are elsewhere, nobody here can ask for a signature.
  const demo = scene.demo && seeded !== undefined;
  const pairs = followPairs(client, output, startedMs, () => once || scene.stopping());
  pairs.catch(() => {}); // whoever waits for them hears of it below
  const report = demo ? await runDemonstration(client, (line) => output.line(line)) : undefined;
  if (!once) showNext(output);
  if (report !== undefined) output.document({ readyMs, ...report, ...(once && { pairs: await pairs }) });
  if (once) output.line(report?.held ? "\nAll of it held. npm start keeps the network up." : "\nNot all of it held.");
  return report?.held === false ? "broken" : "held";
}

/** The first coordinator's API has the port that was asked for, the others' any. */
async function portsOf(network: NetworkFile, first: number): Promise<ReadonlyMap<string, number>> {
  const ports = new Map<string, number>();
  for (const [at, { name }] of coordinatorsOf(network).entries()) {
    let port = at === 0 ? first : await freePort();
    while (at > 0 && [...ports.values()].includes(port)) port = await freePort();
    ports.set(name, port);
  }
  return ports;
}

async function refuseSecond(state: State, output: Output): Promise<void> {
  const before = state.readUp();
  if (before === undefined) return;
  if (await isRunning(before)) {
    throw new CliError(
      EXIT.environment,
      `a network runs in ${state.dir} already: process ${before.pid}, ${before.api.url}`,
      "quorate down stops it; --dir <path> --port 0 starts another beside it",
    );
  }
  output.progress(
    `the network that ran in ${state.dir} (process ${before.pid}) did not end cleanly; its lock is removed`,
  );
  state.clearUp();
}

async function startAll(supervisor: Supervisor, output: Output): Promise<void> {
  let ready = 0;
  const { names } = supervisor;
  await Promise.all(
    names.map(async (name) => {
      await supervisor.start(name);
      output.progress(`${name} is ready (${++ready} of ${names.length} processes)`);
    }),
  );
}

function handlers(
  { supervisor, network, desk }: { supervisor: Supervisor; network: NetworkFile; desk: Promise<FaultDesk> | undefined },
  stop: () => void,
) {
  const named = (payload: unknown) => payload as { node: string; question?: string; payload?: unknown };
  return {
    ping: () => ({ pid: process.pid }),
    processes: () => supervisor.statuses(),
    fault: async (payload: unknown) => answerFaultRequest(await desk, network, payload),
    restart: (payload: unknown) => supervisor.start(named(payload).node),
    ask: (payload: unknown) => {
      const { node, question = "", payload: asked } = named(payload);
      return supervisor.ask(node, question, asked);
    },
    stop,
  };
}

async function down(options: GlobalOptions): Promise<void> {
  const output = new Output({ json: options.json });
  const state = stateOf(options);
  const running = state.readUp();
  if (running === undefined || !(await isRunning(running))) {
    state.clearUp();
    throw new CliError(EXIT.unavailable, `no network runs in ${state.dir}`, "npm start starts one");
  }
  await control(running, "stop");
  while (state.readUp()?.pid === running.pid) await new Promise((resolve) => setTimeout(resolve, 50));
  output.line(`stopped the network in ${state.dir}`);
  output.document({ stopped: state.dir });
}
