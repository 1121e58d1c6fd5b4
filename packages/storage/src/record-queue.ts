import type { RecordKey, RecordListed, RecordQuery, RecordRead, RecordWrite, WriteResult } from "@quorate/orders";
import type { StorageKey } from "@quorate/vault";
import type { PreparedBatch } from "./batch.ts";
import type { Records, Rotated } from "./records.ts";
import type { RecordStore } from "./store.ts";

/** @param disk what the disk said of all that was written with it */
type Answer = (disk: "ok" | "io_error") => void;
type Task =
  | { readonly kind: "ask"; readonly ask: () => Answer }
  | { readonly kind: "write"; readonly batch: PreparedBatch; readonly done: (result: WriteResult) => void };

/**
 * The asynchronous behaviour that `World` promises, on `Records`.
 *
 * A write goes to the log at once where nothing else is under way, and the disk syncs it beside whatever this process does
 * then. What is submitted meanwhile goes into one transaction, so that many writers share one sync, and is answered after it,
 * in the order of submission. A read sees every write submitted before it, and what it shows is durable by the time it is
 * answered. If a transaction fails, each batch is tried alone: one that does not fit takes no other down with it.
 */
export class RecordQueue implements RecordStore {
  readonly #records: Records;
  #tasks: Task[] = [];
  #scheduled: NodeJS.Immediate | undefined;
  /** What is answered once the disk has synced. */
  #syncing: readonly Answer[] | undefined;

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
    const task: Task = { kind: "write", batch: this.#records.prepare(batch), done };
    const isFirst = this.#syncing === undefined && this.#tasks.length === 0;
    this.#tasks.push(task);
    if (isFirst) this.#turn();
  }

  /** Does what was submitted, now, and answers it. */
  flush(): void {
    const answers = [...(this.#syncing ?? []), ...this.#do()];
    this.#syncing = undefined;
    if (answers.length > 0) give(answers, this.#records.syncNow());
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
    const ask = (): Answer => {
      const found = look();
      return (disk) => done(disk === "ok" ? found : look());
    };
    this.#tasks.push({ kind: "ask", ask });
    if (this.#syncing === undefined) this.#scheduled ??= setImmediate(() => this.#turn());
  }

  /** Does what was submitted. While the disk syncs the next is gathered. */
  #turn(): void {
    const isWritten = this.#tasks.some((task) => task.kind === "write");
    const answers = this.#do();
    if (!isWritten) return give(answers, "ok");
    this.#syncing = answers;
    this.#records.sync((disk) => this.#synced(answers, disk));
  }

  /** Nothing where `flush` was there first. */
  #synced(answers: readonly Answer[], disk: "ok" | "io_error"): void {
    if (this.#syncing !== answers) return;
    this.#syncing = undefined;
    give(answers, disk);
    if (this.#syncing === undefined && this.#tasks.length > 0) this.#turn();
  }

  #do(): readonly Answer[] {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    const tasks = this.#tasks;
    this.#tasks = [];
    return tasks.length === 0 ? [] : (this.#together(tasks) ?? this.#oneByOne(tasks));
  }

  #together(tasks: readonly Task[]): Answer[] | undefined {
    const answers: Answer[] = [];
    const result = this.#records.commit(() => {
      for (const task of tasks) {
        if (task.kind === "write") this.#records.apply(task.batch);
        answers.push(task.kind === "ask" ? task.ask() : task.done);
      }
    });
    return result === "ok" ? answers : undefined;
  }

  #oneByOne(tasks: readonly Task[]): Answer[] {
    return tasks.map((task) => {
      if (task.kind === "ask") return task.ask();
      const result = this.#records.commit(() => this.#records.apply(task.batch));
      return (disk) => task.done(result === "ok" ? disk : result);
    });
  }
}

function give(answers: readonly Answer[], disk: "ok" | "io_error"): void {
  for (const answer of answers) answer(disk);
}
