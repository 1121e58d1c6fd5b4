import { assemble, deriveDigests, requestDigest } from "@quorate/authority";
import { hex, InputError, publicId, type RecordWrite, unhex, type Waits, type World } from "@quorate/orders";
import type { ActiveRequest, SigningEnd } from "./active-request.ts";
import type { Keyring } from "./keyring.ts";
import { decodeRecord, encodeRecord, type KeyRecord, type RequestRecord } from "./records.ts";
import type { Reply } from "./reply.ts";
import type { Signing } from "./signing.ts";

/** How long a request may take from acceptance to its end, milliseconds, unless it says otherwise. */
export const DEFAULT_DEADLINE_MS = 30_000;
/** Requests in progress at once; more are refused with `overloaded`. */
export const MAX_ACTIVE_REQUESTS = 2000;

/** Somebody wants a signature. `body` is the JSON body of the request as received. */
export interface SignRequest {
  /** Public id of the key. */
  readonly keyId: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly deadlineMs?: number | undefined;
}

/** A page of records, and the cursor that continues it. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: number | null;
}

/** Signature requests: stored before they are tried, idempotent by external id, ended once, resumed after a restart. */
export class Requests {
  readonly #world: World;
  readonly #waits: Waits;
  readonly #keyring: Keyring;
  readonly #signing: Signing;
  /** Waiting for the same external id: its record is being written or tried. */
  readonly #waiting = new Map<string, { digest: string; id: string; replies: Reply<RequestRecord>[] }>();

  constructor(parts: { world: World; waits: Waits; keyring: Keyring; signing: Signing }) {
    this.#world = parts.world;
    this.#waits = parts.waits;
    this.#keyring = parts.keyring;
    this.#signing = parts.signing;
  }

