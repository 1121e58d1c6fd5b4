import { closeSync, fsyncSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StorageError } from "./error.ts";
import type { Facts } from "./meta.ts";

/** "QUOR": marks a file as ours. */
const APPLICATION_ID = 0x51554f52;
const FORMAT = 1;
/** A predecessor that is just ending may still hold the lock. */
const LOCK_WAIT_MS = 2000;
const PAGE_BYTES = 4096;

const SCHEMA = `
  CREATE TABLE records (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    scope TEXT NOT NULL,
    id TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    sealed INTEGER NOT NULL,
    value BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX records_by_key ON records (kind, id, epoch);
  CREATE INDEX records_by_scope ON records (kind, scope, seq, id, epoch);
  CREATE INDEX records_by_kind ON records (kind, seq, id, epoch);
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${FORMAT};
`;

/**
 * Opens or makes a database of records, for this process alone. The lock is the operating system's and ends with the
 * process, however it ends. The file is readable by its owner only.
 *
 * WAL with `synchronous=NORMAL`: SQLite syncs the log only before it carries it over into the database. A commit survives loss
 * of power once `Log` has synced it, as far as the disk keeps what it acknowledged.
 *
 * @param maxBytes the database grows no further than about this; `no_space` beyond
 * @throws StorageError
 */
export function openDatabase(path: string, maxBytes = Number.MAX_SAFE_INTEGER): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    closeSync(openSync(path, "a", 0o600));
    db = new DatabaseSync(path, { timeout: LOCK_WAIT_MS });
    db.exec("PRAGMA locking_mode = EXCLUSIVE");
    const fresh = isFresh(db, path);
    const maxPages = Math.min(Math.floor(maxBytes / PAGE_BYTES), 0xfffffffe);
    db.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA fullfsync = ON;
      PRAGMA secure_delete = ON;
      PRAGMA max_page_count = ${maxPages};
      BEGIN EXCLUSIVE;
      ${fresh ? SCHEMA : ""}
      COMMIT;
    `);
    return db;
  } catch (error) {
    db?.close();
    throw error instanceof StorageError ? error : new StorageError(codeOf(error), explain(path, error));
  }
}

/** Before anything is changed: is this file empty, or ours? */
function isFresh(db: DatabaseSync, path: string): boolean {
  const number = (sql: string) => Object.values(db.prepare(sql).get() ?? {})[0];
  const application = number("PRAGMA application_id");
  if (application === 0 && number("SELECT count(*) FROM sqlite_schema") === 0) return true;
  if (application !== APPLICATION_ID) {
    throw new StorageError("not_records", `${path} is the database of another program: it was left as it is`);
  }
  const format = Number(number("PRAGMA user_version"));
  if (format > FORMAT) {
    throw new StorageError(
      "newer_format",
      `${path} has format ${format}, this version reads up to ${FORMAT}: use the version that wrote it, or a newer one`,
    );
  }
  return false;
}

/** The facts that a database keeps about itself. */
export function factsOf(db: DatabaseSync): Facts {
  return {
    get(name) {
      const row = db.prepare("SELECT value FROM meta WHERE name = ?").get(name);
      return row === undefined ? undefined : String(row.value);
    },
    set(name, value) {
      db.prepare("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)").run(name, value);
    },
  };
}

/** Makes the name of a new or renamed file in its folder durable. */
export function syncFolder(path: string): void {
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

// Primary result codes of SQLite (https://www.sqlite.org/rescode.html); the upper bits say more.
const SQLITE = { busy: 5, locked: 6, full: 13, notDatabase: 26 } as const;

function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return undefined;
  return error.errcode & 0xff;
}

function codeOf(error: unknown): StorageError["code"] {
  const code = sqliteCode(error);
  if (code === SQLITE.busy || code === SQLITE.locked) return "in_use";
  return code === SQLITE.notDatabase ? "not_records" : "unreadable";
}

function explain(path: string, error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  switch (codeOf(error)) {
    case "in_use":
      return `${path} is in use by another process: stop that one first (two signers on one database would sign twice)`;
    case "not_records":
      return `${path} is not a database: it was left as it is`;
    default:
      return `cannot open ${path}: ${reason}`;
  }
}

/** What a failed transaction means to its writer. Whatever SQLite did not throw is our own bug, and is thrown on. */
export function writeFailure(error: unknown): "no_space" | "io_error" {
  const code = sqliteCode(error);
  if (code === undefined) throw error;
  return code === SQLITE.full ? "no_space" : "io_error";
}

/** Is this SQLite's report about the disk or the file, and not a bug of ours? */
export function isDiskError(error: unknown): boolean {
  return sqliteCode(error) !== undefined;
}
