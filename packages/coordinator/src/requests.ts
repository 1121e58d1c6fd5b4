import { assemble, deriveDigests, requestDigest } from "@quorate/authority";
import { hex, InputError, isEcdsa, publicId, unhex, type World } from "@quorate/orders";
import type { ActiveRequest, SigningEnd } from "./active-request.ts";
import type { Keyring } from "./keyring.ts";
import { Obstacles } from "./obstacles.ts";
import { encodeRecord, type KeyRecord, type RequestRecord } from "./records.ts";
import type { Reply } from "./reply.ts";
import type { RequestStore } from "./request-store.ts";
import type { Signing } from "./signing.ts";

/** How long a request may take from acceptance to its end, milliseconds, unless it says otherwise. */
export const DEFAULT_DEADLINE_MS = 30_000;
/** The longest that it may say: signers bind themselves for no longer. */
const MAX_DEADLINE_MS = 24 * 3600_000;
/** Requests in progress at once; more are refused with `overloaded`. */
export const MAX_ACTIVE_REQUESTS = 2000;
/** How long signers that cannot be reached are waited for; after a restart of this coordinator they have yet to connect. Milliseconds. */
const PATIENCE_MS = 1000;
const RESUMED_PATIENCE_MS = 10_000;

/** Somebody wants a signature. `body` is the JSON body of the request as received. */
export interface SignRequest {
  /** Public id of the key. */
  readonly keyId: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly deadlineMs?: number | undefined;
}

/** Asked for under one external id while its first request is being looked up or tried. */
interface Shared {
  readonly digest: string;
  /** Of the request, once that is known. */
  id: string | undefined;
  readonly replies: Reply<RequestRecord>[];
}

/** Signature requests: idempotent by external id, answered once their end is stored, resumed after a restart. */
export class Requests {
  readonly #world: World;
  readonly #store: RequestStore;
  readonly #keyring: Keyring;
  readonly #signing: Signing;
  readonly #shared = new Map<string, Shared>();

  constructor(parts: { world: World; store: RequestStore; keyring: Keyring; signing: Signing }) {
    this.#world = parts.world;
    this.#store = parts.store;
    this.#keyring = parts.keyring;
    this.#signing = parts.signing;
  }