  /** Takes up what a crash left unfinished; `then` once all of it is under way or expired. */
  resume(then: () => void): void {
    this.#waits.list({ kind: "open-request", limit: MAX_ACTIVE_REQUESTS }, (listed) => {
      const keys = listed.map(({ id }) => ({ kind: "request", id, epoch: 0 }));
      this.#waits.read(keys, (records) => {
        for (const record of records) {
          if (record.state === "present") this.#begin(decodeRecord<RequestRecord>(record.value), () => {});
        }
        then();
      });
    });
  }

  sign(request: SignRequest, reply: Reply<RequestRecord>): void {
    const key = this.#keyring.get(request.keyId);
    if (key === undefined) throw new InputError("not_found", `no key ${request.keyId}`, { field: "keyId" });
    deriveDigests(request.body, keyFacts(key)); // refuses what cannot be signed, before anything is stored
    if (this.#signing.activeCount >= MAX_ACTIVE_REQUESTS) {
      throw new InputError("overloaded", `${MAX_ACTIVE_REQUESTS} requests are in progress`, {
        hint: "try again shortly",
      });
    }
    const digest = hex(requestDigest(request.body));
    const { externalId } = request.body;
    if (typeof externalId === "string") this.#once(request, key, digest, externalId, reply);
    else this.#accept(request, key, digest, null, reply);
  }

  get(id: string, reply: Reply<RequestRecord>): void {
    this.#waits.read([{ kind: "request", id, epoch: 0 }], ([record]) => {
      if (record?.state === "present") reply({ ok: decodeRecord<RequestRecord>(record.value) });
      else reply({ error: new InputError("not_found", `no signature request ${id}`, { field: "signatureId" }) });
    });
  }

  /** The requests of a key, newest first. */
  list(keyId: string, limit: number, after: number | undefined, reply: Reply<Page<RequestRecord>>): void {
    const query = {
      kind: "request",
      scope: keyId,
      limit: limit + 1,
      newestFirst: true,
      ...(after === undefined ? {} : { after }),
    };
    this.#waits.list(query, (listed) => {
      const shown = listed.slice(0, limit);
      const items = shown.flatMap(({ record }) =>
        record.state === "present" ? [decodeRecord<RequestRecord>(record.value)] : [],
      );
      reply({ ok: { items, next: listed.length > limit ? (shown.at(-1)?.cursor ?? null) : null } });
    });
  }

  /** The same external id and body give the request first made, whatever its state; another body is a conflict. */
  #once(request: SignRequest, key: KeyRecord, digest: string, externalId: string, reply: Reply<RequestRecord>): void {
    const name = `${key.id}/${externalId}`;
    const waiting = this.#waiting.get(name);
    if (waiting !== undefined) {
      if (waiting.digest !== digest) return reply({ error: duplicate(waiting.id, externalId) });
      waiting.replies.push(reply);
      return;
    }
    const entry = { digest, id: "", replies: [reply] };
    this.#waiting.set(name, entry);
    const answer: Reply<RequestRecord> = (result) => {
      this.#waiting.delete(name);
      for (const each of entry.replies) each(result);
    };
    this.#waits.read([{ kind: "external-id", id: name, epoch: 0 }], ([record]) => {
      if (record?.state !== "present") {
        entry.id = this.#accept(request, key, digest, externalId, answer);
        return;
      }
      const known = decodeRecord<{ id: string; digest: string }>(record.value);
      if (known.digest === digest) this.get(known.id, answer);
      else answer({ error: duplicate(known.id, externalId) });
    });
  }

  /** Stores the request, then begins. @returns its id */
  #accept(
    request: SignRequest,
    key: KeyRecord,
    bodyDigest: string,
    externalId: string | null,
    reply: Reply<RequestRecord>,
  ): string {
    const dateRequested = this.#world.wallNow();
    const record: RequestRecord = {
      id: publicId("sig", this.#world.random(17)),
      keyId: key.id,
      body: request.body,
      bodyDigest,
      externalId,
      dateRequested,
      deadline: dateRequested + (request.deadlineMs ?? DEFAULT_DEADLINE_MS),
      status: "Executing",
      reason: null,
      dateSigned: null,
      result: null,
      attempts: [],
      timing: null,
    };
    const open = { kind: "open-request", id: record.id, epoch: 0, value: new Uint8Array() };
    const batch = [write(record), open];
    if (externalId !== null) {
      const value = encodeRecord({ id: record.id, digest: bodyDigest });
      batch.push({ kind: "external-id", id: `${key.id}/${externalId}`, epoch: 0, value });
    }
    this.#waits.write(batch, (result) => {
      if (result === "ok") this.#begin(record, reply);
      else
        reply({
          error: new InputError("failed", `the request could not be stored (${result})`, { hint: "see the disk" }),
        });
    });
    return record.id;
  }

  #begin(record: RequestRecord, reply: Reply<RequestRecord>): void {
    const key = this.#keyring.get(record.keyId);
    const leftMs = record.deadline - this.#world.wallNow();
    if (key === undefined || leftMs <= 0) {
      const reason = key === undefined ? "its key is gone" : "it expired while the coordinator was down";
      return this.#close(record, { ...record, status: "Failed", reason }, new InputError("failed", reason), reply);
    }
    const startedMs = this.#world.now();
    const active: ActiveRequest = {
      record,
      key,
      items: deriveDigests(record.body, keyFacts(key)).items,
      bodyBytes: encodeRecord(record.body),
      startedMs,
      endMs: startedMs + leftMs,
      attempts: [],
      excluded: new Map(),
      shortSinceMs: undefined,
      finish: (end) => this.#finish(active, end, reply),
      amend: () => this.#amend(active),
    };
    this.#signing.start(active);
  }

  #finish(active: ActiveRequest, end: SigningEnd, reply: Reply<RequestRecord>): void {
    const { record, key } = active;
    const attempts = active.attempts.map((attempt) => attempt.report);
    if ("error" in end) {
      const reason = end.error.message;
      return this.#close(record, { ...record, status: "Failed", reason, attempts }, end.error, reply);
    }
    const signed: RequestRecord = {
      ...record,
      status: "Signed",
      dateSigned: this.#world.wallNow(),
      result: { ...assemble(record.body, keyFacts(key), end.signatures) },
      attempts,
      timing: end.timing,
    };
    this.#close(record, signed, undefined, reply);
  }

  #close(
    before: RequestRecord,
    after: RequestRecord,
    error: InputError | undefined,
    reply: Reply<RequestRecord>,
  ): void {
    const closed = { kind: "open-request", id: before.id, epoch: 0, value: null };
    this.#waits.write([write(after), closed], (result) => {
      const type = after.status === "Signed" ? "request.signed" : "request.failed";
      const signers = after.attempts.at(-1)?.signers ?? [];
      this.#world.emit({
        type,
        request: after.id,
        key: after.keyId,
        attempts: after.attempts.length,
        signers,
        reason: after.reason,
        ...(after.timing === null ? {} : { timing: { ...after.timing } }),
      });
      if (error !== undefined) reply({ error: withRequest(error, after.id) });
      else if (result === "ok") reply({ ok: after });
      else
        reply({
          error: new InputError("failed", `the signature could not be stored (${result})`, { hint: "see the disk" }),
        });
    });
  }

  #amend(active: ActiveRequest): void {
    this.get(active.record.id, (result) => {
      if (!("ok" in result)) return;
      const attempts = active.attempts.map((attempt) => attempt.report);
      this.#waits.write([write({ ...result.ok, attempts })], () => {});
    });
  }
}

function write(record: RequestRecord): RecordWrite {
  return { kind: "request", id: record.id, epoch: 0, scope: record.keyId, value: encodeRecord(record) };
}

function keyFacts(key: KeyRecord) {
  return { suite: key.suite, publicKey: unhex(key.publicKey) };
}

function duplicate(id: string, externalId: string): InputError {
  return new InputError("conflict", `externalId ${externalId} belongs to another request of this key`, {
    field: "externalId",
    hint: "use another externalId, or send the first body again to get its result",
    details: { duplicate: { id, externalId } },
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
