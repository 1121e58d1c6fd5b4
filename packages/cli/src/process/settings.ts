import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Fault, nodesOf, parseFault } from "@quorate/faults";
import {
  type Event,
  everyoneOf,
  findNode,
  InputError,
  type NetworkFile,
  parseNetworkFile,
  unhex,
} from "@quorate/orders";
import { isPostgresUrl, type KeySource } from "@quorate/storage";
import { CliError, EXIT } from "../exit.ts";
import { readSecret } from "../organisation/secret-file.ts";

/** What one process of the network is started with. */
export interface ProcessSettings {
  readonly network: NetworkFile;
  readonly self: string;
  /** Where its records are: the path of a file, or the URL of a Postgres database, which may hold a password. */
  readonly records: string;
  /** Where a process that nobody supervises takes faults, if they are allowed. */
  readonly faultSocket: string;
  /** 32 bytes: the seed of its Ed25519 identity. */
  readonly identitySeed: Uint8Array;
  readonly storageKey: KeySource;
  /** Multiaddresses to bind, where they differ from those by which the others reach it. */
  readonly listen: readonly string[] | undefined;
  /** p99/p50 of the simulated delay; 0 for none; `null` for no regions at all. */
  readonly jitter: number | null;
  readonly allowFaults: boolean;
  /** In force from the start. */
  readonly faults: readonly Fault[];
  /** Loopback port for `/health` and `/metrics`; 0 for none. */
  readonly healthPort: number;
  readonly healthHost: string;
}

/** The options of `quorate node`, as the command line gives them. */
export interface ProcessOptions {
  readonly network: string;
  readonly self: string;
  readonly data: string;
  readonly identity?: string;
  readonly storageKey?: string;
  readonly database?: string;
  readonly listen?: string;
  readonly jitter?: string;
  readonly regions?: boolean;
  readonly allowFaults?: boolean | string;
  readonly fault?: readonly string[];
  readonly healthPort?: string;
  readonly healthHost?: string;
}

/** Emits what happened in a process. */
export type Emit = (event: Event) => void;

/** @throws CliError or InputError naming the option and the way out */
export function readSettings(options: ProcessOptions): ProcessSettings {
  const network = parseNetworkFile(readText("--network", options.network));
  if (findNode(network, options.self) === undefined) {
    const names = everyoneOf(network)
      .map((node) => node.name)
      .join(", ");
    throw new InputError("invalid_input", `--self ${options.self}: the network file names ${names}`, { field: "self" });
  }
  return {
    network,
    self: options.self,
    records: databaseUrl(options.database) ?? join(options.data, "records.db"),
    faultSocket: faultSocketIn(options.data),
    identitySeed: readSeed(options.identity ?? join(options.data, "identity.key"), "an identity seed"),
    storageKey: storageKeySource(options),
    listen: options.listen?.split(","),
    jitter: options.regions === false ? null : number("--jitter", options.jitter ?? "1.5", 0, 10),
    allowFaults: yesOrNo("--allow-faults", options.allowFaults),
    faults: (options.fault ?? []).map((json) => faultOf(json, network)),
    healthPort: number("--health-port", options.healthPort ?? "0", 0, 65535),
    healthHost: options.healthHost ?? "127.0.0.1",
  };
}

/** The database that `--database` or QUORATE_DATABASE_URL names, if any. @throws CliError, which does not show it */
export function databaseUrl(option: string | undefined): string | undefined {
  const url = option ?? process.env.QUORATE_DATABASE_URL;
  if (url === undefined || url === "" || isPostgresUrl(url)) return url || undefined;
  const form = "postgres://user:password@host:5432/database";
  throw new CliError(EXIT.usage, `--database or QUORATE_DATABASE_URL: a URL of the form ${form} belongs here`);
}

/** A fault of the command line, as JSON. @throws CliError or InputError */
function faultOf(json: string, network: NetworkFile): Fault {
  let given: unknown;
  try {
    given = JSON.parse(json);
  } catch {
    throw new CliError(EXIT.usage, "--fault: not JSON", 'for example {"kind":"wrong-share","node":"ohio"}');
  }
  const fault = parseFault(given);
  nodesOf(fault, network);
  return fault;
}

function storageKeySource(options: ProcessOptions): KeySource {
  const text = process.env.QUORATE_STORAGE_KEY;
  if (text !== undefined) return { text };
  return { file: options.storageKey ?? join(options.data, "storage.key") };
}

/** The path of the socket of a process with that `--data`. */
export function faultSocketIn(data: string): string {
  return join(data, "faults.sock");
}

function yesOrNo(option: string, value: boolean | string = false): boolean {
  if (typeof value === "boolean") return value;
  if (value === "yes" || value === "no") return value === "yes";
  throw new CliError(EXIT.usage, `${option} ${value}: yes or no belongs here`);
}

/** Parses a number of the command line. @throws CliError naming the option */
export function number(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= least && value <= most) return value;
  throw new CliError(EXIT.usage, `${option} ${text}: a number from ${least} to ${most} belongs here`);
}

function readText(option: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new CliError(
      EXIT.environment,
      `${option}: ${(error as Error).message}`,
      "check the path and its permissions",
    );
  }
}

/** A seed of 32 bytes as 64 hex digits, in a file that only its owner can read. @param what it is, for errors @throws CliError */
export function readSeed(path: string, what: string): Uint8Array {
  const text = readSecret(path, what);
  if (!/^[0-9a-f]{64}$/.test(text)) {
    throw new CliError(EXIT.environment, `${path} does not hold ${what} (64 hex digits)`, "restore it from a copy");
  }
  return unhex(text);
}
