import {
  AuthorityError,
  checkCommitted,
  decodeLogRecord,
  found,
  type Head,
  idOf,
  judge,
  type LogRecord,
  type Organisation,
  recordHash,
  ruleFor,
} from "@quorate/authority";
import { type CommittedRecord, hex, type NetworkFile, type RepairStatement, verifyRepair } from "@quorate/orders";

/** A record that the coordinator proposed, with its signature. */
export interface Proposal {
  readonly head: Head;
  readonly record: Uint8Array;
  /** The coordinator's, over `proposalStatement`. */
  readonly signature: Uint8Array;
}

/** What following a record came to. */
export interface Followed {
  readonly head: Head;
  readonly record: LogRecord;
  readonly committed: CommittedRecord;
  /** Proposals that its height leaves behind. */
  readonly settled: readonly Proposal[];
  /** The height that operators had decided about, when it has come. */
  readonly repaired: number | undefined;
}

/** One organisation's log as this signer follows it: each record verified here, nothing taken on anybody's word. */
export class Log {
  /** `or-…`, of the first record's hash. */
  readonly id: string;
  readonly #genesis: string;
  readonly #network: NetworkFile;
  readonly #networkHash: Uint8Array;
  #organisation: Organisation | undefined;
  /** The one record that this signer countersigned at the next height; `unreadable` when its record is: it could be any. */
  taken: Proposal | "unreadable" | undefined;
  /** A record of it was unusable at start. What was countersigned above that height is not known: nothing more is, until the next start. */
  damaged = false;
  /** Proposed records for the next height that only take away, by hash. */
  readonly #pending = new Map<string, Proposal>();
  #repair: RepairStatement | undefined;
  /** The records do not come to the state from which this signer started: nothing is signed in it. */
  forked = false;
  /** What was countersigned at the next height before operators decided on another record. */
  released: Proposal | undefined;
  #view: Organisation | undefined;

  /** @param genesis hash of the first record, hex, from the network file */
  constructor(network: NetworkFile, networkHash: Uint8Array, genesis: string) {
    this.id = idOf("or", genesis);
    this.#genesis = genesis;
    this.#network = network;
    this.#networkHash = networkHash;
  }

  /** The state that the committed records come to; `undefined` while the first is not here. */
  get organisation(): Organisation | undefined {
    return this.#organisation;
  }

  /** Begins where an earlier process of this signer was. */
  restore(organisation: Organisation): void {
    this.#organisation = organisation;
  }

  /** The same log with nothing in it. */
  empty(): Log {
    return new Log(this.#network, this.#networkHash, this.#genesis);
  }

  /** -1 while the first record is not here. */
  get height(): number {
    return this.#organisation?.head.height ?? -1;
  }

  /** The state in which requests are judged: what was only proposed yet, but takes something away, is away already. */
  get view(): Organisation | undefined {
    const committed = this.#organisation;
    if (committed === undefined || this.#pending.size === 0) return committed;
    this.#view ??= this.#without(committed);
    return this.#view;
  }

  get pending(): readonly Proposal[] {
    return [...this.#pending.values()];
  }

  /** What operators decided about the next height, or one above it. */
  get repair(): RepairStatement | undefined {
    return this.#repair;
  }

  /** The only record that may come next, by hash, where operators decided so. */
  get decided(): string | undefined {
    const repair = this.#repair?.repair;
    return repair?.height === this.height + 1 ? hex(repair.hash) : undefined;
  }

  /**
   * Takes no other record than the one that operators decided on; one that was countersigned in its place is let go of.
   *
   * @returns `false`, and does nothing, unless enough operators signed it
   */
  decide(statement: RepairStatement, released?: Proposal): boolean {
    if (!verifyRepair(this.#network, this.#networkHash, statement)) return false;
    this.#repair = statement;
    this.released = released;
    const { decided, taken } = this;
    if (decided === undefined || taken === undefined) return true;
    if (taken !== "unreadable" && taken.head.hash === decided) return true;
    this.taken = undefined;
    if (taken !== "unreadable") this.released = taken;
    return true;
  }

  /** Judges a proposed record for the next height. @param now `null` for any age @returns whether it only takes away @throws AuthorityError */
  judge(record: LogRecord, now: number | null): { readonly takesAway: boolean } {
    if (this.#organisation === undefined)
      throw new AuthorityError("behind", "the first record of this log is not here");
    judge(this.#organisation, record, { network: this.#network.networkId, now });
    return { takesAway: ruleFor(record.action.method, record.action.path)?.rule.takesAway === true };
  }

  /** From now on requests are judged as if this record had been committed. */
  bind(proposal: Proposal): void {
    this.#pending.set(proposal.head.hash, proposal);
    this.#view = undefined;
  }

  /**
   * Verifies and applies the next record.
   *
   * @param certified `false` for records that this signer verified before it stored them
   * @returns `undefined` for one that is here already
   * @throws AuthorityError `behind` when records before it are missing, else what is wrong with it
   */
  follow(committed: CommittedRecord, certified = true): Followed | undefined {
    const record = decodeLogRecord(committed.record);
    if (record.height <= this.height) return undefined;
    if (record.height > this.height + 1) {
      throw new AuthorityError("behind", `height ${record.height} does not follow ${this.height} here`);
    }
    const head = { height: record.height, hash: recordHash(committed.record) };
    if (record.height === 0) this.#begin(record, head);
    else {
      const { signatures } = committed;
      if (certified) checkCommitted(this.#network, this.#networkHash, this.id, head, signatures);
      judge(this.#organisation!, record, { network: this.#network.networkId, now: null }).apply();
    }
    return { head, record, committed, ...this.#settle() };
  }

  #begin(record: LogRecord, { hash }: Head): void {
    if (hash !== this.#genesis)
      throw new AuthorityError("bad_record", "not the first record that the network file names");
    this.#organisation = found(record);
  }

  #settle(): Pick<Followed, "settled" | "repaired"> {
    const settled = [...this.#pending.values()];
    if (this.taken !== undefined && this.taken !== "unreadable") settled.push(this.taken);
    this.taken = undefined;
    this.#pending.clear();
    this.#view = undefined;
    const about = this.#repair?.repair.height;
    const repaired = about !== undefined && about <= this.height ? about : undefined;
    if (repaired !== undefined) {
      this.#repair = undefined;
      this.released = undefined;
    }
    return { settled, repaired };
  }

  #without(committed: Organisation): Organisation {
    const view = structuredClone(committed);
    for (const { record } of this.#pending.values()) {
      view.head = committed.head;
      view.time = committed.time;
      try {
        judge(view, decodeLogRecord(record), { network: this.#network.networkId, now: null }).apply();
      } catch (error) {
        if (!(error instanceof AuthorityError)) throw error; // another of them took it away already
      }
    }
    view.head = committed.head;
    return view;
  }
}

/** A head as messages carry it. */
export function headBytes(head: Head): { readonly height: number; readonly hash: Uint8Array } {
  return { height: head.height, hash: new Uint8Array(Buffer.from(head.hash, "hex")) };
}

/** A head as messages carry it, in the form of the log. */
export function headOf(head: { readonly height: number; readonly hash: Uint8Array }): Head {
  return { height: head.height, hash: hex(head.hash) };
}
