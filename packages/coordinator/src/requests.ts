import { type Organisation, requestDigest, settled } from "@quorate/authority";
import {
  coordinatorsOf,
  hex,
  InputError,
  type NetworkFile,
  type NodeId,
  publicId,
  type Waits,
  type World,
} from "@quorate/orders";
import { type Claim, claimOf } from "./authority/claim.ts";
import { HeldRequests } from "./authority/held-requests.ts";
import type { Logs } from "./authority/logs.ts";
import type { RequestAuthority } from "./authority/request-authority.ts";
import { derivation } from "./derivation.ts";
import { Execution, keyFacts } from "./execution.ts";
import type { Keyring } from "./keyring.ts";
import type { KeyRecord, RequestRecord } from "./records.ts";
import type { Reply } from "./reply.ts";
import { duplicate, unreadable } from "./request-errors.ts";
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
  /** The transaction of a body that names every field of it, encoded: hex. One that leaves something open is filled in where the log has it. */
  readonly transaction?: string | undefined;
  readonly deadlineMs?: number | undefined;
  /** Who wants it. */
  readonly authority: RequestAuthority;
}

/** Asked for under one external id while its first request is being looked up or tried. */
interface Shared {
  readonly digest: string;
  /** Of the request, once that is known. */
  id: string | undefined;
  readonly replies: Reply<RequestRecord>[];
}

/** What requests work with. */
export interface RequestsParts {
  readonly world: World;
  readonly waits: Waits;
  readonly network: NetworkFile;
  /** Which of the coordinators this is. */
  readonly self: NodeId;
  readonly store: RequestStore;
  readonly keyring: Keyring;
  readonly signing: Signing;
  readonly logs: Logs;
}

/** Signature requests: idempotent by external id, answered once their end is stored, resumed after a restart. */
export class Requests {
  readonly #world: World;
  readonly #store: RequestStore;
  readonly #keyring: Keyring;
  readonly #signing: Signing;
  readonly #logs: Logs;
  readonly #network: string;
  readonly #self: NodeId;
  readonly #isAlone: boolean;
  readonly #execution: Execution;
  readonly #held: HeldRequests;
  readonly #shared = new Map<string, Shared>();

