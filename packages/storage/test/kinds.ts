import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { RecordKey, RecordListed, RecordQuery, RecordRead, RecordWrite, WriteResult } from "@quorate/orders";
import { openPostgres, type PostgresOptions } from "../src/postgres/postgres-records.ts";
import { RecordQueue } from "../src/record-queue.ts";
import { openRecords } from "../src/records.ts";
import type { RecordStore } from "../src/store.ts";
import { startPostgres, type TestPostgres } from "../src/testing/postgres.ts";

/** A place for the records of one node, and what somebody can do to it who goes behind our back. */
export interface Place {
  open(options: PostgresOptions): Promise<RecordStore>;
  /** What is stored of the first record of this id. */
  stored(id: string): Promise<Uint8Array>;
  /** Puts other bytes in its place. */
  replace(id: string, value: Uint8Array, sealed?: 0 | 1): Promise<void>;
  /** Writes a fact of the database about itself. */
  setFormat(format: number): Promise<void>;
}

/** One of the databases that records may lie in. */
export interface Kind {
  readonly name: string;
  begin(): Promise<void>;
  end(): Promise<void>;
  place(): Promise<Place>;
}

function files(): Kind {
  let folder = "";
  let places = 0;
  const place = async (): Promise<Place> => {
    const path = join(folder, `${++places}.db`);
    const change = <T>(work: (db: DatabaseSync) => T): T => {
      const db = new DatabaseSync(path);
      try {
        return work(db);
      } finally {
        db.close();
      }
    };
    return {
      open: async (options) => new RecordQueue(openRecords(path, options)),
      stored: async (id) =>
        change((db) => db.prepare("SELECT value FROM records WHERE id = ?").get(id)?.value as Uint8Array),
      replace: async (id, value, sealed) =>
        change((db) => {
          const sql = "UPDATE records SET value = ?, sealed = coalesce(?, sealed) WHERE id = ?";
          db.prepare(sql).run(value, sealed ?? null, id);
        }),
      setFormat: async (format) => change((db) => db.exec(`PRAGMA user_version = ${format}`)),
    };
  };
  return {
    name: "SQLite",
    async begin() {
      folder = mkdtempSync(join(tmpdir(), "quorate-store-"));
    },
    end: async () => rmSync(folder, { recursive: true }),
    place,
  };
}

function server(): Kind {
  let postgres: TestPostgres;
  return {
    name: "Postgres",
    async begin() {
      postgres = await startPostgres();
    },
    end: () => postgres.stop(),
    async place() {
      const url = await postgres.fresh();
      const schema = async () => {
        const { rows } = await postgres.run(url, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'quorate_%'");
        return rows[0].nspname as string;
      };
      return {
        open: (options) => openPostgres(url, options),
        async stored(id) {
          const { rows } = await postgres.run(url, `SELECT value FROM ${await schema()}.records WHERE id = $1`, [id]);
          return Uint8Array.from(rows[0].value);
        },
        async replace(id, value, sealed) {
          const sql = `UPDATE ${await schema()}.records SET value = $1, sealed = coalesce($2, sealed) WHERE id = $3`;
          await postgres.run(url, sql, [Buffer.from(value), sealed ?? null, id]);
        },
        async setFormat(format) {
          const sql = `UPDATE ${await schema()}.meta SET value = $1 WHERE name = 'format'`;
          await postgres.run(url, sql, [String(format)]);
        },
      };
    },
  };
}

export const KINDS: readonly Kind[] = [files(), server()];

/** The store as promises. */
export function asked(store: RecordStore) {
  return {
    read: (...keys: readonly RecordKey[]) => new Promise<readonly RecordRead[]>((resolve) => store.read(keys, resolve)),
    list: (query: RecordQuery) => new Promise<readonly RecordListed[]>((resolve) => store.list(query, resolve)),
    write: (...batch: readonly RecordWrite[]) => new Promise<WriteResult>((resolve) => store.write(batch, resolve)),
  };
}
