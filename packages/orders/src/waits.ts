import type {
  Job,
  RecordKey,
  RecordListed,
  RecordQuery,
  RecordRead,
  RecordWrite,
  Token,
  World,
  WriteResult,
} from "./world.ts";

/**
 * Turns the tokens of a `World` into continuations: each question takes a function that is called, once, with the answer.
 * A reactor's `wake` hands everything to `wake` here.
 */
export class Waits {
  readonly #world: World;
  readonly #pending = new Map<Token, (result: unknown) => void>();
  #next: Token = 1;

  constructor(world: World) {
    this.#world = world;
  }

  wake(token: Token, result: unknown): void {
    const then = this.#pending.get(token);
    if (then === undefined) return;
    this.#pending.delete(token);
    then(result);
  }

  /** @returns a function that cancels */
  after(delayMs: number, then: () => void): () => void {
    const token = this.#token(then);
    this.#world.after(delayMs, token);
    return () => this.#pending.delete(token);
  }

  read(keys: readonly RecordKey[], then: (records: readonly RecordRead[]) => void): void {
    this.#world.read(
      keys,
      this.#token((result) => then(result as readonly RecordRead[])),
    );
  }

  list(query: RecordQuery, then: (records: readonly RecordListed[]) => void): void {
    this.#world.list(
      query,
      this.#token((result) => then(result as readonly RecordListed[])),
    );
  }

  write(batch: readonly RecordWrite[], then: (result: WriteResult) => void): void {
    this.#world.write(
      batch,
      this.#token((result) => then(result as WriteResult)),
    );
  }

  compute<Made>(job: Job, then: (made: Made) => void): void {
    this.#world.compute(
      job,
      this.#token((result) => then(result as Made)),
    );
  }

  #token(then: (result: unknown) => void): Token {
    const token = this.#next++;
    this.#pending.set(token, then);
    return token;
  }
}
