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
const present = (value: string) => ({ state: "present", value: text(value) });
const faulty = (fault: string) => ({ state: "faulty", fault });

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

/** Changes the closed database behind the back of `Records`. */
function tamper(sql: string, ...values: (string | Uint8Array)[]): void {
  const db = new DatabaseSync(path);
  expect(db.prepare(sql).run(...values).changes).toBeGreaterThan(0);
  db.close();
}

function stored(id: string): Uint8Array {
  const db = new DatabaseSync(path);
  const value = db.prepare("SELECT value FROM records WHERE id = ?").get(id)?.value;
  db.close();
  return value as Uint8Array;
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

describe("records", () => {
  test("are read back after reopening, absent ones as absent, in the order asked", () => {
    const first = openAt();
    expect(first.write([put("a"), put("b"), put("a", "later", { epoch: 1 })])).toBe("ok");
    first.close();
    const answers = openAt().read([{ ...key, epoch: 1 }, { ...key, id: "none" }, { ...key, id: "b" }, key]);
    expect(answers).toEqual([present("later"), { state: "absent" }, present("b"), present("a")]);
  });

  test("are overwritten and deleted", () => {
    const records = openAt();
    records.write([put("a"), put("b")]);
    records.write([put("a", "new"), { ...key, id: "b", value: null }, { ...key, id: "never", value: null }]);
    expect(records.read([key, { ...key, id: "b" }])).toEqual([present("new"), { state: "absent" }]);
  });

  test("may be empty", () => {
    const records = openAt(sealing);
    records.write([put("a", ""), put("b", "", { secret: true })]);
    expect(records.read([key, { ...key, id: "b" }])).toEqual([present(""), present("")]);
  });

  test("a batch that can never be written is thrown, and leaves nothing", () => {
    const records = openAt();
    expect(() => records.write([put("a"), put("b", "", { epoch: 0.5 })])).toThrow("not an epoch");
    expect(() => records.write([put("a"), put("b", "", { epoch: -1 })])).toThrow("not an epoch");
    expect(() => records.write([put("a"), put("b", "", { secret: true })])).toThrow("no storage key");
    expect(() => records.write([put("a"), { ...key, kind: "share", value: text("x") }])).toThrow("no storage key");
    expect(() => records.write([{ ...key, value: new Uint8Array((1 << 24) + 1) }])).toThrow("at most");
    expect(records.read([key])).toEqual([{ state: "absent" }]);
  });

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
});

describe("a list", () => {
  const ids = (records: Records, query: object) =>
    records.list({ kind: "request", limit: 10, ...query }).map(({ id }) => id);

  test("holds one kind, and one scope if asked, oldest or newest first, page by page", () => {
    const records = openAt();
    for (const id of ["a", "b", "c", "d"]) records.write([put(id, id, { scope: id < "c" ? "k1" : "k2" })]);
    records.write([{ ...key, kind: "other", id: "x", value: text("x") }, put("e")]);
    expect(ids(records, {})).toEqual(["a", "b", "c", "d", "e"]);
    expect(ids(records, { scope: "k1" })).toEqual(["a", "b"]);
    expect(ids(records, { scope: "" })).toEqual(["e"]);
    expect(ids(records, { newestFirst: true, limit: 2 })).toEqual(["e", "d"]);
    const [, second] = records.list({ kind: "request", limit: 2 });
    expect(ids(records, { after: second?.cursor })).toEqual(["c", "d", "e"]);
    expect(ids(records, { after: second?.cursor, newestFirst: true })).toEqual(["a"]);
    expect(second).toEqual({ ...key, id: "b", cursor: expect.any(Number), record: present("b") });
  });

  test("keeps the place of a record that is overwritten, and gives no place twice", () => {
    const records = openAt();
    records.write([put("a"), put("b"), put("c")]);
    const last = records.list({ kind: "request", limit: 3 })[2]?.cursor ?? 0;
    records.write([put("a", "new"), { ...key, id: "c", value: null }]);
    records.write([put("d")]);
    expect(ids(records, {})).toEqual(["a", "b", "d"]);
    expect(ids(records, { after: last })).toEqual(["d"]);
  });
});

describe("faults", () => {
  const share = (id: string): RecordWrite => ({ kind: "share", id, epoch: 1, value: text(`share ${id}`) });
  const read = (records: Records, ...ids: string[]) => records.read(ids.map((id) => ({ kind: "share", id, epoch: 1 })));

  test("a flipped bit, swapped rows and a foreign key are three faults by name; the other records serve", () => {
    const records = openAt(sealing);
    records.write(["a", "b", "c", "d", "e"].map(share));
    records.close();
    const stranger = openAt({ ...options, storageKeys: [newKey()] }, join(folder, "stranger.db"));
    const foreign = stranger.prepare([share("d")]).writes[0]?.row?.value ?? new Uint8Array();

    const [a, b, c] = ["a", "b", "c"].map(stored);
    a![60]! ^= 4;
    for (const [id, value] of Object.entries({ a, b: c, c: b, d: foreign })) {
      tamper("UPDATE records SET value = ? WHERE id = ?", value!, id);
    }

    const again = openAt(sealing);
    const expected = [
      faulty("corrupt_record"),
      faulty("swapped_record"),
      faulty("swapped_record"),
      faulty("wrong_storage_key"),
      present("share e"),
    ];
    expect(read(again, "a", "b", "c", "d", "e")).toEqual(expected);
    expect(again.list({ kind: "share", limit: 9 }).map(({ record }) => record)).toEqual(expected);
    expect(again.stats.faults).toBe(8);
    expect(again.write([share("a")])).toBe("ok");
    expect(read(again, "a")).toEqual([present("share a")]);
  });

  test("a share that somebody put there unsealed is not believed, whatever the row says", () => {
    const records = openAt(sealing);
    records.write([share("a")]);
    const [forged] = openAt({ ...options, sealedKinds: new Set() }, join(folder, "forger.db")).prepare([
      share("a"),
    ]).writes;
    records.close();
    tamper("UPDATE records SET sealed = 0, value = ? WHERE id = 'a'", forged?.row?.value ?? new Uint8Array());
    expect(read(openAt(sealing), "a")).toEqual([faulty("unknown_format")]);
  });

  test("a flipped bit in a record that is no secret is found as well", () => {
    const records = openAt();
    records.write([put("a"), put("b")]);
    records.close();
    tamper("UPDATE records SET value = CAST(replace(value, 'a', 'c') AS BLOB) WHERE id = 'a'");
    expect(openAt().read([key, { ...key, id: "b" }])).toEqual([faulty("corrupt_record"), present("b")]);
  });

  test("no secret stands in the files", () => {
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