  /** Takes up what a crash left unfinished; `then` once all of it is under way or expired. */
  resume(then: () => void): void {
    this.#store.unfinished(MAX_ACTIVE_REQUESTS, (records) => {
      for (const record of records) this.#begin(record, RESUMED_PATIENCE_MS, () => {});
      then();
    });
  }

  /** @throws InputError for what can be refused at once */
  sign(request: SignRequest, reply: Reply<RequestRecord>): void {
    const { keyId, body, deadlineMs = DEFAULT_DEADLINE_MS } = request;
    const key = this.#keyring.get(keyId);
    if (key === undefined) throw new InputError("not_found", `no key ${keyId}`, { field: "keyId" });
    if (key.dateExported !== null) {
      const message = `key ${keyId} was exported: somebody holds it whole, and its signers sign no more`;
      throw new InputError("impossible", message, { field: "keyId", hint: "use another key" });
    }
    if (!Number.isInteger(deadlineMs) || deadlineMs < 1 || deadlineMs > MAX_DEADLINE_MS) {
      const field = "deadlineMs";
      throw new InputError("invalid_input", `${field}: 1 to ${MAX_DEADLINE_MS} milliseconds`, { field });
    }
    deriveDigests(body, keyFacts(key)); // refuses what cannot be signed, before anything is stored
    if (this.#signing.activeCount >= MAX_ACTIVE_REQUESTS || this.#shared.size >= MAX_ACTIVE_REQUESTS) {
      throw new InputError("overloaded", `${MAX_ACTIVE_REQUESTS} requests are in progress`, {
        hint: "try again shortly",
      });
    }
    const { externalId } = body;
    if (typeof externalId === "string") this.#once(key, request, externalId, reply);
    else this.#accept(key, request, null, reply);
  }

  /** The same external id and body give the request first made, whatever its state; another body is a conflict. */
  #once(key: KeyRecord, request: SignRequest, externalId: string, reply: Reply<RequestRecord>): void {
    const digest = hex(requestDigest(request.body));
    const name = `${key.id}/${externalId}`;
    const shared = this.#shared.get(name);
    if (shared !== undefined) {
      if (shared.digest === digest) shared.replies.push(reply);
      else reply({ error: duplicate(shared.id, externalId) });
      return;
    }
    const entry: Shared = { digest, id: undefined, replies: [reply] };
    this.#shared.set(name, entry);
    const answer: Reply<RequestRecord> = (result) => {
      this.#shared.delete(name);
      for (const each of entry.replies) each(result);
    };
    this.#store.first(key.id, externalId, (first) => {
      if (first === "none") entry.id = this.#accept(key, request, externalId, answer);
      else if (first === "unreadable") answer({ error: unreadable(externalId) });
      else if (first.digest === digest) this.#store.get(first.id, answer);
      else answer({ error: duplicate(first.id, externalId) });
    });
  }

  /** Stores the request and begins, side by side: nothing is answered before its end is stored as well. @returns its id */
  #accept(
    key: KeyRecord,
    { body, deadlineMs = DEFAULT_DEADLINE_MS }: SignRequest,
    externalId: string | null,
    reply: Reply<RequestRecord>,
  ): string {
    const dateRequested = this.#world.wallNow();
    const record: RequestRecord = {
      id: publicId("sig", this.#world.random(17)),
      keyId: key.id,
      body,
      bodyDigest: hex(requestDigest(body)),
      externalId,
      dateRequested,
      deadline: dateRequested + deadlineMs,
      status: "Executing",
      reason: null,
      dateSigned: null,
      result: null,
      attempts: [],
      timing: null,
    };
    this.#store.open(record);
    this.#begin(record, PATIENCE_MS, reply);
    return record.id;
  }

  #begin(record: RequestRecord, patienceMs: number, reply: Reply<RequestRecord>): void {
    try {
      const leftMs = record.deadline - this.#world.wallNow();
      if (leftMs <= 0) throw new InputError("failed", "it expired while the coordinator was down");
      const key = this.#keyring.get(record.keyId);
      if (key === undefined) throw new InputError("failed", "its key is gone");
      const { items } = deriveDigests(record.body, keyFacts(key));
      const presignable = isEcdsa(key.suite) && items.every((item) => !item.prehashed);
      const startedMs = this.#world.now();
      const active: ActiveRequest = {
        record,
        key,
        items,
        presignable,
        bodyBytes: encodeRecord(record.body),
        startedMs,
        endMs: startedMs + leftMs,
        attempts: [],
        obstacles: new Obstacles(),
        patienceMs,
        pausing: false,
        shortSinceMs: undefined,
        cancelWait: () => {},
        ended: undefined,
        finish: (end) => this.#finish(active, end, reply),
        amend: () => this.#amend(active),
      };
      this.#signing.start(active);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.#fail(record, error, reply);
    }
  }

  #finish(active: ActiveRequest, end: SigningEnd, reply: Reply<RequestRecord>): void {
    const attempts = active.attempts.map((attempt) => attempt.report);
    const record = { ...active.record, attempts };
    if ("error" in end) {
      active.ended = this.#fail(record, end.error, reply);
      return;
    }
    const signed: RequestRecord = {
      ...record,
      status: "Signed",
      dateSigned: this.#world.wallNow(),
      result: { ...assemble(record.body, keyFacts(active.key), end.signatures) },
      timing: end.timing,
    };
    active.ended = signed;
    this.#store.close(signed, (result) => {
      if (result !== "ok") {
        const message = `the signature could not be stored (${result})`;
        return reply({ error: withRequest(new InputError("failed", message, { hint: "see the disk" }), signed.id) });
      }
      this.#announce(signed);
      reply({ ok: signed });
    });
  }

  #fail(before: RequestRecord, error: InputError, reply: Reply<RequestRecord>): RequestRecord {
    const failed: RequestRecord = { ...before, status: "Failed", reason: error.message };
    this.#store.close(failed, () => {
      this.#announce(failed);
      reply({ error: withRequest(error, failed.id) });
    });
    return failed;
  }

  #announce({ id, keyId, status, attempts, reason, timing }: RequestRecord): void {
    this.#world.emit({
      type: status === "Signed" ? "request.signed" : "request.failed",
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

function keyFacts(key: KeyRecord) {
  return { suite: key.suite, publicKey: unhex(key.publicKey) };
}

function duplicate(id: string | undefined, externalId: string): InputError {
  return new InputError("conflict", `externalId ${externalId} belongs to another request of this key`, {
    field: "externalId",
    hint: "use another externalId, or send the first body again to get its result",
    details: { duplicate: { ...(id === undefined ? {} : { id }), externalId } },
  });
}

function unreadable(externalId: string): InputError {
  return new InputError("failed", `the record of externalId ${externalId} cannot be read`, {
    field: "externalId",
    hint: "whether it was used cannot be told any more: look for its request, or use another externalId",
  });
}

function withRequest(error: InputError, requestId: string): InputError {
  const { field, hint, details } = error;
  return new InputError(error.code, error.message, {
    ...(field === undefined ? {} : { field }),
    ...(hint === undefined ? {} : { hint }),
    details: { ...details, requestId },
  });
}
