import { decode, encode } from "@quorate/curves";
import {
  type CommittedRecord,
  committedRecord,
  MAX_COMMITTED,
  type RecordWrite,
  type Waits,
  type WriteResult,
} from "@quorate/orders";

/** Of a log: the records that are committed, each with its certificate. */
const COMMITTED = "log-record";
/** Of a log: the records that were proposed at a height, one after the other, each kept before anybody hears of it. */
const PROPOSED = "log-proposal";

/** In the place of a proposal: nobody took it, and it is not proposed any more. */
const WITHDRAWN = new Uint8Array();
/** In the place of a proposal: the height is decided. */
const DECIDED = Uint8Array.of(1);
/** Proposals of one height that are read at once. */
const SLOTS = 8;

/** A record of this database that is gone or damaged. */
export class UnreadableLog extends Error {
  override readonly name = "UnreadableLog";
}

/**
 * One log on disk. A height has one slot for what is committed there, and one for each record that is proposed there in turn; all are
 * written only where nothing stands yet: of several coordinators on one database one wins, and the others go on with what it wrote.
 * A proposal that is withdrawn keeps its slot, so that nobody withdraws the next one by mistake.
 */
export class LogStore {
  readonly #waits: Waits;
  readonly #organisation: string;
  /** At the height that is next: the first slot that was free when it was looked at. */
  #free = { height: 0, slot: 0 };

  constructor(waits: Waits, organisation: string) {
    this.#waits = waits;
    this.#organisation = organisation;
  }

  /** All committed records from a height on, ascending. */
  from(height: number, then: (records: readonly CommittedRecord[] | UnreadableLog) => void): void {
    const found: CommittedRecord[] = [];
    const more = (next: number) =>
      this.read(next, MAX_COMMITTED, (records) => {
        if (records instanceof UnreadableLog) return then(records);
        found.push(...records);
        if (records.length < MAX_COMMITTED) then(found);
        else more(next + records.length);
      });
    more(height);
  }

  /** At most `count` committed records from a height on, ascending. */
  read(height: number, count: number, then: (records: readonly CommittedRecord[] | UnreadableLog) => void): void {
    const keys = Array.from({ length: count }, (_, at) => this.#place(COMMITTED, height + at));
    this.#waits.read(keys, (reads) => {
      const records: CommittedRecord[] = [];
      for (const [at, one] of reads.entries()) {
        if (one.state === "absent") break;
        if (one.state === "faulty") {
          return then(new UnreadableLog(`record ${height + at} of ${this.#organisation}: ${one.fault}`));
        }
        records.push(decode(committedRecord, one.value));
      }
      then(records);
    });
  }

  /** What is proposed at a height, if anything. */
  proposed(height: number, then: (record: Uint8Array | undefined | "decided" | UnreadableLog) => void, slot = 0): void {
    const slots = Array.from({ length: SLOTS }, (_, at) => this.#slot(height, slot + at));
    this.#waits.read(slots, (reads) => {
      const free = reads.findIndex((one) => one.state === "absent");
      if (free < 0 && reads.every((one) => one.state === "present")) return this.proposed(height, then, slot + SLOTS);
      const taken = free < 0 ? reads : reads.slice(0, free);
      const faulty = taken.find((one) => one.state === "faulty");
      if (faulty !== undefined) return then(new UnreadableLog(`proposal ${height} of ${this.#organisation}`));
      this.#free = { height, slot: slot + taken.length };
      const last = taken.at(-1);
      then(last?.state === "present" ? standing(last.value) : undefined);
    });
  }

  /** Takes the next slot of a height. `conflict`: somebody took it before. */
  propose(height: number, record: Uint8Array, then: (result: WriteResult) => void): void {
    const slot = this.#free.height === height ? this.#free.slot : 0;
    this.#waits.write([{ ...this.#slot(height, slot), value: record, ifAbsent: true }], (result) => {
      if (result === "ok") this.#free = { height, slot: slot + 1 };
      then(result);
    });
  }

  /** Withdraws the newest proposal of a height. */
  withdraw(height: number, then: (result: WriteResult) => void): void {
    this.#waits.write([{ ...this.#newest(height), value: WITHDRAWN }], then);
  }

  /** Keeps a committed record. `conflict`: it is kept already. */
  commit(height: number, committed: CommittedRecord, then: (result: WriteResult) => void): void {
    const value = encode(committedRecord, committed);
    const writes: RecordWrite[] = [
      { ...this.#place(COMMITTED, height), scope: this.#organisation, value, ifAbsent: true },
      // Not gone: who has not read the record yet must not propose another at its height.
      { ...this.#newest(height), value: DECIDED },
    ];
    this.#waits.write(writes, then);
  }

  #newest(height: number) {
    return this.#slot(height, this.#free.height === height ? Math.max(0, this.#free.slot - 1) : 0);
  }

  #slot(height: number, slot: number) {
    return { kind: PROPOSED, id: `${this.#organisation}/${height}`, epoch: slot };
  }

  #place(kind: string, height: number) {
    return { kind, id: this.#organisation, epoch: height };
  }
}

function standing(value: Uint8Array): Uint8Array | undefined | "decided" {
  if (value.length === WITHDRAWN.length) return undefined;
  return value.length === DECIDED.length ? "decided" : value;
}
