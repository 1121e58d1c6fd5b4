import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { RecordWrite } from "@quorate/orders";
import { generateStorageKey, type StorageKey, storageKey } from "@quorate/vault";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openRecords, type Records, type RecordsOptions } from "./records.ts";

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const newKey = (): StorageKey => storageKey(generateStorageKey(random));
const text = (value: string) => new TextEncoder().encode(value);
const key = { kind: "request", id: "a", epoch: 0 };
const put = (id: string, value = id, more: Partial<RecordWrite> = {}): RecordWrite => ({
  ...key,
  id,
  value: text(value),
  ...more,
});

let folder: string;
let path: string;
const options: RecordsOptions = { networkHash: new Uint8Array(32).fill(1), node: "virginia", random };
const sealing: RecordsOptions = { ...options, storageKeys: [newKey()] };
const opened: Records[] = [];

function openAt(more: RecordsOptions = options, at = path): Records {
  const records = openRecords(at, more);
  opened.push(records);
  return records;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "quorate-records-"));
  path = join(folder, "node.db");
});
afterEach(() => {
  for (const records of opened.splice(0)) {
    try {
      records.close();
    } catch {
      // closed by the test itself
    }
  }
  rmSync(folder, { recursive: true });
});

describe("records in a file", () => {
  test("a batch that was sealed under a key before its rotation is not written", () => {
    const records = openAt(sealing);
    const batch = records.prepare([put("a", "a", { secret: true })]);
    records.rotate(newKey());
    expect(() => records.commit(() => records.apply(batch))).toThrow("rotated");
    expect(records.read([key])).toEqual([{ state: "absent" }]);
  });

  test("our own error inside a transaction undoes it and is thrown", () => {
    const records = openAt();
    const batch = records.prepare([put("a")]);
    const bug = () => {
      records.apply(batch);
      throw new TypeError("a bug");
    };
    expect(() => records.commit(bug)).toThrow("a bug");
    expect(records.read([key])).toEqual([{ state: "absent" }]);
    expect(records.write([put("b")])).toBe("ok");
    expect(records.stats).toEqual({ commits: 1, batches: 1, failures: 1, faults: 0 });
  });

  test("no secret stands in the files, which are their owner's to read", () => {
    const records = openAt(sealing);
    records.write([put("a", "very secret words", { secret: true }), put("b", "public words")]);
    records.close();
    const db = new DatabaseSync(path);
    const bytes = Buffer.from(db.prepare("SELECT group_concat(hex(value)) AS v FROM records").get()?.v as string);
    db.close();
    expect(bytes.includes(Buffer.from("public words").toString("hex").toUpperCase())).toBe(true);
    expect(bytes.includes(Buffer.from("very secret").toString("hex").toUpperCase())).toBe(false);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});
