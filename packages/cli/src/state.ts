import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";

const upFile = z.object({
  pid: z.int(),
  startedAt: z.string(),
  control: z.object({ port: z.int(), token: z.string() }),
  api: z.object({ url: z.string(), token: z.string() }),
  /** The API of each coordinator; the first's is `api`. */
  coordinators: z.array(z.object({ name: z.string(), url: z.string() })).default([]),
});

/** What a running network says of itself in its state directory, so that other commands find it. */
export type UpFile = z.infer<typeof upFile>;

/** The state directory of a network: everything that it keeps, one folder a process. */
export class State {
  readonly dir: string;

  constructor(dir: string) {
    this.dir = resolve(dir);
  }

  get networkPath(): string {
    return join(this.dir, "network.json");
  }

  get apiTokenPath(): string {
    return join(this.dir, "api-token");
  }

  /** The organisation that lives here: its first record, and the credentials of those whom `up` made. */
  get organisationDir(): string {
    return join(this.dir, "organisation");
  }

  get genesisPath(): string {
    return join(this.organisationDir, "genesis.json");
  }

  /** What a shell sources so that applications find the network. */
  get envPath(): string {
    return join(this.dir, "env");
  }

  /** Seed of the key with which the coordinator signs bearer tokens. */
  get tokenKeyPath(): string {
    return join(this.nodeDir("coordinator"), "token.key");
  }

  get upPath(): string {
    return join(this.dir, "up.json");
  }

  /** Says in which database the records are; absent where they are in files. */
  get databasePath(): string {
    return join(this.dir, "database");
  }

  /** The folder of a process: `coordinator`, or the name of a signer. */
  nodeDir(name: string): string {
    return join(this.dir, "nodes", name);
  }

  logPath(name: string): string {
    return join(this.nodeDir(name), "log.jsonl");
  }

  exists(): boolean {
    return existsSync(this.networkPath);
  }

  make(): void {
    mkdirSync(join(this.dir, "nodes"), { recursive: true, mode: 0o700 });
  }

  /** What the last `up` left, whether or not it still runs. */
  readUp(): UpFile | undefined {
    try {
      return upFile.parse(JSON.parse(readFileSync(this.upPath, "utf8")));
    } catch {
      return undefined;
    }
  }

  /** @throws Error if another `up` was faster */
  writeUp(up: UpFile): void {
    writeFileSync(this.upPath, `${JSON.stringify(up, null, 2)}\n`, { mode: 0o600, flag: "wx" });
  }

  clearUp(): void {
    rmSync(this.upPath, { force: true });
  }
}

/** The directory that `--dir` or `QUORATE_DIR` names, or `.quorate` here. */
export function stateOf(options: { readonly dir?: string }): State {
  return new State(options.dir ?? process.env.QUORATE_DIR ?? ".quorate");
}
