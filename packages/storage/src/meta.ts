import { hex } from "@quorate/orders";
import { type StorageKey, storageKeyId } from "@quorate/vault";
import { StorageError } from "./error.ts";
import type { Protection } from "./row.ts";

/** Where facts about a whole database are kept, by name. */
export interface Facts {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}

/** Facts about a whole database: whose it is, and which storage key is in force. */
export class Meta {
  readonly #facts: Facts;
  constructor(facts: Facts) {
    this.#facts = facts;
  }

  /** Makes a new database this node's. @throws StorageError if it is another's */
  claim(path: string, by: Protection): void {
    const owner = `${by.node} in network ${hex(by.networkHash)}`;
    const found = this.#facts.get("owner");
    if (found === undefined) this.#facts.set("owner", owner);
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
    const named = this.#facts.get("storage_key");
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
    this.#facts.set("storage_key", storageKeyId(key));
  }
}