  constructor(parts: RequestsParts) {
    this.#world = parts.world;
    this.#store = parts.store;
    this.#keyring = parts.keyring;
    this.#signing = parts.signing;
    this.#logs = parts.logs;
    this.#network = parts.network.networkId;
    this.#self = parts.self;
    this.#isAlone = coordinatorsOf(parts.network).length === 1;
    this.#execution = new Execution(parts);
    const { world, waits, logs } = parts;
    this.#held = new HeldRequests(
      { world, waits, organisation: (id) => logs.get(id) },
      {
        admitted: (record) => this.#admitted(record, () => {}),
        rejected: (record, reason) => this.#execution.reject(record, reason, () => {}),
      },
    );
  }

  /** A log has another record: what it held may be signed now. */
  changed(organisation: Organisation): void {
    this.#held.changed(organisation);
  }

  /** Takes up what a crash of this coordinator left unfinished; `then` once all of it is under way or expired. */
  resume(then: () => void): void {
    const { marks } = this.#store;
    marks.of(
      (owner) => owner === this.#self,
      MAX_ACTIVE_REQUESTS,
      (open) => {
        marks.read(open, (records) => {
          for (const record of records) this.#resume(record);
          then();
        });
      },
    );
  }

  /** Takes up what other coordinators left unfinished. */
  takeUp(isGone: (owner: NodeId) => boolean): void {
    const { marks } = this.#store;
    marks.of(isGone, MAX_ACTIVE_REQUESTS, (open) => {
      for (const one of open) {
        marks.claim(one, (record) => {
          if (record === undefined) return;
          this.#world.emit({ type: "request.taken_up", request: record.id, from: one.owner });
          this.#resume(record);
        });
      }
    });
  }

  #resume(record: RequestRecord): void {
    if (record.status === "Pending") this.#held.hold(record);
    else this.#execution.begin(record, RESUMED_PATIENCE_MS, () => {});
  }

  /** @throws InputError for what can be refused at once */
  sign(asked: SignRequest, reply: Reply<RequestRecord>): void {
    const request = { ...asked, body: settled(asked.body) };
    const { keyId, body, deadlineMs = DEFAULT_DEADLINE_MS, authority } = request;
    const key = this.#keyring.get(keyId);
    if (key === undefined) throw new InputError("not_found", `no key ${keyId}`, { field: "keyId" });
    if (!Number.isInteger(deadlineMs) || deadlineMs < 1 || deadlineMs > MAX_DEADLINE_MS) {
      const field = "deadlineMs";
      throw new InputError("invalid_input", `${field}: 1 to ${MAX_DEADLINE_MS} milliseconds`, { field });
    }
    const { transaction } = request;
    const claim = claimOf(this.#logs, this.#network, { keyId, body, transaction, authority }, this.#world.wallNow());
    const claimed = { body, authority, transaction: claim.transaction, path: claim.path };
    derivation(claimed, keyFacts(key), this.#logs); // refuses what cannot be signed, before anything is stored
    const active = this.#signing.activeCount + this.#held.count;
    if (active >= MAX_ACTIVE_REQUESTS || this.#shared.size >= MAX_ACTIVE_REQUESTS) {
      throw new InputError("overloaded", `${MAX_ACTIVE_REQUESTS} requests are in progress`, {
        hint: "try again shortly",
      });
    }
    const { externalId } = body;
    if (authority.kind === "admitted") this.#fromLog(key, request, claim, authority, reply);
    else if (typeof externalId === "string") this.#once(key, request, claim, externalId, reply);
    else this.#accept(this.#record(key, request, claim), reply);
  }

  /** A request that the log has, under its id there: whoever asks for it again gets its state. */
  #fromLog(
    key: KeyRecord,
    request: SignRequest,
    claim: Claim,
    { organisation, requestId }: RequestAuthority & { readonly kind: "admitted" },
    reply: Reply<RequestRecord>,
  ): void {
    const shared = this.#shared.get(requestId);
    if (shared !== undefined) return void shared.replies.push(reply);
    const { answer } = this.#share(requestId, "", reply);
    this.#store.get(requestId, (result) => {
      if ("ok" in result) return answer(result);
      const { status, created, deadline, body } = this.#logs.get(organisation).requests.get(requestId)!;
      const record = this.#record(key, { ...request, body }, claim);
      const logged = { ...record, id: requestId, dateRequested: created, deadline };
      const pending: RequestRecord = { ...logged, status: "Pending" };
      this.#first(pending, (isFirst) => {
        if (!isFirst) return this.#store.get(requestId, answer);
        if (status !== "Pending") return this.#admitted(logged, answer);
        this.#held.hold(pending);
        answer({ ok: pending });
      });
    });
  }

  /** @param then whether no other coordinator has it */
  #first(record: RequestRecord, then: (isFirst: boolean) => void): void {
    if (!this.#isAlone) return this.#store.reserve(record, (result) => then(result !== "conflict"));
    this.#store.open(record);
    then(true);
  }

  /** The log lets it be signed, until its deadline there; signers bind themselves for a day at most. */
  #admitted(record: RequestRecord, reply: Reply<RequestRecord>): void {
    const deadline = Math.min(record.deadline, this.#world.wallNow() + MAX_DEADLINE_MS);
    const executing: RequestRecord = { ...record, status: "Executing", deadline };
    this.#store.update(executing);
    this.#execution.begin(executing, RESUMED_PATIENCE_MS, reply);
  }

  /** The same external id and body give the request first made, whatever its state; another body is a conflict. */
  #once(key: KeyRecord, request: SignRequest, claim: Claim, externalId: string, reply: Reply<RequestRecord>): void {
    const digest = hex(requestDigest(request.body));
    const name = `${key.id}/${externalId}`;
    const shared = this.#shared.get(name);
    if (shared !== undefined) {
      if (shared.digest === digest) shared.replies.push(reply);
      else reply({ error: duplicate(shared.id, externalId) });
      return;
    }
    const { entry, answer } = this.#share(name, digest, reply);
    this.#store.first(key.id, externalId, (first) => {
      if (first === "none" && this.#isAlone) entry.id = this.#accept(this.#record(key, request, claim), answer);
      else if (first === "none") this.#reserve(this.#record(key, request, claim), answer);
      else if (first === "unreadable") answer({ error: unreadable(externalId) });
      else if (first.digest === digest) this.#store.get(first.id, answer);
      else answer({ error: duplicate(first.id, externalId) });
    });
  }

  /** As `#accept`, where another coordinator may be asked for the same: one of them begins, the other shows how it stands. */
  #reserve(record: RequestRecord, reply: Reply<RequestRecord>): void {
    const { keyId, externalId, bodyDigest } = record;
    this.#store.reserve(record, (result) => {
      if (result === "ok") return this.#execution.begin(record, PATIENCE_MS, reply);
      if (result !== "conflict") {
        return reply({
          error: new InputError("failed", `the request could not be stored (${result})`, { hint: "see the disk" }),
        });
      }
      this.#store.first(keyId, externalId ?? "", (first) => {
        if (first === "none" || first === "unreadable") reply({ error: unreadable(externalId ?? "") });
        else if (first.digest === bodyDigest) this.#store.get(first.id, reply);
        else reply({ error: duplicate(first.id, externalId ?? "") });
      });
    });
  }

  /** Who asks for the same before the answer gets the same answer. */
  #share(name: string, digest: string, reply: Reply<RequestRecord>) {
    const entry: Shared = { digest, id: undefined, replies: [reply] };
    this.#shared.set(name, entry);
    const answer: Reply<RequestRecord> = (result) => {
      this.#shared.delete(name);
      for (const each of entry.replies) each(result);
    };
    return { entry, answer };
  }

  #record(key: KeyRecord, request: SignRequest, claim: Claim): RequestRecord {
    const { body, deadlineMs = DEFAULT_DEADLINE_MS } = request;
    const dateRequested = this.#world.wallNow();
    return {
      id: publicId(prefixOf(claim.path), this.#world.random(17)),
      keyId: key.id,
      body,
      bodyDigest: hex(requestDigest(body)),
      externalId: typeof body.externalId === "string" ? body.externalId : null,
      dateRequested,
      deadline: dateRequested + deadlineMs,
      status: "Executing",
      reason: null,
      dateSigned: null,
      result: null,
      attempts: [],
      timing: null,
      ...claim,
    };
  }

  /** Stores the request and begins, side by side: nothing is answered before its end is stored as well. @returns its id */
  #accept(record: RequestRecord, reply: Reply<RequestRecord>): string {
    this.#store.open(record);
    this.#execution.begin(record, PATIENCE_MS, reply);
    return record.id;
  }
}

/** As Dfns names what is asked for there. */
function prefixOf(path: string | null): "sig" | "tx" | "xfr" {
  if (path?.endsWith("/transfers")) return "xfr";
  return path?.endsWith("/transactions") ? "tx" : "sig";
}
