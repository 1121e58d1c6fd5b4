import type { AdmittedRequest, Organisation } from "@quorate/authority";
import type { Waits, World } from "@quorate/orders";
import type { RequestRecord } from "../records.ts";

/** A timer lasts no longer than this, milliseconds. */
const LONGEST_WAIT_MS = 24 * 3600_000;

/** What became of a held request. */
export interface Decisions {
  readonly admitted: (record: RequestRecord) => void;
  readonly rejected: (record: RequestRecord, reason: string) => void;
}

/** Requests that a policy holds: signed once the log says so, given up once it says no or their time is over. */
export class HeldRequests {
  readonly #world: World;
  readonly #waits: Waits;
  readonly #organisation: (id: string) => Organisation;
  readonly #decisions: Decisions;
  readonly #held = new Map<string, { readonly record: RequestRecord; cancelTimer: () => void }>();

  constructor(parts: { world: World; waits: Waits; organisation: (id: string) => Organisation }, decisions: Decisions) {
    this.#world = parts.world;
    this.#waits = parts.waits;
    this.#organisation = parts.organisation;
    this.#decisions = decisions;
  }

  get count(): number {
    return this.#held.size;
  }

  hold(record: RequestRecord): void {
    this.#held.set(record.id, { record, cancelTimer: () => {} });
    this.#review(record);
  }

  /** The log has another record. */
  changed({ id }: Organisation): void {
    for (const { record } of [...this.#held.values()]) if (record.organisation === id) this.#review(record);
  }

  #review(record: RequestRecord): void {
    const request = this.#organisation(record.organisation).requests.get(record.id);
    const leftMs = record.deadline - this.#world.wallNow();
    if (request?.status === "Pending" && leftMs > 0) return this.#wait(record, leftMs);
    this.#held.get(record.id)?.cancelTimer();
    this.#held.delete(record.id);
    if (request?.status === "Admitted") this.#decisions.admitted(record);
    else this.#decisions.rejected(record, reasonOf(request));
  }

  #wait(record: RequestRecord, leftMs: number): void {
    const held = this.#held.get(record.id)!;
    held.cancelTimer();
    held.cancelTimer = this.#waits.after(Math.min(leftMs, LONGEST_WAIT_MS), () => this.#review(record));
  }
}

function reasonOf(request: AdmittedRequest | undefined): string {
  if (request === undefined) return "the log has no such request";
  return request.status === "Denied" ? "an approver denied it" : "it was not approved in time";
}
