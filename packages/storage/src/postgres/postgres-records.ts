import type { RecordKey, RecordListed, RecordQuery, RecordRead, RecordWrite, WriteResult } from "@quorate/orders";
import { type StorageKey, storageKeyId } from "@quorate/vault";
import { prepareBatch } from "../batch.ts";
import type { StorageError } from "../error.ts";
import type { Rotated } from "../records.ts";
import { openRow, type Protection } from "../row.ts";
import type { Change, RecordStore } from "../store.ts";
import { addressOf } from "./address.ts";
import { runAlone, unreachable } from "./alone.ts";
import { Changes } from "./changes.ts";
import { Link } from "./link.ts";
import { Rotation, rotationFailed } from "./rotation.ts";
import { Statements } from "./statements.ts";
import { type Reading, runTogether, type Task } from "./turn.ts";

export interface PostgresOptions extends Protection {
  /** Candidates: the one that the database names is used, the first for a new database. Without any, nothing is sealed. */
  readonly storageKeys?: readonly StorageKey[];
  /** Several processes have it open at once, and hear of each other's writes. Otherwise it is this process's alone. */
  readonly shared?: boolean;
  /** How long reads wait for a lost connection to come back before they are answered `unreachable`; 5 seconds by default. */
  readonly patienceMs?: number;
  /** Another process has had the database since the connection was lost: this one must end. By default it throws. */
  readonly onTaken?: (error: StorageError) => void;
}

const PATIENCE_MS = 5000;
/** Batches and questions that one transaction takes. */
const MAX_TASKS = 500;

/**
 * Opens or makes the records of a node in a database on a Postgres server.
 *
 * @param url `postgres://user:password@host:port/database`; must not lead through a pooler that shares out connections by the
 * transaction, which keeps no lock
 * @throws StorageError saying what stands in the way, without the URL's secrets
 */
export async function openPostgres(url: string, options: PostgresOptions): Promise<PostgresRecords> {
  const records = new PostgresRecords(url, options);
  await records.open(options.storageKeys ?? []);
  return records;
}

/**
 * The records of one node in a schema of its own on a Postgres server, sealed and stamped as in a file.
 *
 * All that was submitted while one transaction was on its way goes into the next, over one connection. A batch that fails is
 * tried alone, so that it takes no other down. When the connection is lost, writes are `io_error` at once until there is another:
 * those under way may or may not have been done. Reads wait a little, then are `unreachable`. What is replaced or deleted stays in
 * the server's files until it cleans up, and in its log and backups: unlike in a file, secrecy of those rests on the seal alone.
 *
 * A durable commit of 1 KB takes 1.5 ms on a server on the same machine, where SQLite takes 0.6 ms; 32 batches submitted together
 * take 0.2 ms each against 0.1 ms (`bench/storage.bench.ts`; two cores, shared with other work).
 */
export class PostgresRecords implements RecordStore {
  readonly #by: Protection;
  readonly #shared: boolean;
  readonly #patienceMs: number;
  readonly #link: Link;
  readonly #sql: Statements;
  readonly #reading: Reading;
  readonly #changes = new Changes();
  /** What the database is sealed under. */
  #key: StorageKey | undefined;
  /** What is submitted is sealed under: differs from `#key` while a rotation waits for its turn. */
  #sealing: StorageKey | undefined;
  #tasks: (Task | Rotation)[] = [];
  /** A rotation whose end the lost connection kept to itself. */
  #unknown: Rotation | undefined;
  #pump: Promise<void> | undefined;
  #scheduled: NodeJS.Immediate | undefined;
  #patience: NodeJS.Timeout | undefined;
  #isPatient = false;

