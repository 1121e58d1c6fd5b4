import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import type { RecordWrite, WriteResult } from "@quorate/orders";
import { generateStorageKey, storageKey } from "@quorate/vault";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openDatabase } from "./database.ts";
import { Log } from "./log.ts";
import { RecordQueue } from "./record-queue.ts";
import { openRecords, Records } from "./records.ts";

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const options = {
  networkHash: new Uint8Array(32),
  node: "virginia",
  random,
  storageKeys: [storageKey(generateStorageKey(random))],
  maxBytes: 1 << 18,
};
const key = (id: string) => ({ kind: "request", id, epoch: 0 });
const put = (id: string, size = 1): RecordWrite => ({ ...key(id), value: new Uint8Array(size).fill(5) });
const TOO_MUCH = 1 << 19;

/** Syncs, and keeps to itself that it has until it is told what to say of it. */
class HeldLog extends Log {
  readonly #waiting: (() => void)[] = [];
  readonly #held: ((error: Error | null) => void)[] = [];

  override sync(done: (error: Error | null) => void): void {
    super.sync((error) => {
      this.#held.push((given) => done(given ?? error));
      this.#waiting.shift()?.();
    });
  }

  /** Until there is one to release. */
  async synced(): Promise<void> {
    if (this.#held.length === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  release(error: Error | null = null): void {
    this.#held.shift()?.(error);
  }
}

let folder: string;
let records: Records;
let queue: RecordQueue;
let log: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "quorate-queue-"));
  records = openRecords(join(folder, "node.db"), options);
  queue = new RecordQueue(records);
  log = [];
});
afterEach(() => {
  queue.close();
  rmSync(folder, { recursive: true });
});

function write(name: string, batch: readonly RecordWrite[]): void {
  queue.write(batch, (result: WriteResult) => log.push(`${name} ${result}`));
}

function read(id: string): void {
  queue.read([key(id)], ([record]) => log.push(`${id} ${record?.state}`));
}

/** Until all that was submitted is answered. */
function answered(): Promise<void> {
  return new Promise((resolve) => queue.read([], () => resolve()));
}

test("what is written while the disk syncs is one transaction, answered after it, in order", async () => {
  for (const id of ["a", "b", "c", "d"]) write(id, [put(id)]);
  expect(log).toEqual([]);
  expect(records.stats).toMatchObject({ commits: 1, batches: 1 });
  await answered();
  expect(log).toEqual(["a ok", "b ok", "c ok", "d ok"]);
  expect(records.stats).toMatchObject({ commits: 2, batches: 4 });
});

describe("while the disk syncs", () => {
  const path = () => join(folder, "held.db");
  let held: HeldLog;
  beforeEach(() => {
    queue.close();
    const db = openDatabase(path());
    held = new HeldLog(path());
    records = new Records(db, path(), options, held);
    queue = new RecordQueue(records);
  });

  test("nothing is answered that was submitted since, nor the write itself", async () => {
    write("a", [put("a")]);
    read("a");
    write("b", [put("b")]);
    await held.synced();
    await turn();
    expect(log).toEqual([]);
    held.release();
    await held.synced();
    expect(log).toEqual(["a ok"]);
    held.release();
    expect(log).toEqual(["a ok", "a present", "b ok"]);
  });

  test("closing answers all of it, once", async () => {
    write("a", [put("a")]);
    write("b", [put("b")]);
    queue.close();
    expect(log).toEqual(["a ok", "b ok"]);
    await held.synced();
    held.release();
    expect(log).toEqual(["a ok", "b ok"]);
    records = openRecords(path(), options);
    queue = new RecordQueue(records);
    expect(records.read([key("a"), key("b")]).map(({ state }) => state)).toEqual(["present", "present"]);
  });

  test("and fails, all that is under way and comes after is io_error or faulty, until the database is opened anew", async () => {
    write("a", [put("a")]);
    read("a");
    queue.list({ kind: "request", limit: 9 }, ([found]) => log.push(`listed ${found?.record.state}`));
    await held.synced();
    held.release(new Error("EIO"));
    write("b", [put("b")]);
    await held.synced();
    held.release();
    expect(log).toEqual(["a io_error", "a faulty", "listed faulty", "b io_error"]);
    expect(records.write([put("c")])).toBe("io_error");
    queue.close();
    records = openRecords(path(), options);
    queue = new RecordQueue(records);
    expect(records.write([put("d")])).toBe("ok");
  });
});

test("a read sees what was submitted before it, and nothing submitted after", async () => {
  read("a");
  write("a", [put("a")]);
  read("a");
  queue.list({ kind: "request", limit: 9 }, (listed) => log.push(`listed ${listed.length}`));
  write("gone", [{ ...key("a"), value: null }]);
  read("a");
  await answered();
  expect(log).toEqual(["a absent", "a ok", "a present", "listed 1", "gone ok", "a absent"]);
});

test("a batch that does not fit is no_space and takes no other down; none of it stays", async () => {
  write("a", [put("a")]);
  write("big", [put("b"), put("big", TOO_MUCH)]);
  write("c", [put("c")]);
  for (const id of ["a", "b", "big", "c"]) read(id);
  await answered();
  expect(log).toEqual(["a ok", "big no_space", "c ok", "a present", "b absent", "big absent", "c present"]);
});

test("a full database serves on, and takes writes again once there is room", async () => {
  const size = 1 << 14;
  for (let at = 0; at < 20; at++) write("fill", [put(`fill ${at}`, size)]);
  await answered();
  expect(log).toContain("fill no_space");
  log = [];
  write("more", [put("more", size)]);
  read("fill 0");
  await answered();
  expect(log).toEqual(["more no_space", "fill 0 present"]);
  write("room", [{ ...key("fill 0"), value: null }]);
  write("again", [put("more", size)]);
  await answered();
  expect(log.slice(2)).toEqual(["room ok", "again ok"]);
});

test("a batch that can never be written is thrown at its writer, and the others are written", async () => {
  write("a", [put("a")]);
  expect(() => write("bad", [{ ...put("b"), epoch: -1 }])).toThrow("not an epoch");
  await answered();
  expect(log).toEqual(["a ok"]);
});

test("what is submitted while answers are given goes into the next transaction", async () => {
  queue.write([put("a")], () => write("b", [put("b")]));
  await answered();
  await answered();
  expect(log).toEqual(["b ok"]);
  expect(records.stats.batches).toBe(2);
});

test("rotating the key first finishes what was sealed under the old one", async () => {
  write("a", [{ ...put("a"), secret: true }]);
  expect(queue.rotate(storageKey(generateStorageKey(random))).resealed).toBe(1);
  expect(log).toEqual(["a ok"]);
  read("a");
  await answered();
  expect(log).toEqual(["a ok", "a present"]);
});

test("closing first does what was submitted", () => {
  write("a", [put("a")]);
  queue.close();
  expect(log).toEqual(["a ok"]);
  records = openRecords(join(folder, "node.db"), options);
  queue = new RecordQueue(records);
  expect(records.read([key("a")])).toMatchObject([{ state: "present" }]);
});
