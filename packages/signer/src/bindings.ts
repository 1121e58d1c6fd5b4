import { constantTimeEqual, decode, encode } from "@quorate/curves";
import { type AuditAction, bindingDigest, type RecordRead, type Waits, type WriteResult } from "@quorate/orders";
import { type BindingRecord, bindingRecord } from "@quorate/vault";
import type { SigningOrder } from "./admission.ts";
import type { Audit } from "./audit.ts";

/** How many bindings are kept in memory; older ones are read from disk again. */
const CACHE_SIZE = 1024;
/** How many are looked at together for some that have ended, how soon the next, and how long after the last of them from the start. */
const PRUNED_AT_ONCE = 64;
const PRUNE_PAUSE_MS = 1000;
const PRUNE_EVERY_MS = 600_000;
/** Clocks may be set back; and a request that was answered may still be put into the log, to be admitted days later. */
const PRUNE_AFTER_MS = 7 * 24 * 3600_000;
/** How many may be on their way to disk at once. */
const MAX_OPEN = 1024;

/**
 * `bound`: durably, to what was asked. `other`: it is bound to something else, or its record cannot be read. `late`: it is bound to
 * nothing, and expired.
 */
export type Bound = "bound" | "other" | "busy" | "late" | Exclude<WriteResult, "ok">;

/** What is to be bound. */
export interface Asked extends BindingRecord {
  /** Whether a new binding may begin; an expired authorisation only finds one that is there. */
  readonly fresh: boolean;
  /** What the audit log says of it. */
  readonly entry: AuditAction;
}

/**
 * Binds each authorisation, durably and before anything is sent, to one key and one body. A retry with another set finds the
 * identical digest until the deadline; anything else is `other`.
 */
export class Bindings {
  readonly #waits: Waits;
  readonly #audit: Audit;
  /** Bindings that are on disk. */
  readonly #known = new Map<string, BindingRecord>();
  /** By authorisation: what waits for the disk to answer an earlier question about the same. One at a time, or two could be first. */
  readonly #open = new Map<string, (() => void)[]>();
  #asking = 0;

  constructor(waits: Waits, audit: Audit) {
    this.#waits = waits;
    this.#audit = audit;
  }

  /** What an order asks to be signed, and with which key or child. 32 bytes. */
  static digest({ keyId, path, request }: Pick<SigningOrder, "keyId" | "path" | "request">): Uint8Array {
    return bindingDigest({ keyId, path, request });
  }

  /**
   * Binds `authorisation` (hex) to what is asked, unless it is bound; `then` once that is durable.
   *
   * @param meanwhile work for the time in which the disk has its own, if it is needed at all
   */
  bind(authorisation: string, asked: Asked, then: (bound: Bound) => void, meanwhile: () => void = () => {}): void {
    const known = this.#known.get(authorisation);
    if (known !== undefined) return then(covers(known, asked) ? "bound" : "other");
    const again = () => this.bind(authorisation, asked, then, meanwhile);
    this.#inTurn<Bound>(authorisation, again, then, (done) => this.#settle(authorisation, asked, done, meanwhile));
  }

  /** Whether an authorisation is bound to anything here, as one is whose record cannot be read; once all that is under way about it is done. */
  isBound(authorisation: string, then: (answer: boolean | "busy") => void): void {
    if (this.#known.has(authorisation)) return then(true);
    const again = () => this.isBound(authorisation, then);
    this.#inTurn<boolean>(authorisation, again, then, (done) => {
      this.#waits.read([placeOf(authorisation)], ([record]) => done(record?.state !== "absent"));
    });
  }

  /** @param again instead, once what is under way about the authorisation is done */
  #inTurn<Answer>(
    authorisation: string,
    again: () => void,
    then: (answer: Answer | "busy") => void,
    ask: (done: (answer: Answer) => void) => void,
  ): void {
    if (this.#asking >= MAX_OPEN) return then("busy");
    this.#asking += 1;
    const waiting = this.#open.get(authorisation);
    if (waiting !== undefined) {
      waiting.push(again);
      return;
    }
    this.#open.set(authorisation, []);
    ask((answer) => {
      const later = this.#open.get(authorisation)!;
      this.#open.delete(authorisation);
      this.#asking -= 1 + later.length;
      then(answer);
      for (const next of later) next();
    });
  }

  /** Erases bindings of authorisations that nobody admits any more, some at a time, for as long as this signer runs. */
  prune(now: () => number, after?: number): void {
    this.#waits.list({ kind: "binding", limit: PRUNED_AT_ONCE, ...(after === undefined ? {} : { after }) }, (found) => {
      const ended = found.filter(({ record }) => {
        const bound = parsed(record);
        return bound !== undefined && Math.max(bound.until, bound.deadline) + PRUNE_AFTER_MS < now();
      });
      const erasures = ended.map(({ kind, id, epoch }) => ({ kind, id, epoch, value: null }));
      const next = () => {
        const last = found.length < PRUNED_AT_ONCE ? undefined : found.at(-1)?.cursor;
        this.#waits.after(last === undefined ? PRUNE_EVERY_MS : PRUNE_PAUSE_MS, () => this.prune(now, last));
      };
      if (erasures.length === 0) return next();
      this.#waits.write(erasures, next);
    });
  }

  #settle(authorisation: string, asked: Asked, then: (bound: Bound) => void, meanwhile: () => void): void {
    const key = placeOf(authorisation);
    this.#waits.read([key], ([record]) => {
      if (record?.state !== "absent") {
        const stored = record && parsed(record);
        if (stored === undefined) return then("other");
        this.#remember(authorisation, stored);
        return then(covers(stored, asked) ? "bound" : "other");
      }
      if (!asked.fresh) return then("late");
      this.#audit.write([{ ...key, value: encode(bindingRecord, asked) }], asked.entry, (result) => {
        if (result !== "ok") return then(result);
        this.#remember(authorisation, asked);
        then("bound");
      });
      meanwhile();
    });
  }

  #remember(authorisation: string, bound: BindingRecord): void {
    // A copy: what comes from a message or a record is a view of it.
    this.#known.set(authorisation, { digest: bound.digest.slice(), deadline: bound.deadline, until: bound.until });
    if (this.#known.size > CACHE_SIZE) this.#known.delete(this.#known.keys().next().value!);
  }
}

function placeOf(authorisation: string) {
  return { kind: "binding", id: authorisation, epoch: 0 };
}

/** A damaged record is not taken for no record: it may have bound the request to something else. */
function parsed(record: RecordRead): BindingRecord | undefined {
  if (record.state !== "present") return undefined;
  try {
    return decode(bindingRecord, record.value);
  } catch {
    return undefined;
  }
}

function covers(known: BindingRecord, asked: BindingRecord): boolean {
  return constantTimeEqual(known.digest, asked.digest) && asked.deadline <= known.deadline;
}
