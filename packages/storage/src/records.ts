import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";
import type {
  RecordFault,
  RecordKey,
  RecordListed,
  RecordQuery,
  RecordRead,
  RecordWrite,
  WriteResult,
} from "@quorate/orders";
import { type StorageKey, storageKeyId } from "@quorate/vault";
import { Conflict, type PreparedBatch, prepareBatch } from "./batch.ts";
import { factsOf, isDiskError, openDatabase, writeFailure } from "./database.ts";
import { StorageError } from "./error.ts";
import { Log } from "./log.ts";
import { Meta } from "./meta.ts";
import { closeRow, openRow, type Protection } from "./row.ts";

export interface RecordsOptions extends Protection {
  /** Candidates: the one that the database names is used, the first for a new database. Without any, nothing is sealed. */
  readonly storageKeys?: readonly StorageKey[];
  /** The database grows no further than about this many bytes; writes beyond are `no_space`. */
  readonly maxBytes?: number;
}

export interface RecordsStats {
  /** Transactions that became durable. */
  readonly commits: number;
  /** Batches in them. */
  readonly batches: number;
  /** Transactions that failed. */
  readonly failures: number;
  /** Records that were read and found faulty. */
  readonly faults: number;
}

/** What a rotation did. */
export interface Rotated {
  readonly resealed: number;
  /** Could not be opened under the old key: left as they are. */
  readonly faulty: readonly (RecordKey & { readonly fault: RecordFault })[];
}

const SELECT = "SELECT seq, kind, id, epoch, sealed, value FROM records";
const BY_KEY = "WHERE kind = ? AND id = ? AND epoch = ?";
const UPSERT = `INSERT INTO records (kind, id, epoch, scope, sealed, value) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (kind, id, epoch) DO UPDATE SET scope = excluded.scope, sealed = excluded.sealed, value = excluded.value`;

/** What reads answer once nobody knows what the disk has. */
const LOST: RecordRead = { state: "faulty", fault: "corrupt_record" };

/**
 * Opens or makes the database at `path` for this process alone.
 *
 * @throws StorageError saying what stands in the way; nothing is lost then
 */
