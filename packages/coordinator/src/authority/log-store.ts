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
/** Of a log: the record that was proposed at a height, kept before anybody hears of it. */
const PROPOSED = "log-proposal";

/** A record of this database that is gone or damaged. */
export class UnreadableLog extends Error {
  override readonly name = "UnreadableLog";
}

/**
 * One log on disk. A height has one slot for what is proposed there and one for what is committed, each written only where nothing
 * stands yet: of several coordinators on one database one wins, and the others go on with what it wrote.
 */
export class LogStore {
  readonly #waits: Waits;
  readonly #organisation: string;

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
  proposed(height: number, then: (record: Uint8Array | undefined | UnreadableLog) => void): void {
    this.#waits.read([this.#place(PROPOSED, height)], ([one]) => {
      if (one?.state === "present") then(one.value.length === 0 ? undefined : one.value);
      else if (one?.state !== "faulty") then(undefined);
      else then(new UnreadableLog(`proposal ${height} of ${this.#organisation}: ${one.fault}`));
    });
  }

  /** Takes the slot of a height. `conflict`: somebody took it before. */
  propose(height: number, record: Uint8Array, then: (result: WriteResult) => void): void {
    this.#waits.write([{ ...this.#place(PROPOSED, height), value: record, ifAbsent: true }], then);
  }

  /** Gives the slot of a height back, unless it holds another record by now. */
  withdraw(height: number, record: Uint8Array, then: (result: WriteResult) => void): void {
    this.proposed(height, (bytes) => {
      if (bytes instanceof UnreadableLog) return then("io_error");
      if (bytes === undefined || Buffer.compare(bytes, record) !== 0) return then("ok");
      this.#waits.write([{ ...this.#place(PROPOSED, height), value: null }], then);
    });
  }

  /** Keeps a committed record. `conflict`: it is kept already. */
  commit(height: number, committed: CommittedRecord, then: (result: WriteResult) => void): void {
    const value = encode(committedRecord, committed);
    const writes: RecordWrite[] = [
      { ...this.#place(COMMITTED, height), scope: this.#organisation, value, ifAbsent: true },
      // Empty, not gone: who has not read the record yet must not propose another at its height.
      { ...this.#place(PROPOSED, height), value: new Uint8Array() },
    ];
    this.#waits.write(writes, then);
  }

  #place(kind: string, height: number) {
    return { kind, id: this.#organisation, epoch: height };
  }
}
