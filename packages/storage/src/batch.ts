import type { RecordKey, RecordWrite } from "@quorate/orders";
import type { StorageKey } from "@quorate/vault";
import { closeRow, type Protection, type Row } from "./row.ts";

/** One record of a batch as it goes to the database; `row` is `null` to delete. */
export interface PreparedWrite {
  readonly key: RecordKey;
  readonly scope: string;
  readonly row: Row | null;
  readonly ifAbsent: boolean;
}

/** A batch as it goes to the database: copied, and secrets sealed. */
export interface PreparedBatch {
  readonly sealedUnder: StorageKey | undefined;
  readonly writes: readonly PreparedWrite[];
}

/** Ends a transaction: a record that was to be absent is there. */
export class Conflict extends Error {
  override readonly name = "Conflict";
}

/** Copies and seals, so that the caller may wipe its own at once. @throws Error for a batch that can never be written */
export function prepareBatch(
  by: Protection,
  storageKey: StorageKey | undefined,
  batch: readonly RecordWrite[],
): PreparedBatch {
  const writes = batch.map(({ kind, id, epoch, scope = "", value, secret = false, ifAbsent = false }) => {
    const key = { kind, id, epoch };
    if (value !== null) return { key, scope, row: closeRow(by, storageKey, key, value, secret), ifAbsent };
    if (ifAbsent) throw new Error(`record ${kind}/${id}/${epoch}: what is to be absent cannot be deleted`);
    return { key, scope, row: null, ifAbsent };
  });
  return { sealedUnder: storageKey, writes };
}
