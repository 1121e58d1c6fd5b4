import { createSecretKey, hkdfSync, type KeyObject } from "node:crypto";
import { H, type Random, Secret } from "@quorate/curves";

/** What sealing needs of a storage key. The key itself stays inside node:crypto. */
export interface StorageKey {
  /** 8 bytes, a hash of the key: says which key a record is under, and nothing else about it. */
  readonly id: Uint8Array;
  /** The AES-256 key derived for sealing. A `KeyObject`, because raw keys cost 25 us a call on Node 24. */
  readonly sealing: KeyObject;
}

const MASTER_BYTES = 32;
const PREFIX = "quorate-storage-key-1:";

/** The 32 bytes of a new key; the caller wipes them. */
export function generateStorageKey(random: Random): Secret {
  return new Secret(random(MASTER_BYTES));
}

/** @param master 32 uniformly random bytes; the caller wipes them. Records are sealed under a key derived from it by HKDF (RFC 5869). */
export function storageKey(master: Secret): StorageKey {
  checkLength(master);
  const derived = new Uint8Array(hkdfSync("sha256", master.expose(), "", "quorate/v1 vault sealing AES-256-GCM", 32));
  const sealing = createSecretKey(derived);
  derived.fill(0);
  return { id: H("vault/v1", "storage-key-id", master.expose()).slice(0, 8), sealing };
}

/** The name of a storage key in messages and in the database: 16 hex digits. */
export function storageKeyId(key: StorageKey): string {
  return Buffer.from(key.id).toString("hex");
}

/** The one line of a key file, without its newline. It is the secret: it belongs in that file and nowhere else. */
export function formatStorageKey(master: Secret): string {
  checkLength(master);
  return PREFIX + Buffer.from(master.expose()).toString("base64url");
}

/**
 * Reads the line that `formatStorageKey` writes; space around it is allowed. The wiping of the result is the caller's.
 *
 * @throws Error saying what is wrong with the form, without showing any of it
 */
export function parseStorageKey(text: string): Secret {
  const line = text.trim();
  if (line === "") throw new Error("the storage key is empty");
  if (!line.startsWith(PREFIX)) throw new Error(`a storage key starts with ${PREFIX}`);
  const digits = line.slice(PREFIX.length);
  const bytes = Buffer.from(digits, "base64url");
  if (bytes.length !== MASTER_BYTES || bytes.toString("base64url") !== digits) {
    throw new Error(`after ${PREFIX} come 43 characters of base64url (32 bytes)`);
  }
  const master = new Secret(new Uint8Array(bytes));
  bytes.fill(0); // it may lie in a pool that node:buffer shares out
  return master;
}

function checkLength(master: Secret): void {
  if (master.length !== MASTER_BYTES) throw new Error(`a storage key is ${MASTER_BYTES} bytes, not ${master.length}`);
}
