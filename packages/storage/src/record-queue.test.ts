import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import type { RecordWrite, WriteResult } from "@quorate/orders";
import { generateStorageKey, storageKey } from "@quorate/vault";
import { afterEach, beforeEach, expect, test } from "vitest";
import { RecordQueue } from "./record-queue.ts";
import { openRecords, type Records } from "./records.ts";

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

test("all writes of one turn are one transaction, answered after it, in order", async () => {
  for (const id of ["a", "b", "c"]) write(id, [put(id)]);
  expect(log).toEqual([]);
  await turn();
  expect(log).toEqual(["a ok", "b ok", "c ok"]);
  expect(records.stats).toMatchObject({ commits: 1, batches: 3 });
  write("d", [put("d")]);
  await turn();
  expect(records.stats).toMatchObject({ commits: 2, batches: 4 });
});

test("nothing is answered before its transaction has ended", async () => {
  const commits: number[] = [];
  queue.write([put("a")], () => commits.push(records.stats.commits));
  queue.read([key("a")], () => commits.push(records.stats.commits));
  await turn();
  expect(commits).toEqual([1, 1]);
});

test("a read sees what was submitted before it, and nothing submitted after", async () => {
  read("a");
  write("a", [put("a")]);
  read("a");
  queue.list({ kind: "request", limit: 9 }, (listed) => log.push(`listed ${listed.length}`));
  write("gone", [{ ...key("a"), value: null }]);
  read("a");
  await turn();
  expect(log).toEqual(["a absent", "a ok", "a present", "listed 1", "gone ok", "a absent"]);
});

test("a batch that does not fit is no_space and takes no other down; none of it stays", async () => {
  write("a", [put("a")]);
  write("big", [put("b"), put("big", TOO_MUCH)]);
  write("c", [put("c")]);
  for (const id of ["a", "b", "big", "c"]) read(id);
  await turn();
  expect(log).toEqual(["a ok", "big no_space", "c ok", "a present", "b absent", "big absent", "c present"]);
});

test("a full database serves on, and takes writes again once there is room", async () => {
  const size = 1 << 14;
  for (let at = 0; at < 20; at++) write("fill", [put(`fill ${at}`, size)]);
  await turn();
  expect(log).toContain("fill no_space");
  log = [];
  write("more", [put("more", size)]);
  read("fill 0");
  await turn();
  expect(log).toEqual(["more no_space", "fill 0 present"]);
  write("room", [{ ...key("fill 0"), value: null }]);
  write("again", [put("more", size)]);
  await turn();
  expect(log.slice(2)).toEqual(["room ok", "again ok"]);
});

test("a batch that can never be written is thrown at its writer, and the others are written", async () => {
  write("a", [put("a")]);
  expect(() => write("bad", [{ ...put("b"), epoch: -1 }])).toThrow("not an epoch");
  await turn();
  expect(log).toEqual(["a ok"]);
});

test("what is submitted while answers are given goes into the next transaction", async () => {
  queue.write([put("a")], () => write("b", [put("b")]));
  await turn();
  await turn();
  expect(log).toEqual(["b ok"]);
  expect(records.stats.commits).toBe(2);
});

test("rotating the key first finishes what was sealed under the old one", async () => {
  write("a", [{ ...put("a"), secret: true }]);
  expect(queue.rotate(storageKey(generateStorageKey(random))).resealed).toBe(1);
  expect(log).toEqual(["a ok"]);
  read("a");
  await turn();
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
