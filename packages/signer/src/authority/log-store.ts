import { recordHash } from "@quorate/authority";
import { decode, encode } from "@quorate/curves";
import {
  type CommittedRecord,
  decodeRepair,
  encodeRepair,
  type RecordRead,
  type RecordWrite,
  type RepairStatement,
  type Waits,
} from "@quorate/orders";
import {
  countersignedRecord,
  equivocationRecord,
  logRecord,
  pendingRecord,
  RECORD_KINDS,
  repairRecord,
} from "@quorate/vault";
import type { Followed, Log, Proposal } from "./log.ts";

/** How many records are read at a time. */
const CHUNK = 256;
/** How many proposals that take away are kept of one log. */
export const MAX_PENDING = 16;

/** The records of the logs, on disk: by organisation and height. */
export class LogStore {
  readonly #waits: Waits;

  constructor(waits: Waits) {
    this.#waits = waits;
  }

  /** Reads a log into `log`, up to the first record that is missing or unusable. */
  load(log: Log, then: () => void): void {
    this.#loadRecords(log, (damaged) => {
      log.damaged = damaged;
      this.#waits.read([place(RECORD_KINDS.countersigned, log.id, log.height + 1)], ([taken]) => {
        if (taken?.state === "present") log.taken = proposalOf(taken, log.height + 1) ?? "unreadable";
        else if (taken?.state !== "absent") log.taken = "unreadable";
        this.#waits.list({ kind: RECORD_KINDS.pending, scope: log.id, limit: MAX_PENDING }, (found) => {
          for (const { record, epoch } of found) {
            const proposal = epoch === log.height + 1 ? proposalOf(record, epoch) : undefined;
            if (proposal !== undefined) log.bind(proposal);
          }
          this.#loadRepair(log, then);
        });
      });
    });
  }

  #loadRepair(log: Log, then: () => void): void {
    this.#waits.list({ kind: RECORD_KINDS.repair, scope: log.id, limit: 1, newestFirst: true }, ([found]) => {
      if (found?.record.state === "present" && found.epoch > log.height) {
        try {
          const { statement, released } = decode(repairRecord, found.record.value);
          const known = released === null ? undefined : copied(released, found.epoch);
          log.decide(decodeRepair(statement.slice()), known);
        } catch {} // operators say it again: nothing is taken in place of what was countersigned before
      }
      then();
    });
  }

  /** Committed records from a height on, as many as there are, at most `count`. */
  read(organisation: string, from: number, count: number, then: (records: readonly CommittedRecord[]) => void): void {
    const keys = Array.from({ length: count }, (_, at) => place(RECORD_KINDS.logRecord, organisation, from + at));
    this.#waits.read(keys, (found) => {
      const records: CommittedRecord[] = [];
      for (const one of found) {
        const record = committedOf(one);
        if (record === undefined) break;
        records.push(record);
      }
      then(records);
    });
  }

  #loadRecords(log: Log, then: (damaged: boolean) => void): void {
    const from = log.height + 1;
    const keys = Array.from({ length: CHUNK }, (_, at) => place(RECORD_KINDS.logRecord, log.id, from + at));
    this.#waits.read(keys, (found) => {
      for (const one of found) {
        if (one.state === "absent") return then(false);
        const record = committedOf(one);
        if (record === undefined || !followed(log, record)) return then(true);
      }
      this.#loadRecords(log, then);
    });
  }
}

/** What is written when records were followed: they come, and what was proposed for their heights goes. */
export function followedWrites(log: Log, followed: readonly Followed[]): readonly RecordWrite[] {
  return followed.flatMap(({ head, committed, settled, repaired }) => [
    { ...place(RECORD_KINDS.logRecord, log.id, head.height), value: encode(logRecord, committed), scope: log.id },
    { ...place(RECORD_KINDS.countersigned, log.id, head.height), value: null },
    ...(repaired === undefined ? [] : [{ ...place(RECORD_KINDS.repair, log.id, repaired), value: null }]),
    ...settled.map((one) => ({ kind: RECORD_KINDS.pending, id: one.head.hash, epoch: one.head.height, value: null })),
  ]);
}

/** What is written before a record is countersigned. */
export function takenWrite(log: Log, { head, record, signature }: Proposal): RecordWrite {
  const value = encode(countersignedRecord, { record, signature });
  return { ...place(RECORD_KINDS.countersigned, log.id, head.height), value, scope: log.id };
}

/** What is written when operators decided about a height: what was countersigned there goes, but stays known as evidence. */
export function repairWrites(log: Log, statement: RepairStatement): readonly RecordWrite[] {
  const { released } = log;
  const { height } = statement.repair;
  const value = encode(repairRecord, { statement: encodeRepair(statement), released: released ?? null });
  const gone = log.taken === undefined ? [{ ...place(RECORD_KINDS.countersigned, log.id, height), value: null }] : [];
  return [{ ...place(RECORD_KINDS.repair, log.id, height), value, scope: log.id }, ...gone];
}

/** What is written when a record that takes away is seen. */
export function pendingWrite(log: Log, { head, record, signature }: Proposal): RecordWrite {
  const value = encode(pendingRecord, { record, signature });
  return { kind: RECORD_KINDS.pending, id: head.hash, epoch: head.height, value, scope: log.id };
}

/** The evidence that the coordinator signed two records for one height. */
export function equivocationWrite(
  log: Log,
  first: Proposal,
  second: { readonly record: Uint8Array; readonly signature: Uint8Array | null },
): RecordWrite {
  const value = encode(equivocationRecord, { first, second });
  return { ...place(RECORD_KINDS.equivocation, log.id, first.head.height), value, scope: log.id };
}

function place(kind: string, organisation: string, height: number) {
  return { kind, id: organisation, epoch: height };
}

function followed(log: Log, record: CommittedRecord): boolean {
  try {
    return log.follow(record) !== undefined;
  } catch {
    return false;
  }
}

/** What was stored as a committed record. */
export function committedOf(read: RecordRead): CommittedRecord | undefined {
  if (read.state !== "present") return undefined;
  try {
    return decode(logRecord, read.value);
  } catch {
    return undefined;
  }
}

function proposalOf(read: RecordRead, height: number): Proposal | undefined {
  if (read.state !== "present") return undefined;
  try {
    return copied(decode(countersignedRecord, read.value), height);
  } catch {
    return undefined;
  }
}

/** Copies: what is decoded is a view of what was read. */
function copied({ record, signature }: Pick<Proposal, "record" | "signature">, height: number): Proposal {
  return { head: { height, hash: recordHash(record) }, record: record.slice(), signature: signature.slice() };
}
