import type { RecordKey, RecordListed, RecordQuery, RecordRead, RecordWrite, WriteResult } from "@quorate/orders";

/** A record as it lies on the disk: what it is bound to stands in it, so that one in the place of another shows. */
interface Stored extends RecordKey {
  readonly value: Uint8Array;
  readonly scope: string | undefined;
  readonly secret: boolean;
  readonly cursor: number;
  readonly damaged: boolean;
}

/** What was on a disk at one time. */
export type DiskImage = ReadonlyMap<string, Stored>;

const place = ({ kind, id, epoch }: RecordKey) => `${kind} ${id} ${epoch}`;

/**
 * The database of one node as it survives loss of power: what is here was synced. A batch is there whole or not at all, as
 * in the real one; damage to a record, or one record in the place of another, is found when it is read.
 */
export class Disk {
  /** By kind, then by place, in the order of their cursors. */
  #kinds = new Map<string, Map<string, Stored>>();
  #cursor = 0;
  #setBack = false;
  /** Takes no more. */
  full = false;
  /** How long a write takes to be durable, milliseconds. */
  writeMs = 0;

  constructor(image: DiskImage = new Map()) {
    this.#take(image);
  }

  /** All that is on it; later writes do not change it. */
  image(): DiskImage {
    return new Map([...this.#kinds.values()].flatMap((records) => [...records]));
  }

  /** Puts an earlier image in the place of all that is there. */
  restore(image: DiskImage): void {
    this.#take(image);
    this.#setBack = true;
  }

  /** Whether it was ever set back to an earlier image: what is here may not be all that was written. */
  get setBack(): boolean {
    return this.#setBack;
  }

  #take(image: DiskImage): void {
    this.#kinds = new Map();
    for (const [at, one] of image) {
      this.#of(keyOf(at).kind).set(at, one);
      this.#cursor = Math.max(this.#cursor, one.cursor);
    }
  }

  #of(kind: string): Map<string, Stored> {
    let records = this.#kinds.get(kind);
    if (records === undefined) {
      records = new Map();
      this.#kinds.set(kind, records);
    }
    return records;
  }

  #at(key: RecordKey): Stored | undefined {
    return this.#kinds.get(key.kind)?.get(place(key));
  }

  apply(batch: readonly RecordWrite[]): WriteResult {
    if (this.full) return "no_space";
    if (batch.some((one) => one.ifAbsent === true && this.#at(one) !== undefined)) return "conflict";
    for (const one of batch) this.#put(one);
    return "ok";
  }

  #put({ kind, id, epoch, value, scope, secret = false }: RecordWrite): void {
    const at = place({ kind, id, epoch });
    const records = this.#of(kind);
    if (value === null) records.delete(at);
    else {
      const cursor = records.get(at)?.cursor ?? ++this.#cursor;
      records.set(at, { kind, id, epoch, value: value.slice(), scope, secret, cursor, damaged: false });
    }
  }

  read(key: RecordKey): RecordRead {
    const stored = this.#at(key);
    if (stored === undefined) return { state: "absent" };
    if (stored.damaged) return { state: "faulty", fault: "corrupt_record" };
    if (place(stored) !== place(key)) return { state: "faulty", fault: "swapped_record" };
    return { state: "present", value: stored.value.slice() };
  }

  list({ kind, scope, after, limit, newestFirst = false }: RecordQuery): RecordListed[] {
    const records = [...(this.#kinds.get(kind) ?? [])];
    const found: RecordListed[] = [];
    for (const [at, { cursor, scope: its }] of newestFirst ? records.toReversed() : records) {
      if (found.length === limit) break;
      if (scope !== undefined && its !== scope) continue;
      if (after !== undefined && (newestFirst ? cursor >= after : cursor <= after)) continue;
      const key = keyOf(at);
      found.push({ ...key, cursor, record: this.read(key) });
    }
    return found;
  }

  /** Where records of a kind lie, for checkers and faults, in order. */
  places(kind: string): RecordKey[] {
    return [...(this.#kinds.get(kind)?.keys() ?? [])].map(keyOf);
  }

  /** All bytes that whoever steals the disk without its storage key can read. */
  *readable(): Generator<Uint8Array> {
    for (const records of this.#kinds.values()) {
      for (const one of records.values()) if (!one.secret) yield one.value;
    }
  }

  /** A bit of a record flips. */
  damage(key: RecordKey): void {
    const stored = this.#at(key);
    if (stored !== undefined) this.#of(key.kind).set(place(key), { ...stored, damaged: true });
  }

  /** Two records of a kind trade places. */
  swap(a: RecordKey, b: RecordKey): void {
    const [first, second] = [this.#at(a), this.#at(b)];
    if (first === undefined || second === undefined) return;
    this.#of(a.kind).set(place(a), second);
    this.#of(b.kind).set(place(b), first);
  }
}

/** Ids hold no spaces. */
function keyOf(at: string): RecordKey {
  const [kind = "", id = "", epoch = ""] = at.split(" ");
  return { kind, id, epoch: Number(epoch) };
}
