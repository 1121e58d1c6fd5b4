import type {
  Event,
  NodeId,
  Reactor,
  RecordKey,
  RecordListed,
  RecordQuery,
  RecordRead,
  RecordWrite,
  Token,
  World,
} from "@quorate/orders";

interface Stored {
  readonly key: RecordKey;
  readonly scope: string | undefined;
  readonly cursor: number;
  readonly value: Uint8Array;
}

const nameOf = ({ kind, id, epoch }: RecordKey) => JSON.stringify([kind, id, epoch]);

/** A world in memory: records in a map, the clock of this process, messages to whoever listens with `onSend`. */
export class MemoryWorld implements World {
  onSend: (to: NodeId, bytes: Uint8Array) => void = () => {};
  onEvent: (event: Event) => void = () => {};
  readonly #records = new Map<string, Stored>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #reactor: Reactor | undefined;
  #cursor = 0;

  /** Starts a reactor on this world. */
  run(reactor: Reactor): void {
    this.#reactor = reactor;
    reactor.start();
  }

  /** No timer fires any more. */
  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#reactor = undefined;
  }

  now(): number {
    return performance.now();
  }

  wallNow(): number {
    return Date.now();
  }

  random(length: number): Uint8Array {
    return crypto.getRandomValues(new Uint8Array(length));
  }

  after(delayMs: number, token: Token): void {
    // A timer of Node may fire up to a millisecond early by `now()`; a world's does not.
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#reactor?.wake(token, undefined);
    }, delayMs + 1);
    this.#timers.add(timer);
  }

  send(to: NodeId, bytes: Uint8Array): void {
    setImmediate(() => this.onSend(to, bytes));
  }

  read(keys: readonly RecordKey[], token: Token): void {
    const answer = keys.map((key): RecordRead => {
      const stored = this.#records.get(nameOf(key));
      return stored === undefined ? { state: "absent" } : { state: "present", value: stored.value };
    });
    this.#answer(token, answer);
  }

  list({ kind, scope, after, limit, newestFirst = false }: RecordQuery, token: Token): void {
    const wanted = [...this.#records.values()]
      .filter((stored) => stored.key.kind === kind && (scope === undefined || stored.scope === scope))
      .sort((a, b) => (newestFirst ? b.cursor - a.cursor : a.cursor - b.cursor))
      .filter(({ cursor }) => after === undefined || (newestFirst ? cursor < after : cursor > after));
    const answer = wanted.slice(0, limit).map(({ key, cursor, value }): RecordListed => {
      return { ...key, cursor, record: { state: "present", value } };
    });
    this.#answer(token, answer);
  }

  write(batch: readonly RecordWrite[], token: Token): void {
    if (batch.some((one) => one.ifAbsent && this.#records.has(nameOf(one)))) return this.#answer(token, "conflict");
    for (const { kind, id, epoch, value, scope } of batch) {
      const key = { kind, id, epoch };
      const cursor = this.#records.get(nameOf(key))?.cursor ?? ++this.#cursor;
      if (value === null) this.#records.delete(nameOf(key));
      else this.#records.set(nameOf(key), { key, scope, cursor, value });
    }
    this.#answer(token, "ok");
  }

  compute(): void {
    throw new Error("nothing here computes");
  }

  emit(event: Event): void {
    this.onEvent(event);
  }

  #answer(token: Token, result: unknown): void {
    setImmediate(() => this.#reactor?.wake(token, result));
  }
}
