import { statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { ApiClient } from "../api-client.ts";
import type { GlobalOptions } from "../connect.ts";
import { control, isRunning } from "../control.ts";
import { EXIT, runCommand } from "../exit.ts";
import { Output, table } from "../output.ts";
import { pairProgress } from "../pairs.ts";
import { readNetwork } from "../setup.ts";
import { type State, stateOf } from "../state.ts";
import type { ProcessStatus } from "../supervisor.ts";

/** One thing that was looked at. */
interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
}

const LEAST_FREE_BYTES = 100e6;

/** `quorate doctor`: looks at everything that could keep a network from running. */
export function registerDoctor(program: Command): void {
  program
    .command("doctor")
    .description("look at everything that could keep the network from running")
    .action(runCommand(async (_: unknown, command: Command) => doctor(command.optsWithGlobals())));
}

async function doctor(options: GlobalOptions): Promise<void> {
  const output = new Output({ json: options.json });
  const state = stateOf(options);
  const findings = [runtime(), disk(), ...files(state), ...(await processes(state))];
  const mark = (ok: boolean) => (ok ? output.style("green", "ok") : output.style("red", "not ok"));
  for (const line of table(findings.map(({ ok, what, detail }) => [mark(ok), what, detail]))) output.line(line);
  output.document({ findings });
  if (findings.some((one) => !one.ok)) process.exitCode = EXIT.environment;
}

function runtime(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const ok = major > 24 || (major === 24 && minor >= 12);
  return {
    what: "Node",
    ok,
    detail: ok ? process.version : `${process.version}; 24.12 or newer is needed: npm start installs it`,
  };
}

function disk(): Finding {
  const { bavail, bsize } = statfsSync(".");
  const free = bavail * bsize;
  return { what: "disk", ok: free > LEAST_FREE_BYTES, detail: `${Math.round(free / 1e6)} MB free` };
}

/** The network file, and that every secret is readable by its owner only. */
function files(state: State): readonly Finding[] {
  if (!state.exists()) return [{ what: "network", ok: true, detail: `none yet in ${state.dir}: npm start makes one` }];
  const findings: Finding[] = [];
  let names: readonly string[];
  try {
    const network = readNetwork(state);
    names = network.nodes.map((node) => node.name);
    const { minSigners, maxSigners } = network.defaults;
    findings.push({
      what: "network",
      ok: true,
      detail: `${network.networkId}: ${minSigners} of ${maxSigners}, ${names.join(", ")}`,
    });
  } catch (error) {
    return [{ what: "network", ok: false, detail: (error as Error).message }];
  }
  const secrets = [
    state.apiTokenPath,
    ...["coordinator", ...names].map((name) => join(state.nodeDir(name), "identity.key")),
  ];
  secrets.push(...names.map((name) => join(state.nodeDir(name), "storage.key")));
  const problems = secrets.flatMap((path) => {
    const mode = statSync(path, { throwIfNoEntry: false })?.mode;
    if (mode === undefined) return [`${path} is missing`];
    return (mode & 0o077) === 0 ? [] : [`chmod 600 ${path}`];
  });
  const detail = problems.length === 0 ? `${secrets.length} files, each for its owner only` : problems.join("; ");
  return [...findings, { what: "secrets", ok: problems.length === 0, detail }];
}

async function processes(state: State): Promise<readonly Finding[]> {
  const up = state.readUp();
  if (up === undefined) return [{ what: "running", ok: true, detail: "no" }];
  if (!(await isRunning(up))) {
    return [
      { what: "running", ok: false, detail: `process ${up.pid} ended without cleaning up: the next npm start does it` },
    ];
  }
  const statuses = (await control(up, "processes")) as readonly ProcessStatus[];
  const findings = statuses.map(({ name, state: at, ended }) => ({
    what: name,
    ok: at === "ready",
    detail: at === "stopped" ? `ended (${ended}): quorate restart ${name}` : at,
  }));
  return [...findings, ...(await pairs(new ApiClient(up.api)))];
}

/** The pairs of signers: one that is being set up is no trouble, one that nobody sets up any more is. */
async function pairs(client: ApiClient): Promise<readonly Finding[]> {
  const network = await client.network().catch(() => undefined);
  if (network === undefined) return [];
  const { ready, total, apart } = pairProgress(network);
  const names = apart.map(({ nodes, status }) => `${nodes.join(" and ")} ${status}`);
  const detail = `${ready} of ${total} set up${names.length === 0 ? "" : `; ${names.join(", ")}: see quorate peers`}`;
  return [{ what: "pairs", ok: apart.length === 0, detail }];
}
