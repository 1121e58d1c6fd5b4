import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { type Command, Option } from "commander";
import { ApiClient } from "../api-client.ts";
import type { GlobalOptions } from "../connect.ts";
import { control, isRunning, serveControl } from "../control.ts";
import { CliError, EXIT, runCommand } from "../exit.ts";
import { Output } from "../output.ts";
import { number } from "../process/settings.ts";
import { freePort, makeNetwork, readNetwork, regionsOf, settlePorts } from "../setup.ts";
import { type State, stateOf } from "../state.ts";
import { Supervisor } from "../supervisor.ts";
import { demonstrate, showNetwork, showNext, waitForSigners } from "../welcome.ts";

interface UpOptions extends GlobalOptions {
  readonly preset?: string;
  readonly minSigners?: string;
  readonly port: string;
  readonly jitter: string;
  readonly regions: boolean;
  readonly once?: boolean;
  readonly demo: boolean;
  readonly allowFaults?: boolean;
}

/** `quorate up` and `quorate down`. */
export function registerUp(program: Command): void {
  program
    .command("up")
    .description("start the network and stay until Ctrl-C")
    .option("--preset <name|regions>", "eu, atlantic, global, apart, or regions with commas between (new networks)")
    .option("--min-signers <t>", "how many must sign (new networks; default 3, or a majority of the regions)")
    .option("--port <port>", "port of the API on 127.0.0.1; 0 takes any", "4300")
    .option("--jitter <ratio>", "p99/p50 of the delay between regions; 0 for none", "1.5")
    .option("--no-regions", "no delay between regions")
    .option("--once", "run the demonstration and exit: 0 if all of it held")
    .option("--no-demo", "start without the demonstration")
    .addOption(new Option("--allow-faults", "allow quorate fault to make signers misbehave"))
    .addHelpText(
      "after",
      `
Examples:
  quorate up                          five signers around the Atlantic, three must sign
  quorate up --preset global          five signers on four continents
  quorate up --dir /tmp/q --port 0 --no-regions --once`,
    )
    .action(runCommand(async (_: unknown, command: Command) => up(command.optsWithGlobals())));
  program
    .command("down")
    .description("stop the network that runs in the state directory")
    .action(runCommand(async (_: unknown, command: Command) => down(command.optsWithGlobals())));
}

async function up(options: UpOptions): Promise<void> {
  const output = new Output({ json: options.json });
  const state = stateOf(options);
  await refuseSecond(state, output);
  const network = await findOrMake(state, options, output);
  const apiPort = number("--port", options.port, 0, 65535) || (await freePort());
  const apiToken = readFileSync(state.apiTokenPath, "utf8").trim();
  const jitter = options.regions ? number("--jitter", options.jitter, 0, 10) : null;
  const allowFaults = options.allowFaults === true;
  const startedMs = performance.now();
  let stopping = false;
  const plan = { state, network, apiPort, apiToken, jitter, allowFaults };
  const supervisor = new Supervisor(plan, (status) => {
    if (status.state === "stopped" && !stopping) output.progress(`${status.name} ended (${status.ended})`);
  });
  const end = Promise.withResolvers<void>();
  const controlToken = randomBytes(24).toString("base64url");
  const { server, port } = await serveControl(controlToken, handlers(supervisor, end.resolve));
  const url = `http://127.0.0.1:${apiPort}`;
  state.writeUp({
    pid: process.pid,
    startedAt: new Date().toISOString(),
    control: { port, token: controlToken },
    api: { url, token: apiToken },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => end.resolve());
  try {
    await startAll(supervisor, output);
    const client = new ApiClient({ url, token: apiToken });
    await waitForSigners(client, output);
    const readyMs = performance.now() - startedMs;
    await showNetwork(client, { output, network, url, token: apiToken, readyMs, jitter });
    const held =
      options.demo || options.once === true ? await Promise.race([demonstrate(client, output), end.promise]) : true;
    if (options.once === true) {
      if (held !== true) process.exitCode = EXIT.safety;
      output.line();
      output.line(held === true ? "All of it held. npm start keeps the network up." : "Not all of it held.");
      return;
    }
    showNext(output);
    await end.promise;
  } finally {
    stopping = true;
    await supervisor.stop();
    server.closeAllConnections();
    server.close();
    state.clearUp();
  }
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

async function findOrMake(state: State, options: UpOptions, output: Output) {
  if (state.exists()) {
    const network = readNetwork(state);
    const regions = network.nodes.map((node) => node.region).join(",");
    if (options.preset !== undefined && regionsOf(options.preset).join(",") !== regions) {
      throw new CliError(
        EXIT.usage,
        `--preset ${options.preset}: the network in ${state.dir} has its signers in ${regions}`,
        "leave --preset out, or make another network with --dir <path>",
      );
    }
    const moved = await settlePorts(state, network);
    if (moved.length > 0) output.progress(`another program took their ports: ${moved.join(", ")} moved to new ones`);
    return readNetwork(state);
  }
  const regions = regionsOf(options.preset ?? "atlantic");
  const majority = Math.floor(regions.length / 2) + 1;
  const minSigners = number("--min-signers", options.minSigners ?? String(Math.max(2, majority)), 2, regions.length);
  output.progress(
    `making a new network in ${state.dir}: ${regions.join(", ")}; ${minSigners} of ${regions.length} sign`,
  );
  const ports: number[] = [];
  while (ports.length <= regions.length) {
    const port = await freePort();
    if (!ports.includes(port)) ports.push(port);
  }
  return makeNetwork(state, { regions, minSigners, addressOf: (_, at) => `/ip4/127.0.0.1/tcp/${ports[at]}` });
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

function handlers(supervisor: Supervisor, stop: () => void) {
  const named = (payload: unknown) => payload as { node: string; question?: string; payload?: unknown };
  return {
    ping: () => ({ pid: process.pid }),
    processes: () => supervisor.statuses(),
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
