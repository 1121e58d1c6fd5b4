import type { RecordKey, RecordListed, RecordQuery, RecordRead, RecordWrite, WriteResult } from "@quorate/orders";
import type { StorageKey } from "@quorate/vault";
import type { PreparedBatch } from "./batch.ts";
import type { Records, Rotated } from "./records.ts";
import type { RecordStore } from "./store.ts";

type Answer = () => void;
type Task =
  | { readonly kind: "ask"; readonly ask: () => Answer }
  | { readonly kind: "write"; readonly batch: PreparedBatch; readonly done: (result: WriteResult) => void };

/**
 * The asynchronous behaviour that `World` promises, on `Records`.
 *
 * All that is submitted in one turn of the event loop goes into one transaction, so that many writers share one fsync, and
 * is answered after it, in the order of submission. A read sees every write submitted before it, and what it shows is
 * durable by the time it is answered. If that transaction fails, each batch is tried alone: one that does not fit takes no
 * other down with it. The queue never holds more than one turn's work.
 */
export class RecordQueue implements RecordStore {
  readonly #records: Records;
  #tasks: Task[] = [];
  #scheduled: NodeJS.Immediate | undefined;

  constructor(records: Records) {
    this.#records = records;
  }

  get storageKeyId(): string | undefined {
    return this.#records.storageKeyId;
  }

  read(keys: readonly RecordKey[], done: (records: readonly RecordRead[]) => void): void {
    this.#ask(() => this.#records.read(keys), done);
  }

  list(query: RecordQuery, done: (records: readonly RecordListed[]) => void): void {
    this.#ask(() => this.#records.list(query), done);
  }

  /** The values are copied before this returns. @throws Error for a batch that can never be written */
  write(batch: readonly RecordWrite[], done: (result: WriteResult) => void): void {
    this.#submit({ kind: "write", batch: this.#records.prepare(batch), done });
  }

  /** Does what was submitted, now, and answers it. */
  flush(): void {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    const tasks = this.#tasks;
    this.#tasks = [];
    if (tasks.length === 0) return;
    for (const answer of this.#together(tasks) ?? this.#oneByOne(tasks)) answer();
  }

  /** As `Records.rotate`, after what was submitted under the old key. */
  rotate(next: StorageKey): Rotated {
    this.flush();
    return this.#records.rotate(next);
  }

  /** Nobody else writes to a file that this process has for itself. */
  onChange(): () => void {
    return () => {};
  }

  /** Does and answers what was submitted, and closes the database. */
  close(): void {
    this.flush();
    clearImmediate(this.#scheduled);
    this.#records.close();
  }

  #ask<T>(look: () => T, done: (found: T) => void): void {
    const ask = () => {
      const found = look();
      return () => done(found);
    };
    this.#submit({ kind: "ask", ask });
  }

  #submit(task: Task): void {
    this.#tasks.push(task);
    this.#scheduled ??= setImmediate(() => this.flush());
  }

  #together(tasks: readonly Task[]): Answer[] | undefined {
    const answers: Answer[] = [];
    const result = this.#records.commit(() => {
      for (const task of tasks) {
        if (task.kind === "write") this.#records.apply(task.batch);
        answers.push(task.kind === "ask" ? task.ask() : () => task.done("ok"));
      }
    });
    return result === "ok" ? answers : undefined;
  }

  #oneByOne(tasks: readonly Task[]): Answer[] {
    return tasks.map((task) => {
      if (task.kind === "ask") return task.ask();
      const result = this.#records.commit(() => this.#records.apply(task.batch));
      return () => task.done(result);
    });
  }
}
