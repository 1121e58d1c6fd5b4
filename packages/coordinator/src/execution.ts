import { assembleDerived, type Derived } from "@quorate/authority";
import { InputError, isEcdsa, unhex, type World } from "@quorate/orders";
import type { ActiveRequest, SigningEnd } from "./active-request.ts";
import type { Logs } from "./authority/logs.ts";
import { signingAuthority } from "./authority/request-authority.ts";
import { derivation } from "./derivation.ts";
import type { Keyring } from "./keyring.ts";
import { Obstacles } from "./obstacles.ts";
import type { KeyRecord, RequestRecord } from "./records.ts";
import type { Reply } from "./reply.ts";
import { withRequest } from "./request-errors.ts";
import type { RequestStore } from "./request-store.ts";
import type { Signing } from "./signing.ts";

/** What requests are executed with. */
export interface ExecutionParts {
  readonly world: World;
  readonly store: RequestStore;
  readonly keyring: Keyring;
  readonly signing: Signing;
  readonly logs: Pick<Logs, "get">;
}

/** Requests on their way from acceptance to their stored end. */
export class Execution {
  readonly #world: World;
  readonly #store: RequestStore;
  readonly #keyring: Keyring;
  readonly #signing: Signing;
  readonly #logs: Pick<Logs, "get">;

  constructor(parts: ExecutionParts) {
    this.#world = parts.world;
    this.#store = parts.store;
    this.#keyring = parts.keyring;
    this.#signing = parts.signing;
    this.#logs = parts.logs;
  }

  /** Begins, and answers once the end is stored. */
  begin(record: RequestRecord, patienceMs: number, reply: Reply<RequestRecord>): void {
    try {
      const leftMs = record.deadline - this.#world.wallNow();
      if (leftMs <= 0) throw new InputError("failed", "it expired while the coordinator was down");
      const key = this.#keyring.get(record.keyId);
      if (key === undefined) throw new InputError("failed", "its key is gone");
      const { derived, bytes } = derivation(record, keyFacts(key), this.#logs);
      const { items } = derived;
      const presignable = isEcdsa(key.suite) && items.every((item) => !item.prehashed);
      const { authority } = record;
      this.#logs.get(authority.organisation); // refuses what this network does not know any more
      const startedMs = this.#world.now();
      const active: ActiveRequest = {
        record,
        key,
        items,
        presignable,
        bodyBytes: bytes,
        authority: () => signingAuthority(authority, this.#logs.get(authority.organisation).head),
        objections: new Map(),
        startedMs,
        endMs: startedMs + leftMs,
        attempts: [],
        obstacles: new Obstacles(),
        patienceMs,
        pausing: false,
        shortSinceMs: undefined,
        cancelWait: () => {},
        ended: undefined,
        finish: (end) => this.#finish(active, derived, end, reply),
        amend: () => this.#amend(active),
      };
      this.#signing.start(active);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.#fail(record, error, reply);
    }
  }

  #finish(active: ActiveRequest, derived: Derived, end: SigningEnd, reply: Reply<RequestRecord>): void {
    const attempts = active.attempts.map((attempt) => attempt.report);
    const record = { ...active.record, attempts };
    if ("error" in end) {
      active.ended = this.#fail(record, end.error, reply, active);
      return;
    }
    const signed: RequestRecord = {
      ...record,
      status: "Signed",
      dateSigned: this.#world.wallNow(),
      result: { ...assembleDerived(derived, keyFacts(active.key), end.signatures) },
      timing: end.timing,
    };
    active.ended = signed;
    this.#store.close(signed, (result) => {
      if (result === "conflict") return this.#ended(active, reply);
      if (result !== "ok") {
        const message = `the signature could not be stored (${result})`;
        return reply({ error: withRequest(new InputError("failed", message, { hint: "see the disk" }), signed.id) });
      }
      this.#announce(signed);
      reply({ ok: signed });
    });
  }

  /** Another coordinator took it for left behind and ended it first: that end stands. */
  #ended(active: Pick<ActiveRequest, "record" | "ended">, reply: Reply<RequestRecord>): void {
    active.ended = undefined;
    this.#store.get(active.record.id, reply);
  }

  #fail(
    before: RequestRecord,
    error: InputError,
    reply: Reply<RequestRecord>,
    active: Pick<ActiveRequest, "record" | "ended"> = { record: before, ended: undefined },
  ): RequestRecord {
    const failed: RequestRecord = { ...before, status: "Failed", reason: error.message };
    this.#store.close(failed, (result) => {
      if (result === "conflict") return this.#ended(active, reply);
      this.#announce(failed);
      reply({ error: withRequest(error, failed.id) });
    });
    return failed;
  }

  /** The log said no, or nothing in time. */
  reject(before: RequestRecord, reason: string, reply: Reply<RequestRecord>): void {
    const rejected: RequestRecord = { ...before, status: "Rejected", reason };
    this.#store.close(rejected, (result) => {
      if (result === "conflict") return this.#store.get(rejected.id, reply);
      this.#announce(rejected);
      reply({ ok: rejected });
    });
  }

  #announce({ id, keyId, status, attempts, reason, timing }: RequestRecord): void {
    this.#world.emit({
      type: `request.${status.toLowerCase()}`,
      request: id,
      key: keyId,
      attempts: attempts.length,
      signers: attempts.at(-1)?.signers ?? [],
      reason,
      ...(timing === null ? {} : { timing: { ...timing } }),
    });
  }

  /** A verdict came in: once the request has ended, its record is written again; before, it will have it anyway. */
  #amend({ ended, attempts }: ActiveRequest): void {
    if (ended !== undefined) this.#store.amend({ ...ended, attempts: attempts.map((attempt) => attempt.report) });
  }
}

/** What the authority reads of a key. */
export function keyFacts(key: KeyRecord) {
  return { suite: key.suite, publicKey: unhex(key.publicKey) };
}
