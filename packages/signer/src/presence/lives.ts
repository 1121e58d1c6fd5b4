import { CLOCK_SKEW_MS, MAX_CHALLENGE_MS } from "@quorate/authority";
import { decode, encode } from "@quorate/curves";
import type { AuditAction, RecordWrite, Waits } from "@quorate/orders";
import { type IncarnationRecord, incarnationRecord, RECORD_KINDS } from "@quorate/vault";
import type { Audit } from "../audit.ts";
import { Refused } from "../refused.ts";

const PLACE = { kind: RECORD_KINDS.incarnation, id: "self", epoch: 0 };
const UNBORN: IncarnationRecord = {
  incarnation: 0,
  rolledBackAt: 0,
  lost: { incarnation: 0, sequence: 0 },
  proof: [],
  settled: 0,
};
/** How long after a write that failed it is tried again, milliseconds. */
const REWRITE_MS = 500;

/** What this signer knows of its own lives: how many there were, whether one was lost, whether another process lived beside it. */
export class Lives {
  readonly #waits: Waits;
  readonly #audit: Audit;
  #record = UNBORN;
  /** Whether its record is there and cannot be read. What it said is not known: it is taken for a disk that was put back. */
  isDamaged = false;
  /** Whether this life may serve: it has heard from its peers what they remember of the ones before. */
  isServing = false;

  constructor(waits: Waits, audit: Audit) {
    this.#waits = waits;
    this.#audit = audit;
  }

  load(then: () => void): void {
    this.#waits.read([PLACE], ([found]) => {
      if (found?.state === "present") {
        try {
          this.#record = copied(decode(incarnationRecord, found.value));
        } catch {
          this.isDamaged = true;
        }
      } else this.isDamaged = found?.state === "faulty";
      then();
    });
  }

  /** The number of this life; before it began, of the last. */
  get number(): number {
    return this.#record.incarnation;
  }

  /** The furthest that was ever lost. */
  get lost(): IncarnationRecord["lost"] {
    return this.#record.lost;
  }

  /** Two presences which prove that another process lived under this name; none, or none any more. */
  get proof(): readonly Uint8Array[] {
    return this.#record.proof;
  }

  get settled(): number {
    return this.#record.settled;
  }

  get isFenced(): boolean {
    return this.#record.proof.length > 0;
  }

  /** @throws Refused `reconciling`, `cloned` */
  check(): void {
    if (this.isFenced)
      throw new Refused(
        "cloned",
        "another process ran under this signer's name: its operator has to say which one is right",
      );
    if (!this.isServing) throw new Refused("reconciling", "this signer has yet to hear what the others remember of it");
  }

  /**
   * Whether an authorisation may have been used in a life that was lost: its binding would be lost too, so it is never bound again.
   *
   * @param ends when its challenge ends, or a time before: milliseconds since 1970
   */
  voids(ends: number): boolean {
    const { rolledBackAt } = this.#record;
    return rolledBackAt > 0 && ends <= rolledBackAt + MAX_CHALLENGE_MS + CLOCK_SKEW_MS;
  }

  /** Whether a life that was lost may have acted on a record of this time in a log: countersigned what follows it, joined what it asks for. */
  mayHaveActedOn(time: number): boolean {
    const { rolledBackAt } = this.#record;
    return rolledBackAt > 0 && time <= rolledBackAt + CLOCK_SKEW_MS;
  }

  /** Changes what is known, at once; `then` once that is durable, together with `writes`. */
  keep(
    change: Partial<IncarnationRecord>,
    writes: readonly RecordWrite[],
    action: AuditAction | undefined,
    then: () => void,
  ): void {
    this.#record = { ...this.#record, ...change };
    const value = encode(incarnationRecord, this.#record);
    this.#audit.write([{ ...PLACE, value }, ...writes], action, (result) => {
      if (result === "ok") return then();
      this.#waits.after(REWRITE_MS, () => this.keep({}, writes, undefined, then));
    });
  }
}

/** What is decoded is a view of what was read. */
function copied(record: IncarnationRecord): IncarnationRecord {
  return { ...record, proof: record.proof.map((one) => one.slice()) };
}
