import { InputError } from "@quorate/orders";

/** Something that the API remembers for a while. The value is JSON. */
export interface ApiRecord {
  readonly kind: string;
  readonly id: string;
  /** Whose it is: all of one kind and scope can be listed, and ended together. */
  readonly scope: string;
  readonly value: unknown;
  /** Milliseconds since 1970: gone afterwards. */
  readonly expires: number;
}

/** Where the API keeps what is in no log: sessions, challenges, codes. Asynchronous: several coordinators may share it. */
export interface ApiRecords {
  put(record: ApiRecord): Promise<void>;
  get(kind: string, id: string): Promise<ApiRecord | undefined>;
  /** Removes it; of several that ask at once one gets it. */
  take(kind: string, id: string): Promise<ApiRecord | undefined>;
  /** Oldest first. */
  list(kind: string, scope: string): Promise<readonly ApiRecord[]>;
  /** Removes all of a scope. */
  end(kind: string, scope: string): Promise<void>;
}

/** Of one kind, for one scope: whoever makes more loses its own oldest, nobody else's. */
const MAX_OF_SCOPE = 4096;
const MAX_RECORDS = 200_000;

/** The records in memory: bounded, and gone with the process. */
export class MemoryRecords implements ApiRecords {
  readonly #now: () => number;
  readonly #records = new Map<string, ApiRecord>();
  readonly #scopes = new Map<string, Set<string>>();

  /** @param now milliseconds since 1970 */
  constructor(now: () => number) {
    this.#now = now;
  }

  async put(record: ApiRecord): Promise<void> {
    const name = nameOf(record.kind, record.id);
    this.#remove(name);
    if (this.#records.size >= MAX_RECORDS) this.#sweep();
    if (this.#records.size >= MAX_RECORDS) {
      throw new InputError("overloaded", "too many sessions, challenges and codes are open", {
        hint: "ask again later",
      });
    }
    const scope = this.#scope(record);
    if (scope.size >= MAX_OF_SCOPE) this.#remove(scope.values().next().value!);
    this.#records.set(name, record);
    this.#scope(record).add(name);
  }

  async get(kind: string, id: string): Promise<ApiRecord | undefined> {
    const name = nameOf(kind, id);
    const record = this.#records.get(name);
    if (record === undefined || this.#now() <= record.expires) return record;
    this.#remove(name);
    return undefined;
  }

  async take(kind: string, id: string): Promise<ApiRecord | undefined> {
    const record = this.#records.get(nameOf(kind, id));
    this.#remove(nameOf(kind, id));
    return record !== undefined && this.#now() <= record.expires ? record : undefined;
  }

  async list(kind: string, scope: string): Promise<readonly ApiRecord[]> {
    const now = this.#now();
    return [...(this.#scopes.get(nameOf(kind, scope)) ?? [])]
      .map((name) => this.#records.get(name)!)
      .filter((record) => now <= record.expires);
  }

  async end(kind: string, scope: string): Promise<void> {
    for (const name of this.#scopes.get(nameOf(kind, scope)) ?? []) this.#remove(name);
  }

  #scope({ kind, scope }: ApiRecord): Set<string> {
    const name = nameOf(kind, scope);
    const known = this.#scopes.get(name) ?? new Set();
    this.#scopes.set(name, known);
    return known;
  }

  #remove(name: string): void {
    const record = this.#records.get(name);
    if (record === undefined) return;
    this.#records.delete(name);
    const scope = this.#scope(record);
    scope.delete(name);
    if (scope.size === 0) this.#scopes.delete(nameOf(record.kind, record.scope));
  }

  #sweep(): void {
    const now = this.#now();
    for (const [name, { expires }] of this.#records) if (now > expires) this.#remove(name);
  }
}

function nameOf(kind: string, id: string): string {
  return `${kind}/${id}`;
}
