import type { DatabaseSync } from "node:sqlite";
import { hex } from "@quorate/orders";
import { type StorageKey, storageKeyId } from "@quorate/vault";
import { StorageError } from "./error.ts";
import type { Protection } from "./row.ts";

/** Facts about a whole database: whose it is, and which storage key is in force. */
export class Meta {
  readonly #db: DatabaseSync;
  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Makes a new database this node's. @throws StorageError if it is another's */
  claim(path: string, by: Protection): void {
    const owner = `${by.node} in network ${hex(by.networkHash)}`;
    const found = this.#get("owner");
    if (found === undefined) this.#set("owner", owner);
    else if (found !== owner) {
      throw new StorageError(
        "other_owner",
        `${path} belongs to ${found}; this is ${owner}: give each node its own path`,
      );
    }
  }

  /**
   * The one of `candidates` that the records are sealed under; for a new database, the first.
   *
   * @throws StorageError if it is not among them
   */
  chooseKey(path: string, candidates: readonly StorageKey[]): StorageKey | undefined {
    const named = this.#get("storage_key");
    if (named === undefined) {
      if (candidates[0] !== undefined) this.nameKey(candidates[0]);
      return candidates[0];
    }
    const chosen = candidates.find((key) => storageKeyId(key) === named);
    if (chosen !== undefined) return chosen;
    const given = candidates.map(storageKeyId).join(" and ") || "none";
    throw new StorageError(
      "wrong_storage_key",
      `${path} is sealed under storage key ${named}, given is ${given}: start with the key file that belongs to it`,
    );
  }

  /** Says that records are sealed under `key` from now on. */
  nameKey(key: StorageKey): void {
    this.#set("storage_key", storageKeyId(key));
  }

  #get(name: string): string | undefined {
    const row = this.#db.prepare("SELECT value FROM meta WHERE name = ?").get(name);
    return row === undefined ? undefined : String(row.value);
  }

  #set(name: string, value: string): void {
    this.#db.prepare("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)").run(name, value);
  }
}
