export { StorageError, type StorageErrorCode } from "./error.ts";
export {
  createKeyFile,
  type KeySource,
  loadStorageKeys,
  openSealedRecords,
  type Rotating,
  rotateKeyFile,
  rotateStoreKey,
} from "./key-file.ts";
export { openStore, type StoreOptions } from "./open-store.ts";
export { isPostgresUrl } from "./postgres/address.ts";
export { RecordQueue } from "./record-queue.ts";
export { openRecords, type Records, type RecordsOptions, type RecordsStats, type Rotated } from "./records.ts";
export { MAX_RECORD_BYTES, type Protection } from "./row.ts";
export type { Change, RecordStore } from "./store.ts";
