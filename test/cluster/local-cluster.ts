import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Answer, Caller } from "../support/service-account.ts";

const QUORATE = fileURLToPath(new URL("../../packages/cli/bin/quorate.mjs", import.meta.url));

/** A process of the network, as `quorate status --json` shows it. */
export interface ClusterProcess {
  readonly name: string;
  readonly pid: number | null;
  readonly state: string;
}

/** What a command printed and how it ended. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface UpFile {
  readonly control: { readonly port: number; readonly token: string };
}

/** A network of real processes in a directory and on ports of its own, started as a person starts it. */
export class LocalCluster implements AsyncDisposable {
  readonly dir: string;
  readonly #up: ChildProcess;
  #said = "";

  private constructor(dir: string, up: ChildProcess) {
    this.dir = dir;
    this.#up = up;
    for (const stream of [up.stdout, up.stderr]) stream?.on("data", (chunk) => (this.#said += String(chunk)));
  }

  /** Starts a network and waits until it says that it is ready. */
  static async start(...options: readonly string[]): Promise<LocalCluster> {
    const dir = mkdtempSync(join(tmpdir(), "quorate-"));
    return LocalCluster.startIn(dir, ...options);
  }

  /** Starts the network of a directory, new or old. */
  static async startIn(dir: string, ...options: readonly string[]): Promise<LocalCluster> {
    const args = ["up", "--dir", dir, "--port", "0", "--no-demo", ...options];
    const cluster = new LocalCluster(dir, spawn(process.execPath, [QUORATE, ...args], { stdio: "pipe" }));
    const ended = new Promise<never>((_, reject) => {
      cluster.#up.once("exit", (code) => reject(new Error(`up ended with ${code}:\n${cluster.#said}`)));
    });
    ended.catch(() => {});
    const ready = new Promise<void>((resolve) => {
      cluster.#up.stdout?.on("data", () => cluster.#said.includes("Ctrl-C") && resolve());
    });
    await Promise.race([ready, ended]);
    return cluster;
  }

  /** Address and token of the API. */
  get api(): { readonly url: string; readonly token: string } {
    return JSON.parse(readFileSync(join(this.dir, "up.json"), "utf8")).api;
  }

  /** All that `up` has printed. */
  get said(): string {
    return this.#said;
  }

  /** Process id of the supervisor. */
  get pid(): number {
    return this.#up.pid!;
  }

  /** Runs `quorate` on this network. */
  run(...args: readonly string[]): Promise<Ran> {
    return quorate("--dir", this.dir, ...args);
  }

  /** Runs `quorate --json` and parses what it prints. @throws Error unless it ends with 0 */
  async json<T>(...args: readonly string[]): Promise<T> {
    const { code, stdout, stderr } = await this.run("--json", ...args);
    if (code !== 0) throw new Error(`quorate ${args.join(" ")} ended with ${code}: ${stdout}${stderr}`);
    return JSON.parse(stdout) as T;
  }

  async processes(): Promise<readonly ClusterProcess[]> {
    return (await this.control("processes", null)) as readonly ClusterProcess[];
  }

  /** Asks the supervisor, as commands do; each of those takes a second of a busy machine to start. */
  async control(command: string, payload: unknown): Promise<unknown> {
    const { control } = JSON.parse(readFileSync(join(this.dir, "up.json"), "utf8")) as UpFile;
    const answer = await fetch(`http://127.0.0.1:${control.port}/${command}`, {
      method: "POST",
      headers: { authorization: `Bearer ${control.token}` },
      body: JSON.stringify(payload),
    });
    const body = (await answer.json()) as { message: string; hint?: string };
    if (!answer.ok) throw new Error(`${body.message}; ${body.hint}`);
    return body;
  }

  /** Sends a signal to a process of the network. */
  async signal(name: string, signal: NodeJS.Signals): Promise<void> {
    const pid = (await this.processes()).find((one) => one.name === name)?.pid;
    if (pid == null) throw new Error(`${name} does not run`);
    process.kill(pid, signal);
  }

  /** A call of the API: as the operator, or as the service account, signed. */
  call(method: string, path: string, body?: unknown): Promise<Answer> {
    return new Caller(this.dir, () => this.api).call(method, path, body);
  }

  /** Waits until all pairs of signers are set up: before that there may be no set of them that can make presignatures. */
  async pairs(): Promise<void> {
    await until(async () => {
      const { pairs } = (await this.call("GET", "/_quorate/network")).body as { pairs: readonly { status: string }[] };
      return pairs.every(({ status }) => status === "ready");
    });
  }

  /** Waits until the coordinator has a link with every signer, which it has not yet when it was started anew: a key needs them all. */
  async linked(): Promise<void> {
    await until(async () => {
      const { nodes } = (await this.call("GET", "/_quorate/network")).body as {
        nodes: readonly { connected: boolean }[];
      };
      return nodes.every(({ connected }) => connected);
    });
  }

  /** Makes a key. @returns its id */
  async key(scheme: "EdDSA" | "Schnorr" | "ECDSA"): Promise<string> {
    const made = await this.call("POST", "/keys", { scheme, curve: scheme === "EdDSA" ? "ed25519" : "secp256k1" });
    if (made.status !== 200) throw new Error(JSON.stringify(made.body));
    return String(made.body.id);
  }

  /** Stops the network as Ctrl-C does, keeps its directory. */
  async stop(signal: NodeJS.Signals = "SIGINT"): Promise<void> {
    if (this.#up.exitCode !== null || this.#up.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#up.once("exit", resolve));
    this.#up.kill(signal);
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Runs the `quorate` command. */
export function quorate(...args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, [QUORATE, ...args], { maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code ?? 1);
      resolve({ code, stdout, stderr });
    });
  });
}

/** Whether a process with this id exists. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits until `done`, looking again every tenth of a second. */
export async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 100));
}
