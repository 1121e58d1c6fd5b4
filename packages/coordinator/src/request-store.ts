import { InputError, type RecordWrite, type Waits, type World, type WriteResult } from "@quorate/orders";
import type { OpenRequests } from "./company/open-requests.ts";
import { decodeRecord, encodeRecord, type RequestRecord } from "./records.ts";
import type { Reply } from "./reply.ts";

/** A page of records, and the cursor that continues it. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: number | null;
}

/** The first request under an external id, and what it asked. */
export interface First {
  readonly id: string;
  /** Hex, of its body. */
  readonly digest: string;
}

/** How long until a disk that refused the end of a request is asked again, milliseconds. */
const RETRY_MS = 1000;

/** Signature requests on disk: the record of each, a mark while it is open, and which one an external id belongs to. */
export class RequestStore {
  readonly #world: World;
  readonly #waits: Waits;

  /** The marks of those that are open. */
  readonly marks: OpenRequests;

  constructor(world: World, waits: Waits, marks: OpenRequests) {
    this.#world = world;
    this.#waits = waits;
    this.marks = marks;
  }

  open(record: RequestRecord): void {
    this.#waits.write([...written(record), this.marks.mark(record.id)], (result) => {
      if (result !== "ok") this.#failed(record, result);
    });
  }

  /** The same, before anything else is done for it, and only if nobody has it, or its external id. @param then `conflict` if somebody has */
  reserve(record: RequestRecord, then: (result: WriteResult) => void): void {
    const free = written(record).map((one) => ({ ...one, ifAbsent: true as const }));
    this.#waits.write([...free, this.marks.mark(record.id)], then);
  }

  /** What became of a request that is open. Where another coordinator may have ended it nothing is written before its end. */
  update(record: RequestRecord): void {
    if (this.marks.isAlone) this.open(record);
  }

  /** Stores the end of a request, however long the disk refuses it; `then` after the first try. `conflict`: another coordinator has ended it. */
  close(record: RequestRecord, then: (result: WriteResult) => void): void {
    const unmark = this.marks.unmark(record.id);
    this.#waits.write([...written(record), ...unmark, ...this.marks.ended(record.id)], (result) => {
      if (result === "conflict") this.#waits.write(unmark, () => {});
      else if (result !== "ok") {
        this.#failed(record, result);
        this.#waits.after(RETRY_MS, () => this.close(record, () => {}));
      }
      then(result);
    });
  }

  /** Stores what was found out about a request after its end. */
  amend(record: RequestRecord): void {
    this.#waits.write(written(record), () => {});
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

  /** Which request of a key has this external id; `unreadable` when that can no longer be told. */
  first(keyId: string, externalId: string, then: (first: First | "none" | "unreadable") => void): void {
    this.#waits.read([{ kind: "external-id", id: `${keyId}/${externalId}`, epoch: 0 }], ([record]) => {
      if (record?.state === "present") then(decodeRecord<First>(record.value));
      else then(record?.state === "absent" ? "none" : "unreadable");
    });
  }

  #failed(record: RequestRecord, result: WriteResult): void {
    this.#world.emit({ type: "request.not_stored", request: record.id, result });
  }
}

/** Every write of a request says to whom its external id belongs: the first one may have failed. */
function written(record: RequestRecord): readonly RecordWrite[] {
  const { id, keyId, externalId, bodyDigest } = record;
  const write = { kind: "request", id, epoch: 0, scope: keyId, value: encodeRecord(record) };
  if (externalId === null) return [write];
  const first: First = { id, digest: bodyDigest };
  return [write, { kind: "external-id", id: `${keyId}/${externalId}`, epoch: 0, value: encodeRecord({ ...first }) }];
}