export function openRecords(path: string, options: RecordsOptions): Records {
  const db = openDatabase(path, options.maxBytes);
  try {
    return new Records(db, path, options);
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * The records of one node. Synchronous: a write returns once it is durable; what `commit` alone does is durable after `sync`.
 * Overwriting a record keeps its place in lists.
 *
 * Where the disk once fails to sync, nobody knows what it has of what was committed: nothing is read or written any more until
 * the database is opened anew.
 */
export class Records {
  readonly #db: DatabaseSync;
  readonly #path: string;
  readonly #by: Protection;
  readonly #log: Log;
  readonly #meta: Meta;
  readonly #statements = new Map<string, StatementSync>();
  readonly #stats = { commits: 0, batches: 0, failures: 0, faults: 0 };
  #key: StorageKey | undefined;
  #committing = false;
  #isLost = false;

  /** Takes over `db`, as `openDatabase` returns it, and its log. */
  constructor(db: DatabaseSync, path: string, options: RecordsOptions, log = new Log(path)) {
    this.#db = db;
    this.#path = path;
    this.#by = options;
    this.#log = log;
    this.#meta = new Meta(factsOf(db));
    try {
      this.#meta.claim(path, options);
      this.#key = this.#meta.chooseKey(path, options.storageKeys ?? []);
      this.#log.syncNow();
    } catch (error) {
      this.#log.close();
      throw error;
    }
  }

  get stats(): RecordsStats {
    return { ...this.#stats };
  }

  /** 16 hex digits; absent if there is no storage key. */
  get storageKeyId(): string | undefined {
    return this.#key && storageKeyId(this.#key);
  }

  /** One answer per key, in order. Damage to the database itself reads as `corrupt_record`. */
  read(keys: readonly RecordKey[]): RecordRead[] {
    return keys.map((key) => this.#readOne(key));
  }

  /**
   * Names come from an index alone, so that damage to records is told by their names. Where the index is damaged, the list
   * ends with a faulty record whose id is empty, so that it does not look complete.
   */
  list({ kind, scope, after, limit, newestFirst = false }: RecordQuery): RecordListed[] {
    const index =
      scope === undefined ? "records_by_kind WHERE kind = ?" : "records_by_scope WHERE kind = ? AND scope = ?";
    const order = newestFirst ? "AND seq < ? ORDER BY seq DESC LIMIT ?" : "AND seq > ? ORDER BY seq LIMIT ?";
    let cursor = after ?? (newestFirst ? Number.MAX_SAFE_INTEGER : 0);
    const listed: RecordListed[] = [];
    if (this.#isLost) return [{ kind, id: "", epoch: 0, cursor, record: LOST }];
    try {
      const names = this.#statement(`SELECT seq, kind, id, epoch FROM records INDEXED BY ${index} ${order}`);
      for (const name of names.iterate(kind, ...(scope === undefined ? [] : [scope]), cursor, limit)) {
        cursor = Number(name.seq);
        const key = keyOf(name);
        listed.push({ ...key, cursor, record: this.#readOne(key) });
      }
    } catch (error) {
      listed.push({ kind, id: "", epoch: 0, cursor, record: this.#unreadable(error) });
    }
    return listed;
  }

  /**
   * All or nothing. After `conflict`, `no_space` or `io_error` none of it shows; but only `ok` says what a restart will find.
   *
   * @throws Error for a batch that can never be written
   */
  write(batch: readonly RecordWrite[]): WriteResult {
    const prepared = this.prepare(batch);
    const result = this.commit(() => this.apply(prepared));
    return result === "ok" ? this.syncNow() : result;
  }

  /** Copies and seals, so that the caller may wipe its own at once. @throws Error for a batch that can never be written */
  prepare(batch: readonly RecordWrite[]): PreparedBatch {
    return prepareBatch(this.#by, this.#key, batch);
  }

  /** Writes a prepared batch, inside `commit`, which a record that was to be absent ends. */
  apply(batch: PreparedBatch): void {
    if (batch.sealedUnder !== this.#key) throw new Error("the storage key was rotated under a prepared batch");
    for (const { key, scope, row, ifAbsent } of batch.writes) {
      if (ifAbsent && this.#statement(`SELECT 1 FROM records ${BY_KEY}`).get(...parts(key)) !== undefined) {
        throw new Conflict();
      }
      if (row === null) this.#run(`DELETE FROM records ${BY_KEY}`, ...parts(key));
      else this.#run(UPSERT, ...parts(key), scope, row.sealed, row.value);
    }
    this.#stats.batches += 1;
  }

  /**
   * Runs `work` in one transaction; inside it a read that the disk refuses ends the transaction. What the disk does is the
   * result; any other error is thrown, and nothing is written. Durable only after a sync.
   */
  commit(work: () => void): WriteResult {
    if (this.#isLost) return "io_error";
    const { batches } = this.#stats;
    this.#committing = true;
    try {
      this.#db.exec("BEGIN");
      work();
      this.#db.exec("COMMIT");
      this.#stats.commits += 1;
      return "ok";
    } catch (error) {
      this.#stats.batches = batches;
      this.#stats.failures += 1;
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      return error instanceof Conflict ? "conflict" : writeFailure(error);
    } finally {
      this.#committing = false;
    }
  }

  /** Makes durable what was committed. */
  syncNow(): "ok" | "io_error" {
    try {
      this.#log.syncNow();
      return this.#synced(null);
    } catch (error) {
      return this.#synced(error as Error);
    }
  }

  /** As `syncNow`, beside other work. */
  sync(done: (result: "ok" | "io_error") => void): void {
    this.#log.sync((error) => done(this.#synced(error)));
  }

  #synced(error: Error | null): "ok" | "io_error" {
    if (error !== null) this.#isLost = true;
    return this.#isLost ? "io_error" : "ok";
  }

  /**
   * Seals every sealed record anew, in one transaction that also names the key in force. A record that does not open under
   * the old key is left as it is and reported.
   *
   * @throws StorageError if the disk refuses; the old key is then still in force
   */
  rotate(next: StorageKey): Rotated {
    const rotated: { resealed: number; faulty: Rotated["faulty"][number][] } = { resealed: 0, faulty: [] };
    // Synced within the transaction: were it not known afterwards which key is in force, neither could be let go.
    this.#db.exec("PRAGMA synchronous = FULL");
    const result = this.commit(() => {
      const nextSealed = this.#statement(`${SELECT} WHERE sealed = 1 AND seq > ? ORDER BY seq LIMIT 1`);
      for (let row = nextSealed.get(0); row !== undefined; row = nextSealed.get(Number(row.seq))) {
        const key = keyOf(row);
        const record = this.#open(key, row);
        if (record.state === "faulty") rotated.faulty.push({ ...key, fault: record.fault });
        if (record.state !== "present") continue;
        const { value } = closeRow(this.#by, next, key, record.value, true);
        record.value.fill(0);
        this.#run("UPDATE records SET value = ? WHERE seq = ?", value, Number(row.seq));
        rotated.resealed += 1;
      }
      this.#meta.nameKey(next);
    });
    this.#db.exec("PRAGMA synchronous = NORMAL");
    if (result !== "ok") {
      throw new StorageError("rotation_failed", `${this.#path}: ${result}: the old storage key is still in force`);
    }
    this.#key = next;
    this.#db.exec("PRAGMA wal_checkpoint(TRUNCATE)"); // the log still has records under the old key
    return rotated;
  }

  close(): void {
    this.#db.close();
    this.#log.close();
  }

  #readOne(key: RecordKey): RecordRead {
    if (this.#isLost) return LOST;
    try {
      const row = this.#statement(`${SELECT} ${BY_KEY}`).get(...parts(key));
      return row === undefined ? { state: "absent" } : this.#open(key, row);
    } catch (error) {
      return this.#unreadable(error);
    }
  }

  #open(key: RecordKey, row: Record<string, SQLOutputValue>): RecordRead {
    const record = openRow(this.#by, this.#key, key, row);
    if (record.state === "faulty") this.#stats.faults += 1;
    return record;
  }

  /** Outside a transaction: inside, SQLite may have undone what was written before, and nothing may be written after. */
  #unreadable(error: unknown): RecordRead {
    if (this.#committing || !isDiskError(error)) throw error;
    this.#stats.faults += 1;
    return { state: "faulty", fault: "corrupt_record" };
  }

  #run(sql: string, ...values: readonly SQLInputValue[]): void {
    this.#statement(sql).run(...values);
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

function parts(key: RecordKey): [string, string, number] {
  return [key.kind, key.id, key.epoch];
}

function keyOf(row: Record<string, SQLOutputValue>): RecordKey {
  return { kind: String(row.kind), id: String(row.id), epoch: Number(row.epoch) };
}
