import { constantTimeEqual, encode } from "@quorate/curves";
import {
  AUDIT_START,
  type AuditAction,
  type AuditLink,
  auditEntry,
  auditHash,
  type RecordWrite,
  type Waits,
  type World,
  type WriteResult,
} from "@quorate/orders";
import { RECORD_KINDS } from "@quorate/vault";

/** How long an entry that nothing depends on may wait for others to be written with it, milliseconds. */
const FLUSH_MS = 100;
/** How many refusals of one second are told one by one: a flood of orders fills no disk. */
const MAX_REFUSALS = 64;
const WINDOW_MS = 1000;
/** How many entries wait for a disk that takes nothing. */
const MAX_WAITING = 4096;

/** What this signer did and refused, in a chain in which no entry can be changed or left out unseen. */
export class Audit {
  readonly #world: Pick<World, "wallNow" | "now">;
  readonly #waits: Waits;
  #end: AuditLink = AUDIT_START;
  /** As far as the disk has it. */
  #durable: AuditLink = AUDIT_START;
  /** Entries that are not durable yet, in order. */
  #waiting: RecordWrite[] = [];
  #flushing = false;
  /** What happened before the end of the chain was found; `undefined` once it was. */
  #early: AuditAction[] | undefined = [];
  #window = { from: 0, refusals: 0 };

  constructor(world: Pick<World, "wallNow" | "now">, waits: Waits) {
    this.#world = world;
    this.#waits = waits;
  }

  /** Finds the end of the chain. Where the last record is unusable the chain goes on behind it, and shows the gap. */
  load(then: () => void): void {
    this.#waits.list({ kind: RECORD_KINDS.audit, limit: 1, newestFirst: true }, ([last]) => {
      if (last !== undefined) {
        const previous = last.record.state === "present" ? auditHash(last.record.value) : AUDIT_START.previous;
        this.#end = { sequence: last.epoch + 1, previous };
      }
      this.#durable = this.#end;
      const early = this.#early ?? [];
      this.#early = undefined;
      for (const action of early) this.note(action);
      then();
    });
  }

  /** Adds an entry; it is written with the next batch, or soon. */
  note(action: AuditAction): void {
    this.#add(action);
    if (this.#flushing) return;
    this.#flushing = true;
    this.#waits.after(FLUSH_MS, () => {
      this.#flushing = false;
      if (this.#waiting.length > 0) this.write([], undefined, () => {});
    });
  }

  /** Adds an entry for an order that is not taken, unless too many were. */
  refused(
    executionId: Uint8Array,
    refusal: Omit<Extract<AuditAction, { kind: "refused" }>, "kind" | "executionId">,
  ): void {
    const now = this.#world.now();
    if (now - this.#window.from >= WINDOW_MS) {
      const count = this.#window.refusals - MAX_REFUSALS;
      if (count > 0) this.note({ kind: "suppressed", count });
      this.#window = { from: now, refusals: 0 };
    }
    this.#window.refusals += 1;
    if (this.#window.refusals <= MAX_REFUSALS)
      this.note({ kind: "refused", executionId: executionId.slice(), ...refusal });
  }

  /** Writes a batch together with an entry that says what it means, and with all that wait: one write, one wait for the disk. */
  write(batch: readonly RecordWrite[], action: AuditAction | undefined, then: (result: WriteResult) => void): void {
    if (action !== undefined) this.#add(action);
    const entries = this.#waiting;
    this.#waiting = [];
    const end = this.#end;
    this.#waits.write([...batch, ...entries], (result) => {
      if (result === "ok" && end.sequence > this.#durable.sequence) this.#durable = end;
      // The same entries again with the next batch: an entry that is missing would break the chain.
      if (result !== "ok") this.#waiting = [...entries, ...this.#waiting].slice(-MAX_WAITING);
      then(result);
    });
  }

  /** Where the chain ends on disk. */
  get durable(): AuditLink {
    return this.#durable;
  }

  /** Whether the chain on disk went through `link` once; `false` where the entry that tells cannot be read. */
  holds({ sequence, previous }: AuditLink, then: (holds: boolean) => void): void {
    if (sequence > this.#durable.sequence) return then(false);
    if (sequence === 0) return then(true);
    this.#waits.read([placeOf(sequence - 1)], ([entry]) => {
      then(entry?.state === "present" && constantTimeEqual(auditHash(entry.value), previous));
    });
  }

  /** Encoded entries from a sequence number on. */
  read(from: number, limit: number, then: (encoded: readonly Uint8Array[]) => void): void {
    const count = Math.max(0, Math.min(limit, this.#end.sequence - from));
    const keys = Array.from({ length: count }, (_, at) => placeOf(from + at));
    this.#waits.read(keys, (records) => {
      then(records.flatMap((one) => (one.state === "present" ? [one.value] : [])));
    });
  }

  #add(action: AuditAction): void {
    if (this.#early !== undefined) {
      this.#early.push(action);
      return;
    }
    const { sequence } = this.#end;
    const value = encode(auditEntry, { ...this.#end, time: this.#world.wallNow(), action });
    this.#end = { sequence: sequence + 1, previous: auditHash(value) };
    this.#waiting.push({ ...placeOf(sequence), value });
  }
}

function placeOf(sequence: number) {
  return { kind: RECORD_KINDS.audit, id: "audit", epoch: sequence };
}
