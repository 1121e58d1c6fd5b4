/** What stands in the way of opening a database or a key file. */
export type StorageErrorCode =
  | "in_use"
  | "not_records"
  | "newer_format"
  | "other_owner"
  | "wrong_storage_key"
  | "unreadable"
  | "not_durable"
  | "rotation_failed"
  | "key_file_missing"
  | "key_file_exists"
  | "key_file_open_to_others"
  | "key_file_invalid";

/** A refusal to start, or to rotate. The message says what happened and what to do; nothing was changed on disk. */
export class StorageError extends Error {
  override readonly name = "StorageError";
  readonly code: StorageErrorCode;
  constructor(code: StorageErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
