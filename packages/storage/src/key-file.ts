import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import {
  formatStorageKey,
  generateStorageKey,
  parseStorageKey,
  type Random,
  type StorageKey,
  storageKey,
  storageKeyId,
} from "@quorate/vault";
import { syncFolder } from "./database.ts";
import { StorageError } from "./error.ts";
import { openRecords, type Records, type RecordsOptions, type Rotated } from "./records.ts";
import type { RecordStore } from "./store.ts";

/** Where the storage key comes from: a file, or its text (from the environment or a secret store). */
export type KeySource = { readonly file: string } | { readonly text: string };

/** What says which key is in force. */
type HasKey = Pick<RecordStore, "storageKeyId">;

/** What a rotation needs of `Records` or of a `RecordQueue`. */
export interface Rotating extends HasKey {
  rotate(next: StorageKey): Rotated;
}

const nextOf = (file: string) => `${file}.next`;

/** Opens sealed records with the key of `source`, and finishes a rotation that was interrupted. @throws StorageError */
export function openSealedRecords(
  path: string,
  source: KeySource,
  options: Omit<RecordsOptions, "storageKeys">,
): Records {
  const records = openRecords(path, { ...options, storageKeys: loadStorageKeys(source) });
  if ("file" in source) settleKeyFile(records, source.file);
  return records;
}

/** Makes a key file, readable by its owner only. @throws StorageError if there is one: it may hold the only copy of its key */
export function createKeyFile(file: string, random: Random): StorageKey {
  using master = generateStorageKey(random);
  writeKey(file, `${formatStorageKey(master)}\n`);
  return storageKey(master);
}

/**
 * The keys that may be in force: one, or two where a rotation was interrupted. The database knows which.
 *
 * @throws StorageError naming what to do
 */
export function loadStorageKeys(source: KeySource): StorageKey[] {
  if ("text" in source) return [parsed("the storage key given as text", source.text)];
  const next = readNext(source.file);
  return next === undefined ? [readKey(source.file)] : [readKey(source.file), next];
}

/**
 * Puts a new random key in the place of the one in `file`. Safe to interrupt anywhere: the new key is durable in
 * `<file>.next` before any record is sealed under it; the transaction that seals them also says which key is in force; and
 * the next start, or the next rotation, moves or removes `<file>.next` accordingly.
 *
 * @throws StorageError; the old key is then still in force
 */
export function rotateKeyFile(records: Rotating, file: string, random: Random): Rotated {
  const next = makeNextKey(records, file, random);
  try {
    return records.rotate(next);
  } finally {
    settleKeyFile(records, file);
  }
}

/** As `rotateKeyFile`, for records wherever they lie. */
export async function rotateStoreKey(store: RecordStore, file: string, random: Random): Promise<Rotated> {
  const next = makeNextKey(store, file, random);
  try {
    return await store.rotate(next);
  } finally {
    settleKeyFile(store, file);
  }
}

function makeNextKey(records: HasKey, file: string, random: Random): StorageKey {
  settleKeyFile(records, file);
  if (storageKeyId(readKey(file)) !== records.storageKeyId) {
    throw new StorageError("wrong_storage_key", `${file} does not hold the key in force, ${records.storageKeyId}`);
  }
  return createKeyFile(nextOf(file), random);
}

/** Ends a rotation: `<file>.next` takes the place of `file` if the records are sealed under it, and goes otherwise. */
export function settleKeyFile(records: HasKey, file: string): void {
  if (!existsSync(nextOf(file))) return;
  const next = readNext(file);
  if (next !== undefined && storageKeyId(next) === records.storageKeyId) renameSync(nextOf(file), file);
  else rmSync(nextOf(file));
  syncFolder(file);
}

/** A next key that cannot be read was never written whole, so nothing is sealed under it. */
function readNext(file: string): StorageKey | undefined {
  try {
    return readKey(nextOf(file));
  } catch (error) {
    if (error instanceof StorageError) return undefined;
    throw error;
  }
}

function readKey(file: string): StorageKey {
  const descriptor = openKey(file, "r");
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new StorageError("key_file_invalid", `${file} is not a file`);
    const mode = stat.mode & 0o777;
    if ((mode & 0o077) !== 0) {
      const problem = `others than its owner can reach ${file} (mode ${mode.toString(8)})`;
      throw new StorageError("key_file_open_to_others", `${problem}: run chmod 600 ${file}`);
    }
    return parsed(file, readFileSync(descriptor, "utf8"));
  } finally {
    closeSync(descriptor);
  }
}

function writeKey(file: string, text: string): void {
  const descriptor = openKey(file, "wx");
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  syncFolder(file);
}

function openKey(file: string, flags: "r" | "wx"): number {
  try {
    return openSync(file, flags, 0o600);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EEXIST")
      throw new StorageError("key_file_exists", `${file} exists: it may hold the only copy of a key`);
    if (code === "ENOENT" && flags === "r") {
      const advice = "put back your copy of it; without it the shares in the database cannot be opened";
      throw new StorageError("key_file_missing", `there is no storage key at ${file}: ${advice}`);
    }
    throw new StorageError("key_file_invalid", `cannot open the storage key: ${message}`);
  }
}

function parsed(name: string, text: string): StorageKey {
  try {
    using master = parseStorageKey(text);
    return storageKey(master);
  } catch (error) {
    throw new StorageError("key_file_invalid", `${name}: ${(error as Error).message}`);
  }
}
