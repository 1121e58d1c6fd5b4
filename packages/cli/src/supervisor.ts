import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, statSync, truncateSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { coordinatorsOf, type NetworkFile } from "@quorate/orders";
import { CliError, EXIT } from "./exit.ts";
import type { Instruction, Report } from "./process/parent.ts";
import type { State } from "./state.ts";

/** How the processes of a network are started. */
export interface SupervisorPlan {
  readonly state: State;
  readonly network: NetworkFile;
  /** Of the API of each coordinator, by its name. */
  readonly apiPorts: ReadonlyMap<string, number>;
  readonly apiToken: string;
  /** The URL of the Postgres database of all processes; without it each keeps a file. */
  readonly database: string | undefined;
  /** Where nodes of chains answer, by network. */
  readonly chains: ReadonlyMap<string, string>;
  /** p99/p50 of the simulated delay; `null` without regions. */
  readonly jitter: number | null;
  readonly allowFaults: boolean;
  /** What one token may ask of the API in a minute; 0 for no limit. */
  readonly callsPerMinute: number;
}

/** A process of the network as the supervisor sees it. */
export interface ProcessStatus {
  readonly name: string;
  readonly role: "signer" | "coordinator";
  readonly pid: number | null;
  readonly state: "starting" | "ready" | "stopped";
  /** How it ended, if it did: `signal SIGKILL`, `exit 5`. */
  readonly ended: string | null;
  readonly startedAt: number;
}

interface Child {
  status: ProcessStatus;
  process: ChildProcess;
  ready: PromiseWithResolvers<Report & { type: "ready" }>;
  readonly answers: Map<number, PromiseWithResolvers<unknown>>;
}

const MAIN = fileURLToPath(new URL("./process/main.ts", import.meta.url));
/** Compiled code is kept there, so that six processes do not each compile the same. */
const COMPILE_CACHE = fileURLToPath(new URL("../../../node_modules/.cache/quorate", import.meta.url));
/** Six processes share one machine: a small young generation costs little here and saves 20 MB each. */
const LEAN = ["--max-semi-space-size=2"];
/** A log longer than this is started over, bytes. */
const MAX_LOG_BYTES = 32 << 20;
/** How long a process may take to end by itself, milliseconds. */
const STOP_MS = 4000;

/** Starts the processes of a network and keeps hold of them. They end with it: each watches the channel to this process. */
export class Supervisor {
  readonly #plan: SupervisorPlan;
  readonly #children = new Map<string, Child>();
  readonly #onChange: (status: ProcessStatus) => void;
  #questions = 0;

  constructor(plan: SupervisorPlan, onChange: (status: ProcessStatus) => void) {
    this.#plan = plan;
    this.#onChange = onChange;
  }

  get names(): readonly string[] {
    const { network } = this.#plan;
    return [...network.nodes, ...coordinatorsOf(network)].map((node) => node.name);
  }

