import type { RecordKey, RecordListed, RecordQuery, RecordRead, WriteResult } from "@quorate/orders";
import type { CompiledQuery } from "kysely";
import type { PreparedBatch, PreparedWrite } from "../batch.ts";
import { type Failure, failureOf } from "./failure.ts";
import type { Session } from "./session.ts";
import type { Statements, StoredRow } from "./statements.ts";

/** What was asked of the database, with the function that takes the answer. */
export type Task =
  | {
      readonly kind: "read";
      readonly keys: readonly RecordKey[];
      readonly done: (records: readonly RecordRead[]) => void;
    }
  | { readonly kind: "list"; readonly query: RecordQuery; readonly done: (records: readonly RecordListed[]) => void }
  | { readonly kind: "write"; readonly batch: PreparedBatch; readonly done: (result: WriteResult) => void };

/** What reading rows needs to know. */
export interface Reading {
  readonly sql: Statements;
  readonly open: (key: RecordKey, row: StoredRow) => RecordRead;
  /** Where processes tell each other what they wrote, if several share the database. */
  readonly channel: string | undefined;
}

/** One answer per task, in order; or why there are none: then nothing was written, but for `lost`, when that is not known. */
export type Done =
  | { readonly failure: undefined; readonly answers: readonly (() => void)[] }
  | { readonly failure: Failure };

/** As many rows as one statement takes. */
const MAX_ROWS = 1000;
/** The server takes 8000 bytes. */
const MAX_NOTICE_BYTES = 7000;

/** Does `tasks` in one transaction, in order; all its statements are sent before the first is answered. */
export async function runTogether(session: Session, reading: Reading, tasks: readonly Task[]): Promise<Done> {
  const steps = plan(reading, tasks);
  const inTransaction = steps.length > 1 && tasks.some(({ kind }) => kind === "write");
  const running = steps.map(({ query }, at) => {
    if (at === 0 && inTransaction) void session.text("BEGIN ISOLATION LEVEL READ COMMITTED").catch(() => {});
    return session.run(query);
  });
  const [ended, ...results] = await Promise.allSettled([
    inTransaction ? session.text("COMMIT") : undefined,
    ...running,
  ]);
  const failed = [...results, ended].find((result) => result.status === "rejected");
  if (failed !== undefined) return { failure: failureOf(failed.reason) };
  if (ended.status === "fulfilled" && ended.value !== undefined && ended.value.command !== "COMMIT") {
    return { failure: "io_error" };
  }
  const found = new Map<Task, readonly StoredRow[]>();
  for (const [at, result] of results.entries()) {
    const { task } = steps[at]!;
    if (task !== undefined && result.status === "fulfilled") found.set(task, result.value.rows as StoredRow[]);
  }
  return { failure: undefined, answers: tasks.map((task) => answerOf(reading, task, found.get(task) ?? [])) };
}

function answerOf({ open }: Reading, task: Task, rows: readonly StoredRow[]): () => void {
  switch (task.kind) {
    case "write":
      return () => task.done("ok");
    case "read": {
      const byName = new Map(rows.map((row) => [nameOf(keyOf(row)), row]));
      const records = task.keys.map((key): RecordRead => {
        const row = byName.get(nameOf(key));
        return row === undefined ? { state: "absent" } : open(key, row);
      });
      return () => task.done(records);
    }
    case "list": {
      const listed = rows.map((row): RecordListed => {
        const key = keyOf(row);
        return { ...key, cursor: Number(row.seq), record: open(key, row) };
      });
      return () => task.done(listed);
    }
  }
}

interface Step {
  readonly query: CompiledQuery<unknown>;
  /** The task that the rows of this statement answer. */
  readonly task?: Task;
}

function plan({ sql, channel }: Reading, tasks: readonly Task[]): Step[] {
  const steps: Step[] = [];
  const notices = new Set<string>();
  let run: Run | undefined;
  const flush = () => {
    if (run !== undefined) steps.push({ query: run.query(sql) });
    run = undefined;
  };
  for (const task of tasks) {
    if (task.kind !== "write") {
      flush();
      if (task.kind === "list") steps.push({ query: sql.list(task.query), task });
      else if (task.keys.length > 0) steps.push({ query: sql.read(task.keys), task });
      continue;
    }
    for (const write of task.batch.writes) {
      if (run?.takes(write) !== true) {
        flush();
        run = new Run(modeOf(write));
      }
      run.add(write);
      if (channel !== undefined) notices.add(noticeOf(write.key));
    }
  }
  flush();
  if (channel !== undefined && notices.size > 0) steps.push({ query: sql.notify(channel, [...notices]) });
  return steps;
}

type Mode = "put" | "put-absent" | "delete";

function modeOf({ row, ifAbsent }: PreparedWrite): Mode {
  if (row === null) return "delete";
  return ifAbsent ? "put-absent" : "put";
}

/** Writes that one statement does: all of one mode, no record twice. */
class Run {
  readonly #mode: Mode;
  readonly #writes = new Map<string, PreparedWrite>();
  constructor(mode: Mode) {
    this.#mode = mode;
  }

  takes(write: PreparedWrite): boolean {
    return modeOf(write) === this.#mode && this.#writes.size < MAX_ROWS && !this.#writes.has(nameOf(write.key));
  }

  add(write: PreparedWrite): void {
    this.#writes.set(nameOf(write.key), write);
  }

  query(sql: Statements): CompiledQuery<unknown> {
    const writes = [...this.#writes.values()];
    if (this.#mode === "delete") return sql.delete(writes.map(({ key }) => key));
    return sql.put(writes, this.#mode === "put-absent");
  }
}

/** What other processes are told of a write: its key, or the kind alone where the key is too long. */
function noticeOf({ kind, id, epoch }: RecordKey): string {
  const whole = JSON.stringify([kind, id, epoch]);
  return Buffer.byteLength(whole) > MAX_NOTICE_BYTES ? JSON.stringify([kind]) : whole;
}

function nameOf({ kind, id, epoch }: RecordKey): string {
  return JSON.stringify([kind, id, epoch]);
}

export function keyOf(row: StoredRow): RecordKey {
  return { kind: row.kind, id: row.id, epoch: Number(row.epoch) };
}
