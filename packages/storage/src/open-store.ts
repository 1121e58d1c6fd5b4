import type { StorageError } from "./error.ts";
import { type KeySource, loadStorageKeys, settleKeyFile } from "./key-file.ts";
import { isPostgresUrl } from "./postgres/address.ts";
import type { PostgresOptions } from "./postgres/postgres-records.ts";
import { RecordQueue } from "./record-queue.ts";
import { openRecords } from "./records.ts";
import type { Protection } from "./row.ts";
import type { RecordStore } from "./store.ts";

export interface StoreOptions extends Protection {
  /** Where the storage key comes from; absent for a node that seals nothing. */
  readonly keySource?: KeySource;
  /** Several processes may have a Postgres database open; a file never is. */
  readonly shared?: boolean;
  /** See `PostgresOptions`. */
  readonly onTaken?: (error: StorageError) => void;
}

/**
 * Opens the records of a node, and finishes a rotation of their key that was interrupted.
 *
 * @param target `postgres://user:password@host:port/database`, or the path of a file
 * @throws StorageError saying what stands in the way, never with a password
 */
export async function openStore(target: string, { keySource, ...options }: StoreOptions): Promise<RecordStore> {
  const withKeys = { ...options, ...(keySource === undefined ? {} : { storageKeys: loadStorageKeys(keySource) }) };
  const store = isPostgresUrl(target)
    ? await openOnServer(target, withKeys)
    : new RecordQueue(openRecords(target, withKeys));
  if (keySource !== undefined && "file" in keySource) settleKeyFile(store, keySource.file);
  return store;
}

/** Loads the driver only where it is used. */
async function openOnServer(url: string, options: PostgresOptions): Promise<RecordStore> {
  const { openPostgres } = await import("./postgres/postgres-records.ts");
  return openPostgres(url, options);
}
