import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { findPrograms, type Programs } from "./postgres-programs.ts";

/** Postgres refuses to run as root: root runs it as `nobody`. */
const NOBODY = 65534;
const USER = "postgres";

/** A real Postgres server of a test's own, on a loopback port, with a random password; it syncs what it commits. */
export interface TestPostgres {
  /** The URL of a database of this server; `fresh` makes one. */
  url(database?: string): string;
  /** Makes an empty database. @returns its URL */
  fresh(): Promise<string>;
  /** Runs SQL in a database as its administrator. */
  run(url: string, sql: string, values?: readonly unknown[]): Promise<pg.QueryResult>;
  /** Ends every connection of others. */
  disconnectAll(): Promise<void>;
  /** The server ends at once, as after loss of power but for what the kernel still writes. */
  crash(): Promise<void>;
  /** Starts it again on the same port and data, after `crash`. */
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/**
 * Makes and starts a server.
 *
 * @param parent the folder in which its data lie while it lives
 * @throws Error saying what to install where there is no Postgres
 */
export async function startPostgres(parent: string = tmpdir()): Promise<TestPostgres> {
  const home = mkdtempSync(join(parent, "quorate-postgres-"));
  const password = randomBytes(16).toString("hex");
  const port = await freePort();
  const remove = () => rmSync(home, { recursive: true, force: true });
  const begin = async () => {
    const programs = findPrograms(home, isRoot());
    await initialise(programs, home, password);
    return { programs, server: await launch(programs, home, port) };
  };
  const begun = await begin().catch((error) => {
    remove();
    throw error;
  });
  let { server } = begun;
  let databases = 0;
  const url = (database = "postgres") => `postgres://${USER}:${password}@127.0.0.1:${port}/${database}`;
  const run = async (at: string, sql: string, values: readonly unknown[] = []) => {
    const client = new pg.Client({ connectionString: at });
    await client.connect();
    try {
      return await client.query(sql, [...values]);
    } finally {
      await client.end();
    }
  };
  return {
    url,
    run,
    async fresh() {
      const name = `test_${++databases}`;
      await run(url(), `CREATE DATABASE ${name}`);
      return url(name);
    },
    async disconnectAll() {
      await run(url(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'quorate'");
    },
    crash: () => end(server, "SIGQUIT"),
    async restart() {
      await end(server, "SIGQUIT");
      server = await launch(begun.programs, home, port);
    },
    async stop() {
      await end(server, "SIGINT");
      remove();
    },
  };
}

async function initialise(programs: Programs, home: string, password: string): Promise<void> {
  const passwordFile = join(home, "password");
  writeFileSync(passwordFile, password, { mode: 0o600 });
  mkdirSync(join(home, "data"), { mode: 0o700 });
  if (isRoot()) for (const path of [home, passwordFile, join(home, "data")]) chownSync(path, NOBODY, NOBODY);
  const args = ["-D", join(home, "data"), "-U", USER, "--pwfile", passwordFile, "--auth=scram-sha-256", "--no-sync"];
  const child = run(programs, "initdb", [...args, "--encoding=UTF8", "--locale=C"]);
  const [code] = await once(child.process, "close");
  rmSync(passwordFile);
  if (code !== 0) throw new Error(`initdb ended with ${code}:\n${child.said()}`);
}

/** Starts the server and waits until it takes connections. */
async function launch(programs: Programs, home: string, port: number): Promise<ChildProcess> {
  const settings = {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: "",
    max_connections: 60,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = run(programs, "postgres", ["-D", join(home, "data"), ...args]);
  await new Promise<void>((resolve, reject) => {
    child.process.once("close", (code) => reject(new Error(`postgres ended with ${code}:\n${child.said()}`)));
    child.process.stderr?.on("data", () => {
      if (child.said().includes("ready to accept connections")) resolve();
    });
  });
  return child.process;
}

function run({ bin, env }: Programs, program: string, args: readonly string[]) {
  const identity = isRoot() ? { uid: NOBODY, gid: NOBODY } : {};
  const child = spawn(join(bin, program), args, { cwd: tmpdir(), env, stdio: ["ignore", "pipe", "pipe"], ...identity });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += String(chunk)));
  // A test that dies leaves no server behind.
  const kill = () => child.kill("SIGQUIT");
  process.once("exit", kill);
  child.once("exit", () => process.off("exit", kill));
  return { process: child as ChildProcess, said: () => said };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