  constructor(url: string, options: PostgresOptions) {
    const address = addressOf(url, options);
    this.#by = options;
    this.#shared = options.shared === true;
    this.#patienceMs = options.patienceMs ?? PATIENCE_MS;
    this.#sql = new Statements(address.schema);
    this.#reading = {
      sql: this.#sql,
      open: (key, row) => openRow(this.#by, this.#key, key, { sealed: row.sealed, value: Uint8Array.from(row.value) }),
      channel: this.#shared ? address.channel : undefined,
    };
    this.#link = new Link({
      ...{ address, sql: this.#sql, by: options, shared: this.#shared },
      heard: (payload) => this.#changes.heard(payload),
      onLost: () => this.#lost(),
      onBack: (facts) => this.#back(facts),
      onTaken: (error) => this.#taken(error, options.onTaken),
    });
  }

  /** To be called once, before anything else. @throws StorageError */
  async open(candidates: readonly StorageKey[]): Promise<void> {
    this.#key = await this.#link.open(candidates);
    this.#sealing = this.#key;
  }

  get storageKeyId(): string | undefined {
    return this.#key && storageKeyId(this.#key);
  }

  read(keys: readonly RecordKey[], done: (records: readonly RecordRead[]) => void): void {
    this.#submit({ kind: "read", keys: [...keys], done });
  }

  list(query: RecordQuery, done: (records: readonly RecordListed[]) => void): void {
    this.#submit({ kind: "list", query, done });
  }

  write(batch: readonly RecordWrite[], done: (result: WriteResult) => void): void {
    this.#submit({ kind: "write", batch: prepareBatch(this.#by, this.#sealing, batch), done });
  }

  /** What is written from now on is sealed under `next`, and done after the rotation; it fails if that does. */
  rotate(next: StorageKey): Promise<Rotated> {
    if (this.#shared || this.#sealing === undefined) throw new Error("only what one process seals can be sealed anew");
    const rotation = new Rotation(this.#by, this.#sql, this.#sealing, next);
    this.#sealing = next;
    this.#submit(rotation);
    return rotation.ended;
  }

  onChange(kind: string, listener: (change: Change) => void): () => void {
    return this.#changes.on(kind, listener);
  }

  async close(): Promise<void> {
    if (this.#link.session === undefined) this.#giveUp();
    clearImmediate(this.#scheduled);
    this.#start();
    await this.#pump;
    clearTimeout(this.#patience);
    await this.#link.close();
  }

  #submit(task: Task | Rotation): void {
    this.#tasks.push(task);
    this.#scheduled ??= setImmediate(() => this.#start());
  }

  #start(): void {
    this.#scheduled = undefined;
    if (this.#link.session === undefined) this.#refuse();
    this.#pump ??= this.#work().finally(() => {
      this.#pump = undefined;
      if (this.#tasks.length > 0 && this.#link.session !== undefined) this.#start();
    });
  }

  async #work(): Promise<void> {
    for (;;) {
      const session = this.#link.session;
      if (session === undefined || this.#tasks.length === 0) return;
      const [first] = this.#tasks;
      if (first instanceof Rotation) {
        this.#tasks.shift();
        const isStale = first.before !== this.#key;
        const error = isStale ? rotationFailed("the one before it failed") : await first.run(session);
        if (error !== "unknown") {
          this.#finish(first, error);
          continue;
        }
        this.#unknown = first;
        this.#link.drop(session);
        return;
      }
      const end = this.#tasks.findIndex((task) => task instanceof Rotation);
      const tasks = this.#tasks.splice(0, Math.min(end < 0 ? this.#tasks.length : end, MAX_TASKS)) as Task[];
      if (await this.#turn(tasks)) continue;
      this.#tasks.unshift(...tasks);
      this.#link.drop(session);
      this.#refuse();
      return;
    }
  }

  /** Does tasks and answers them; takes out of `tasks` what it answered. @returns whether the connection held */
  async #turn(tasks: Task[]): Promise<boolean> {
    const stale = tasks.filter((task) => task.kind === "write" && task.batch.sealedUnder !== this.#key);
    for (const task of stale) {
      tasks.splice(tasks.indexOf(task), 1);
      if (task.kind === "write") task.done("io_error");
    }
    const session = this.#link.session;
    if (session === undefined) return false;
    const together = await runTogether(session, this.#reading, tasks);
    if (together.failure === undefined) {
      tasks.length = 0;
      for (const answer of together.answers) answer();
      return true;
    }
    if (together.failure === "lost") return false;
    while (tasks[0] !== undefined) {
      const answer = await runAlone(session, this.#reading, tasks[0]);
      if (answer === "lost") return false;
      tasks.shift();
      answer();
    }
    return true;
  }

  #finish(rotation: Rotation, error: Error | undefined): void {
    if (error === undefined) this.#key = rotation.next;
    else this.#sealing = this.#key;
    rotation.finish(error);
  }

  #lost(): void {
    this.#isPatient = true;
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#giveUp(), this.#patienceMs);
    this.#refuse();
  }

  #back(facts: ReadonlyMap<string, string>): void {
    clearTimeout(this.#patience);
    this.#isPatient = false;
    if (this.#unknown !== undefined) {
      const isDone = facts.get("storage_key") === storageKeyId(this.#unknown.next);
      this.#finish(this.#unknown, isDone ? undefined : rotationFailed("the connection was lost"));
      this.#unknown = undefined;
    }
    this.#changes.missed();
    this.#start();
  }

  #taken(error: StorageError, tell: ((error: StorageError) => void) | undefined): void {
    this.#giveUp();
    if (tell === undefined) throw error;
    tell(error);
  }

  /** Reads wait no longer. */
  #giveUp(): void {
    clearTimeout(this.#patience);
    this.#isPatient = false;
    this.#refuse();
  }

  /** Without a connection: answers what does not wait for one. */
  #refuse(): void {
    const tasks = this.#tasks;
    this.#tasks = [];
    for (const task of tasks) {
      if (task instanceof Rotation) this.#finish(task, rotationFailed("the database cannot be reached"));
      else if (task.kind === "write") task.done("io_error");
      else if (this.#isPatient) this.#tasks.push(task);
      else unreachable(task)();
    }
  }
}
