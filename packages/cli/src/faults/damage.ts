import { DatabaseSync } from "node:sqlite";
import { CliError, EXIT } from "../exit.ts";

interface Row {
  readonly seq: number;
  readonly value: Uint8Array;
}

/** Puts back what was damaged. */
export type Repair = () => void;

/**
 * Flips a bit in the newest record of a kind, in the database of a process that does not run.
 *
 * @throws CliError when there is none
 */
export function flipBit(path: string, kind: string): Repair {
  const [row] = newest(path, kind, 1);
  const value = row!.value.slice();
  value[value.length >> 1]! ^= 1;
  return put(path, [row!], [{ ...row!, value }]);
}

/** Exchanges the values of the two newest records of a kind. @throws CliError when there are not two */
export function swapRecords(path: string, kind: string): Repair {
  const [a, b] = newest(path, kind, 2);
  return put(
    path,
    [a!, b!],
    [
      { ...a!, value: b!.value },
      { ...b!, value: a!.value },
    ],
  );
}

function newest(path: string, kind: string, count: number): readonly Row[] {
  const db = new DatabaseSync(path);
  try {
    const rows = db.prepare("SELECT seq, value FROM records WHERE kind = ? ORDER BY seq DESC LIMIT ?").all(kind, count);
    if (rows.length === count) return rows as unknown as readonly Row[];
    const kinds = db
      .prepare("SELECT DISTINCT kind FROM records ORDER BY kind")
      .all()
      .map((one) => String(one.kind));
    const problem = `record: ${rows.length} records of the kind ${kind} here, ${count} are needed`;
    throw new CliError(EXIT.usage, problem, `there are ${kinds.join(", ") || "none yet"}`);
  } finally {
    db.close();
  }
}

/** Writes rows, and answers with what writes the earlier ones again, as far as they are still as they were left here. */
function put(path: string, before: readonly Row[], after: readonly Row[]): Repair {
  write(path, after);
  return () => write(path, before, after);
}

function write(path: string, rows: readonly Row[], only?: readonly Row[]): void {
  const db = new DatabaseSync(path);
  try {
    db.exec("BEGIN IMMEDIATE");
    for (const [at, { seq, value }] of rows.entries()) {
      const expected = only?.[at]?.value;
      if (expected === undefined) db.prepare("UPDATE records SET value = ? WHERE seq = ?").run(value, seq);
      else db.prepare("UPDATE records SET value = ? WHERE seq = ? AND value = ?").run(value, seq, expected);
    }
    db.exec("COMMIT");
  } finally {
    db.close();
  }
}
