import { type RecordKey, unhex, type Waits, type World } from "@quorate/orders";
import type { Keyring } from "../keyring.ts";
import type { Link } from "../link.ts";
import type { Peers } from "../peers.ts";
import { decodeKey, type KeyRecord } from "../records.ts";
import type { Refreshing } from "../refreshing.ts";

/** How many keys, and children of keys, a network can hold. */
const MAX_KEYS = 4096;

/** What stored keys are read with. */
export interface StoredKeysParts {
  readonly world: World;
  readonly waits: Waits;
  readonly keyring: Keyring;
  readonly peers: Peers;
  readonly link: Link;
  readonly refreshing: Pick<Refreshing, "renewed">;
}

/** The keys on disk, of which others may have made some, or given some new shares, since they were read. */
export class StoredKeys {
  readonly #parts: StoredKeysParts;
  #after = 0;

  constructor(parts: StoredKeysParts) {
    this.#parts = parts;
  }

  /** Reads those that were not there the last time. @param then with how many these are */
  read(then: (count: number) => void): void {
    const { waits, world } = this.#parts;
    waits.list({ kind: "key", limit: MAX_KEYS, ...(this.#after === 0 ? {} : { after: this.#after }) }, (listed) => {
      const records: KeyRecord[] = [];
      for (const { id, record, cursor } of listed) {
        this.#after = Math.max(this.#after, cursor);
        if (record.state === "present") records.push(decodeKey(record.value));
        else world.emit({ type: "key.unreadable", key: id });
      }
      this.#learn(records);
      then(listed.length);
    });
  }

  /** Reads one that somebody wrote. */
  reread({ kind, id, epoch }: RecordKey): void {
    this.#parts.waits.read([{ kind, id, epoch }], ([record]) => {
      if (record?.state === "present") this.#learn([decodeKey(record.value)]);
    });
  }

  #learn(records: readonly KeyRecord[]): void {
    const { keyring, refreshing } = this.#parts;
    const renewed = new Map<string, KeyRecord[]>();
    for (const record of records) {
      const known = keyring.get(record.id);
      if (known === undefined || known.epoch === record.epoch) {
        keyring.add(record);
        if (known === undefined && record.derivedFrom === null) this.#expect(record);
      } else if (known.epoch < record.epoch) {
        renewed.set(record.keyId, [...(renewed.get(record.keyId) ?? []), record]);
      }
    }
    for (const family of renewed.values()) {
      refreshing.renewed(family);
      this.#expect(family[0]!);
    }
  }

  /** Its holders told another coordinator that they have it, not this one; whoever does not use it yet gets the certificate. */
  #expect(record: KeyRecord): void {
    const { peers, link, keyring } = this.#parts;
    const certificate = unhex(record.certificate);
    for (const { node } of record.members.filter((one) => peers.connected(one.node))) {
      peers.holdActive(node, keyring.keyId(record), record.epoch);
      link.send(node, { kind: "certify", certificate });
    }
  }
}
