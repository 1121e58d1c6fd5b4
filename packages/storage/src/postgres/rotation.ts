import { type StorageKey, storageKeyId } from "@quorate/vault";
import { StorageError } from "../error.ts";
import type { Rotated } from "../records.ts";
import { closeRow, openRow, type Protection } from "../row.ts";
import { ConnectionLost, failureOf, stateOf } from "./failure.ts";
import type { Session } from "./session.ts";
import type { Statements } from "./statements.ts";
import { keyOf } from "./turn.ts";

/** Cleaning up after a rotation reads and writes the whole table. */
const REWRITE_MS = 600_000;

/** Seals every sealed record anew, in one transaction that also names the key in force. */
export class Rotation {
  readonly before: StorageKey;
  readonly next: StorageKey;
  readonly #by: Protection;
  readonly #sql: Statements;
  readonly #rotated: { resealed: number; faulty: Rotated["faulty"][number][] } = { resealed: 0, faulty: [] };
  readonly #end = Promise.withResolvers<Rotated>();

  constructor(by: Protection, sql: Statements, before: StorageKey, next: StorageKey) {
    this.#by = by;
    this.#sql = sql;
    this.before = before;
    this.next = next;
  }

  /** Rejects where the old key is still in force; stays open as long as nobody can tell. */
  get ended(): Promise<Rotated> {
    return this.#end.promise;
  }

  /** Says that it is done, or why it is not. */
  finish(error: Error | undefined): void {
    if (error === undefined) this.#end.resolve(this.#rotated);
    else this.#end.reject(error);
  }

  /**
   * @returns the error that undid it, if any; `unknown` if the connection was lost: the database itself says then which key is in
   * force
   */
  async run(session: Session): Promise<Error | undefined | "unknown"> {
    try {
      await session.text("BEGIN");
      await this.#reseal(session);
      await session.run(this.#sql.setFact("storage_key", storageKeyId(this.next)));
      const { command } = await session.text("COMMIT");
      if (command !== "COMMIT") throw rotationFailed("the server undid it");
    } catch (error) {
      const isOurs = !(error instanceof ConnectionLost) && stateOf(error) === undefined;
      if (!isOurs && failureOf(error) === "lost") return "unknown";
      await session.text("ROLLBACK").catch(() => {});
      return isOurs ? (error as Error) : rotationFailed((error as Error).message);
    }
    // What was sealed under the old key stays in the file until the table is written anew.
    await session.text(this.#sql.rewrite(), REWRITE_MS).catch(() => {});
    return undefined;
  }

  async #reseal(session: Session): Promise<void> {
    let after = "0";
    for (;;) {
      const [row] = (await session.run(this.#sql.nextSealed(after))).rows;
      if (row === undefined) return;
      after = row.seq;
      const key = keyOf(row);
      const record = openRow(this.#by, this.before, key, { sealed: row.sealed, value: Uint8Array.from(row.value) });
      if (record.state === "faulty") this.#rotated.faulty.push({ ...key, fault: record.fault });
      if (record.state !== "present") continue;
      const { value } = closeRow(this.#by, this.next, key, record.value, true);
      record.value.fill(0);
      await session.run(this.#sql.reseal(row.seq, value));
      this.#rotated.resealed += 1;
    }
  }
}

export function rotationFailed(reason: string): StorageError {
  return new StorageError("rotation_failed", `${reason}: the old storage key is still in force`);
}
