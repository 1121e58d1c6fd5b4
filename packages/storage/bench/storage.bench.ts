/**
 * Durable commits of 1 KB records, in SQLite and in Postgres on the same machine, against appending 1 KB to a file and
 * `fdatasync`, interleaved in one run.
 * Run: node packages/storage/bench/storage.bench.ts [folder on the disk to measure]
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RecordWrite } from "@quorate/orders";
import { generateStorageKey, storageKey } from "@quorate/vault";
import { openPostgres } from "../src/postgres/postgres-records.ts";
import { RecordQueue } from "../src/record-queue.ts";
import { openRecords } from "../src/records.ts";
import type { RecordStore } from "../src/store.ts";
import { startPostgres } from "../src/testing/postgres.ts";

const TURNS = 300;
const ROUNDS = 5;
const TOGETHER = 32;
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const value = random(1024);

/** How fast one way of writing is: medians over the rounds. */
export interface StorageRow {
  readonly name: string;
  /** Batches that became durable, per second. */
  readonly perSecond: number;
  /** `perSecond` by that of raw append + fdatasync in the same round. */
  readonly ratio: number;
}

/** Writes `TURNS` times; one turn is `batches` batches submitted together. */
async function turns(queue: RecordStore, batches: number, secret: boolean): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) {
    const writes = Array.from({ length: batches }, () => {
      const batch: RecordWrite[] = [{ kind: "request", id: crypto.randomUUID(), epoch: 0, value, secret }];
      return new Promise<void>((resolve, reject) =>
        queue.write(batch, (result) => (result === "ok" ? resolve() : reject(new Error(result)))),
      );
    });
    await Promise.all(writes);
  }
}

function append(descriptor: number): void {
  for (let turn = 0; turn < TURNS; turn++) {
    writeSync(descriptor, value);
    fdatasyncSync(descriptor);
  }
}

/** @param parent a folder on the disk to measure */
export async function measureStorage(parent: string = tmpdir()): Promise<StorageRow[]> {
  const folder = mkdtempSync(join(parent, "quorate-bench-"));
  const storageKeys = [storageKey(generateStorageKey(random))];
  const options = { networkHash: new Uint8Array(32), node: "bench", random, storageKeys };
  const queue = new RecordQueue(openRecords(join(folder, "node.db"), options));
  const postgres = await startPostgres(parent);
  const remote = await openPostgres(await postgres.fresh(), options);
  const raw = openSync(join(folder, "raw"), "a");
  const ways: readonly (readonly [name: string, batches: number, run: () => void | Promise<void>])[] = [
    ["raw append + fdatasync", 1, () => append(raw)],
    ["one batch a commit", 1, () => turns(queue, 1, false)],
    ["one batch a commit, sealed", 1, () => turns(queue, 1, true)],
    [`${TOGETHER} batches a commit`, TOGETHER, () => turns(queue, TOGETHER, false)],
    ["Postgres, one batch a commit", 1, () => turns(remote, 1, false)],
    [`Postgres, ${TOGETHER} batches a commit`, TOGETHER, () => turns(remote, TOGETHER, false)],
  ];
  const rates = ways.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, [, batches, run]] of ways.entries()) {
      const start = performance.now();
      await run();
      rates[at]!.push((TURNS * batches * 1000) / (performance.now() - start));
    }
  }
  queue.close();
  await remote.close();
  await postgres.stop();
  closeSync(raw);
  rmSync(folder, { recursive: true });
  const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[ROUNDS >> 1]!;
  return ways.map(([name], at) => ({
    name,
    perSecond: median(rates[at]!),
    ratio: median(rates[at]!.map((rate, round) => rate / rates[0]![round]!)),
  }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { name, perSecond, ratio } of await measureStorage(process.argv[2])) {
    console.log(`${name.padEnd(32)} ${perSecond.toFixed(0).padStart(7)}/s   ${ratio.toFixed(2)}`);
  }
}
