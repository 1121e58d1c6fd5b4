import { setTimeout } from "node:timers";
import type { RecordKey, RecordQuery, RecordWrite, WriteResult } from "@quorate/orders";
import type { RecordStore } from "@quorate/storage";

/** How the disk is at the moment. */
export interface DiskFaults {
  readonly full: boolean;
  /** How much later a write is said to be durable, milliseconds. */
  readonly slowMs: number;
}

/** Records on a disk that can be full, so that nothing more is written, or slow, so that what is written is durable later. */
export function faultyRecords(store: RecordStore, faults: () => DiskFaults): RecordStore {
  return {
    get storageKeyId() {
      return store.storageKeyId;
    },
    read: (keys: readonly RecordKey[], done) => store.read(keys, done),
    list: (query: RecordQuery, done) => store.list(query, done),
    write(batch: readonly RecordWrite[], done: (result: WriteResult) => void) {
      const { full, slowMs } = faults();
      const answer = slowMs === 0 ? done : (result: WriteResult) => void setTimeout(done, slowMs, result);
      // Answers come later, also this one.
      if (full) setTimeout(answer, 0, "no_space");
      else store.write(batch, answer);
    },
    rotate: (next) => store.rotate(next),
    onChange: (kind, listener) => store.onChange(kind, listener),
    close: () => store.close(),
  };
}
