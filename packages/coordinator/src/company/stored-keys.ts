import type { RecordKey, Waits, World } from "@quorate/orders";
import type { Keyring } from "../keyring.ts";
import { decodeKey } from "../records.ts";

/** How many keys, and children of keys, a network can hold. */
const MAX_KEYS = 4096;

/** The keys on disk, of whom others may have made some since they were read. */
export class StoredKeys {
  readonly #world: World;
  readonly #waits: Waits;
  readonly #keyring: Keyring;
  #after = 0;

  constructor(world: World, waits: Waits, keyring: Keyring) {
    this.#world = world;
    this.#waits = waits;
    this.#keyring = keyring;
  }

  /** Reads those that were not there the last time. @param then with how many these are */
  read(then: (count: number) => void): void {
    this.#waits.list(
      { kind: "key", limit: MAX_KEYS, ...(this.#after === 0 ? {} : { after: this.#after }) },
      (listed) => {
        for (const { id, record, cursor } of listed) {
          this.#after = Math.max(this.#after, cursor);
          if (record.state === "present") this.#keyring.add(decodeKey(record.value));
          else this.#world.emit({ type: "key.unreadable", key: id });
        }
        then(listed.length);
      },
    );
  }

  /** Reads one that somebody wrote. */
  reread({ kind, id, epoch }: RecordKey): void {
    this.#waits.read([{ kind, id, epoch }], ([record]) => {
      if (record?.state === "present") this.#keyring.add(decodeKey(record.value));
    });
  }
}
