import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { BatchData, SeedResult } from "./batch-thread.ts";

/** Which seeds to run, and how. */
export interface Batch extends BatchData {
  readonly from: number;
  readonly seeds: number;
  /** Stops after so long, milliseconds, whatever is left. */
  readonly budgetMs: number;
  readonly threads: number;
}

/**
 * Runs seeds in threads.
 *
 * @param done called with each result, in the order in which they come
 * @param stop after this no further seed begins
 */
export async function runBatch(batch: Batch, done: (result: SeedResult) => void, stop: AbortSignal): Promise<void> {
  const end = performance.now() + batch.budgetMs;
  let next = batch.from;
  const isOver = () => stop.aborted || next >= batch.from + batch.seeds || performance.now() >= end;
  const take = () => (isOver() ? undefined : String(next++));
  const threads = Array.from({ length: Math.min(batch.threads, batch.seeds) }, () => work(batch, take, done));
  await Promise.all(threads);
}

async function work(
  { profile, crypto }: BatchData,
  take: () => string | undefined,
  done: (result: SeedResult) => void,
): Promise<void> {
  const data: BatchData = { profile, crypto };
  const thread = new Worker(new URL("./batch-thread.ts", import.meta.url), { workerData: data });
  try {
    for (let seed = take(); seed !== undefined; seed = take()) {
      thread.postMessage(seed);
      const [result] = (await once(thread, "message")) as [SeedResult];
      done(result);
    }
  } finally {
    await thread.terminate();
  }
}
