export { StorageError, type StorageErrorCode } from "./error.ts";
export {
  createKeyFile,
  type KeySource,
  loadStorageKeys,
  openSealedRecords,
  type Rotating,
  rotateKeyFile,
} from "./key-file.ts";
export { RecordQueue } from "./record-queue.ts";
export { openRecords, type Records, type RecordsOptions, type RecordsStats, type Rotated } from "./records.ts";
export { MAX_RECORD_BYTES, type Protection } from "./row.ts";
