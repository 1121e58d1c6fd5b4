import type { RecordKey, RecordListed, RecordQuery, RecordRead, RecordWrite, WriteResult } from "@quorate/orders";
import type { StorageKey } from "@quorate/vault";
import type { Rotated } from "./records.ts";

/** What another process did to a record; `missed` where the connection was lost meanwhile: read again what you rely on. */
export type Change = RecordKey | "missed";

/** The records of a node, wherever they lie. Every answer comes later, once, in the order of submission for writes. */
export interface RecordStore {
  /** 16 hex digits; absent if there is no storage key. */
  readonly storageKeyId: string | undefined;
  /** One answer per key, in order. Shows every write that was submitted before, and what it shows is durable. */
  read(keys: readonly RecordKey[], done: (records: readonly RecordRead[]) => void): void;
  list(query: RecordQuery, done: (records: readonly RecordListed[]) => void): void;
  /** All or nothing; the values are copied before this returns. @throws Error for a batch that can never be written */
  write(batch: readonly RecordWrite[], done: (result: WriteResult) => void): void;
  /** Seals every record anew, after what was submitted under the old key. @throws StorageError; the old key is then still in force */
  rotate(next: StorageKey): Rotated | Promise<Rotated>;
  /**
   * Calls `listener` for each record of a kind that another process wrote or deleted: only a database that several
   * processes share ever does. @returns what ends it
   */
  onChange(kind: string, listener: (change: Change) => void): () => void;
  /** Does and answers what was submitted, and closes the database. */
  close(): void | Promise<void>;
}