  statuses(): readonly ProcessStatus[] {
    return [...this.#children.values()].map((child) => child.status);
  }

  /** Starts a process, or starts it again after it ended. @returns what it says when it is ready. @throws CliError if it fails */
  start(name: string): Promise<Report & { type: "ready" }> {
    if (!this.names.includes(name)) return Promise.reject(this.#unknown(name));
    return this.#start(name, name, this.#plan.state.nodeDir(name), []);
  }

  /** Starts a second process as a signer of the network, with its keys but a database of its own, on another port. */
  startClone(name: string, data: string): Promise<Report & { type: "ready" }> {
    return this.#start(`${name}~clone`, name, data, ["--listen", "/ip4/127.0.0.1/tcp/0"]);
  }

  /** Ends what `startClone` started. */
  async endClone(name: string): Promise<void> {
    await this.kill(`${name}~clone`);
    this.#children.delete(`${name}~clone`);
  }

  /** Ends a process without a word, if it runs. @returns once it is gone */
  async kill(name: string): Promise<void> {
    const child = this.#children.get(name);
    if (child === undefined || child.status.state === "stopped") return;
    const ended = new Promise((resolve) => child.process.once("exit", resolve));
    child.process.kill("SIGKILL");
    await ended;
  }

  /** @param self which node of the network it is */
  #start(name: string, self: string, data: string, more: readonly string[]): Promise<Report & { type: "ready" }> {
    const running = this.#children.get(name);
    if (running !== undefined && running.status.state !== "stopped") return running.ready.promise;
    const { state } = this.#plan;
    const role = this.#plan.apiPorts.has(self) ? "coordinator" : "signer";
    const log = openLog(state.logPath(self));
    const spawned = spawn(process.execPath, [...LEAN, MAIN, ...this.#arguments(role, self, data), ...more], {
      stdio: ["ignore", log, log, "ipc"],
      env: {
        NODE_COMPILE_CACHE: COMPILE_CACHE,
        ...process.env,
        // Not an argument: it may hold a password, and command lines are everybody's to see.
        ...(this.#plan.database === undefined ? {} : { QUORATE_DATABASE_URL: this.#plan.database }),
        ...(role === "coordinator" ? { QUORATE_API_TOKEN: this.#plan.apiToken } : {}),
      },
    });
    closeSync(log);
    const child: Child = {
      status: { name, role, pid: spawned.pid ?? null, state: "starting", ended: null, startedAt: Date.now() },
      process: spawned,
      ready: Promise.withResolvers(),
      answers: new Map(),
    };
    child.ready.promise.catch(() => {});
    this.#children.set(name, child);
    spawned.on("message", (message: Report) => this.#hear(child, message));
    spawned.on("error", (error) => child.ready.reject(new CliError(EXIT.environment, `${name}: ${error.message}`)));
    spawned.on("exit", (code, signal) => this.#ended(child, signal === null ? `exit ${code}` : `signal ${signal}`));
    this.#onChange(child.status);
    return child.ready.promise;
  }

  /** Asks a running process. @throws CliError when it does not run, or says no */
  ask(name: string, question: string, payload: unknown): Promise<unknown> {
    const child = this.#children.get(name);
    if (child === undefined) throw this.#unknown(name);
    if (child.status.state === "stopped") {
      throw new CliError(EXIT.unavailable, `${name} does not run (${child.status.ended})`, `quorate restart ${name}`);
    }
    const id = ++this.#questions;
    const answer = Promise.withResolvers<unknown>();
    child.answers.set(id, answer);
    this.#tell(child, { type: "ask", id, question, payload });
    return answer.promise;
  }

  /** Ends all processes; those that do not end by themselves are killed. */
  async stop(): Promise<void> {
    await Promise.all(
      [...this.#children.values()].map(async (child) => {
        if (child.status.state === "stopped") return;
        const ended = new Promise((resolve) => child.process.once("exit", resolve));
        this.#tell(child, { type: "stop" });
        const timer = setTimeout(() => child.process.kill("SIGKILL"), STOP_MS);
        await ended;
        clearTimeout(timer);
      }),
    );
  }

  #unknown(name: string): CliError {
    return new CliError(EXIT.usage, `no process ${name}`, `there are ${this.names.join(", ")}`);
  }

  #arguments(role: string, name: string, data: string): readonly string[] {
    const { state, jitter, allowFaults, apiPorts, chains, callsPerMinute } = this.#plan;
    return [
      role,
      ...["--network", state.networkPath, "--self", name, "--data", data],
      ...(jitter === null ? ["--no-regions"] : ["--jitter", String(jitter)]),
      ...(allowFaults ? ["--allow-faults"] : []),
      ...(role === "coordinator"
        ? [
            ...[
              "--api-port",
              String(apiPorts.get(name)),
              "--organisation",
              state.genesisPath,
              "--token-key",
              state.tokenKeyPath,
              "--calls-per-minute",
              String(callsPerMinute),
            ],
            ...Array.from(chains, ([network, url]) => ["--chain", `${network}=${url}`]).flat(),
          ]
        : []),
    ];
  }

  #tell(child: Child, message: Instruction): void {
    if (child.process.connected) child.process.send(message, () => {});
  }

  #hear(child: Child, message: Report): void {
    if (message.type === "ready") {
      this.#change(child, { state: "ready" });
      child.ready.resolve(message);
    } else if (message.type === "failed") {
      child.ready.reject(new CliError(message.exitCode, `${child.status.name}: ${message.message}`, message.hint));
    } else {
      const answer = child.answers.get(message.id);
      child.answers.delete(message.id);
      if (message.error === undefined) answer?.resolve(message.result);
      else answer?.reject(new CliError(EXIT.usage, `${child.status.name}: ${message.error}`));
    }
  }

  #ended(child: Child, ended: string): void {
    const error = new CliError(
      EXIT.unavailable,
      `${child.status.name} ended (${ended})`,
      `quorate logs ${child.status.name}`,
    );
    child.ready.reject(error);
    for (const answer of child.answers.values()) answer.reject(error);
    child.answers.clear();
    this.#change(child, { state: "stopped", ended, pid: null });
  }

  #change(child: Child, change: Partial<ProcessStatus>): void {
    child.status = { ...child.status, ...change };
    this.#onChange(child.status);
  }
}

function openLog(path: string): number {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > MAX_LOG_BYTES) truncateSync(path);
  return openSync(path, "a", 0o600);
}
