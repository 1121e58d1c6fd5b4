import type {
  RecordKey,
  RecordListed,
  RecordQuery,
  RecordRead,
  RecordWrite,
  Token,
  World,
  WriteResult,
} from "@quorate/orders";

/** A world with a disk and a clock that do what a test says, and nothing by themselves. */
export class MemoryWorld implements World {
  readonly records = new Map<string, RecordRead>();
  /** What the disk says to a write. */
  result: WriteResult = "ok";
  wallMs = 1_000_000;
  wakes: (token: Token, result: unknown) => void = () => {};
  readonly #due: (() => void)[] = [];

  /** Does what was asked so far, and what follows from it, one after another. */
  settle(): void {
    for (let next = this.#due.shift(); next !== undefined; next = this.#due.shift()) next();
  }

  now(): number {
    return 0;
  }

  wallNow(): number {
    return this.wallMs;
  }

  after(): void {}

  random(length: number): Uint8Array {
    return crypto.getRandomValues(new Uint8Array(length));
  }

  send(): void {}

  read(keys: readonly RecordKey[], token: Token): void {
    this.#due.push(() => {
      const found = keys.map((key) => this.records.get(`${key.kind} ${key.id}`) ?? { state: "absent" });
      this.wakes(token, found);
    });
  }

  list(query: RecordQuery, token: Token): void {
    this.#due.push(() => {
      const ofKind = [...this.records].filter(([name]) => name.startsWith(`${query.kind} `));
      const found = ofKind.map(([name, record], cursor): RecordListed => {
        return { kind: query.kind, id: name.slice(query.kind.length + 1), epoch: 0, cursor, record };
      });
      this.wakes(token, found);
    });
  }

  write(batch: readonly RecordWrite[], token: Token): void {
    this.#due.push(() => {
      for (const { kind, id, value } of this.result === "ok" ? batch : []) {
        if (value === null) this.records.delete(`${kind} ${id}`);
        else this.records.set(`${kind} ${id}`, { state: "present", value: value.slice() });
      }
      this.wakes(token, this.result);
    });
  }

  compute(): void {
    throw new Error("nothing here computes");
  }

  emit(): void {}
}
