import { type ApiRecord, type ApiRecords, MemoryRecords } from "@quorate/api";
import { InputError, type RecordRead, type WriteResult } from "@quorate/orders";
import type { RecordStore } from "@quorate/storage";

/** Kinds that live for minutes and are written at every action: kept in memory, unless several coordinators must know them. */
const FLEETING: ReadonlySet<string> = new Set(["challenge", "user-action", "known-action", "temporary", "scripted"]);
/** Kinds that must outlive the process. */
const LASTING = ["session", "code", "action", "broadcast", "scenario", "webhook", "webhook-event"];
/** Records of the API stand apart from the coordinator's own. */
const PREFIX = "api-";
/** That a record was taken: of several that ask at once, one writes it. */
const TAKEN = "api-taken";
const PAGE = 500;

/** What the API remembers, in the coordinator's database: sessions, codes and webhooks outlive the process. */
export class StoredApiRecords implements ApiRecords {
  readonly #store: RecordStore;
  readonly #now: () => number;
  /** `undefined` where several coordinators share the database. */
  readonly #fleeting: ApiRecords | undefined;

  /** @param now milliseconds since 1970 */
  constructor(store: RecordStore, now: () => number, { shared }: { readonly shared: boolean }) {
    this.#store = store;
    this.#now = now;
    this.#fleeting = shared ? undefined : new MemoryRecords(now);
  }

  async put(record: ApiRecord): Promise<void> {
    const memory = this.#memory(record.kind);
    if (memory !== undefined) return memory.put(record);
    const { kind, id, scope, value, expires } = record;
    const bytes = Buffer.from(JSON.stringify({ scope, value, expires }));
    const result = await this.#write([{ ...place(kind, id), scope, value: bytes }]);
    if (result !== "ok") throw unstored(result);
  }

  async get(kind: string, id: string): Promise<ApiRecord | undefined> {
    const memory = this.#memory(kind);
    if (memory !== undefined) return memory.get(kind, id);
    const record = await new Promise<RecordRead | undefined>((resolve) => {
      this.#store.read([place(kind, id)], ([one]) => resolve(one));
    });
    return this.#living(kind, id, record);
  }

  async take(kind: string, id: string): Promise<ApiRecord | undefined> {
    const memory = this.#memory(kind);
    if (memory !== undefined) return memory.take(kind, id);
    const record = await this.get(kind, id);
    if (record === undefined) return undefined;
    const { expires } = record;
    const mark = { kind: TAKEN, id: `${kind}/${id}`, epoch: 0, value: Buffer.from(JSON.stringify({ expires })) };
    const result = await this.#write([
      { ...mark, ifAbsent: true },
      { ...place(kind, id), value: null },
    ]);
    if (result === "conflict") return undefined;
    if (result !== "ok") throw unstored(result);
    return record;
  }

  async list(kind: string, scope: string): Promise<readonly ApiRecord[]> {
    const memory = this.#memory(kind);
    if (memory !== undefined) return memory.list(kind, scope);
    const found: ApiRecord[] = [];
    for await (const { id, record } of this.#all(PREFIX + kind, scope)) {
      const living = this.#living(kind, id, record);
      if (living !== undefined) found.push(living);
    }
    return found;
  }

  async end(kind: string, scope: string): Promise<void> {
    const memory = this.#memory(kind);
    if (memory !== undefined) return memory.end(kind, scope);
    for await (const { id } of this.#all(PREFIX + kind, scope)) {
      await this.#write([{ ...place(kind, id), value: null }]);
    }
  }

  /** Erases what has expired. */
  async sweep(): Promise<void> {
    for (const kind of [...[...FLEETING, ...LASTING].map((one) => PREFIX + one), TAKEN]) {
      for await (const { id, record } of this.#all(kind, undefined)) {
        if (record.state !== "present" || this.#now() <= expiryOf(record.value)) continue;
        await this.#write([{ kind, id, epoch: 0, value: null }]);
      }
    }
  }

  #memory(kind: string): ApiRecords | undefined {
    return FLEETING.has(kind) ? this.#fleeting : undefined;
  }

  #living(kind: string, id: string, record: RecordRead | undefined): ApiRecord | undefined {
    if (record?.state !== "present") return undefined;
    const { scope, value, expires } = JSON.parse(Buffer.from(record.value).toString());
    return this.#now() <= expires ? { kind, id, scope, value, expires } : undefined;
  }

  async *#all(kind: string, scope: string | undefined) {
    for (let after: number | undefined; ; ) {
      const query = {
        kind,
        limit: PAGE,
        ...(scope === undefined ? {} : { scope }),
        ...(after === undefined ? {} : { after }),
      };
      const page = await new Promise<Parameters<Parameters<RecordStore["list"]>[1]>[0]>((resolve) => {
        this.#store.list(query, resolve);
      });
      yield* page;
      if (page.length < PAGE) return;
      after = page.at(-1)!.cursor;
    }
  }

  #write(batch: Parameters<RecordStore["write"]>[0]): Promise<WriteResult> {
    return new Promise((resolve) => this.#store.write(batch, resolve));
  }
}

function place(kind: string, id: string) {
  return { kind: PREFIX + kind, id, epoch: 0 };
}

function expiryOf(value: Uint8Array): number {
  return Number(JSON.parse(Buffer.from(value).toString()).expires);
}

function unstored(result: WriteResult): InputError {
  return new InputError("failed", `the coordinator could not store this (${result})`, { hint: "see its disk" });
}
