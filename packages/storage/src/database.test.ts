import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { options } from "../test/options.ts";
import { openDatabase } from "./database.ts";
import { createKeyFile } from "./key-file.ts";
import { RecordQueue } from "./record-queue.ts";
import { openRecords } from "./records.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "quorate-database-"));
  path = join(folder, "node.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

const code = (value: string) => expect.objectContaining({ name: "StorageError", code: value });
const key = (id: string) => ({ kind: "request", id, epoch: 0 });
const put = (id: string) => ({ ...key(id), value: new TextEncoder().encode(`record ${id} `.padEnd(900)) });

function fill(count: number): void {
  const records = openRecords(path, options);
  for (let at = 0; at < count; at++) records.write([put(String(at))]);
  records.close();
}

describe("opening", () => {
  test("asks SQLite to sync its log before it carries it over, which is all that is left to it", () => {
    const db = openDatabase(path);
    const setting = (name: string) => Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
    const NORMAL = 1;
    expect([setting("journal_mode"), setting("synchronous"), setting("fullfsync")]).toEqual(["wal", NORMAL, 1]);
    db.close();
  });

  test("a database that another process has is refused, and free once that one is killed", async () => {
    const file = join(folder, "storage.key");
    createKeyFile(file, options.random);
    const writer = join(import.meta.dirname, "../test/writer-process.ts");
    const child = spawn(process.execPath, [writer, path, file, "0"], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      await once(child.stdout, "data");
      child.kill("SIGSTOP");
      const message = expect.stringContaining(`${path} is in use by another process`);
      expect(() => openRecords(path, options)).toThrow(expect.objectContaining({ code: "in_use", message }));
    } finally {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    expect(() => openRecords(path, options)).toThrow(code("wrong_storage_key")); // it got as far as reading
  }, 60_000);

  test("another program's database, and a file that is none, are left as they are", () => {
    const foreign = new DatabaseSync(path);
    foreign.exec("CREATE TABLE notes (text); INSERT INTO notes VALUES ('mine')");
    foreign.close();
    const before = readFileSync(path);
    expect(() => openRecords(path, options)).toThrow(code("not_records"));
    expect(readFileSync(path)).toEqual(before);

    writeFileSync(path, "a letter to my mother".repeat(100));
    expect(() => openRecords(path, options)).toThrow(code("not_records"));
    expect(readFileSync(path, "utf8")).toBe("a letter to my mother".repeat(100));
  });

  test("a newer format is refused with the way out", () => {
    fill(1);
    const db = new DatabaseSync(path);
    db.exec("PRAGMA user_version = 2");
    db.close();
    expect(() => openRecords(path, options)).toThrow(code("newer_format"));
    expect(() => openRecords(path, options)).toThrow("use the version that wrote it, or a newer one");
  });

  test("the database of another node or network is refused by name", () => {
    fill(1);
    expect(() => openRecords(path, { ...options, node: "ohio" })).toThrow(code("other_owner"));
    expect(() => openRecords(path, { ...options, node: "ohio" })).toThrow("belongs to virginia");
    expect(() => openRecords(path, { ...options, networkHash: new Uint8Array(32) })).toThrow(code("other_owner"));
  });

  test("a path that cannot be opened is said", () => {
    expect(() => openRecords(join(folder, "none", "node.db"), options)).toThrow(code("unreadable"));
    expect(() => openRecords(folder, options)).toThrow(code("unreadable"));
  });

  test("a refused open holds no lock", () => {
    fill(1);
    expect(() => openRecords(path, { ...options, node: "ohio" })).toThrow(code("other_owner"));
    openRecords(path, options).close();
  });
});

describe("a damaged database", () => {
  const PAGE = 4096;
  function overwrite(offset: number): void {
    const start = Math.floor(offset / PAGE) * PAGE;
    writeFileSync(path, readFileSync(path).fill(0xff, start, start + PAGE));
  }
  /** Overwrites the page that record `id` lies on. */
  const damage = (id: string) => overwrite(readFileSync(path).indexOf(`record ${id} `));

  test("reads as corrupt_record where it is damaged, and serves the rest", () => {
    fill(60);
    damage("30");
    const records = openRecords(path, options);
    const [damaged, intact] = records.read([key("30"), key("1")]);
    expect(damaged).toEqual({ state: "faulty", fault: "corrupt_record" });
    expect(intact).toMatchObject({ state: "present" });
    records.close();
  });

  test("lists what is damaged by name", () => {
    fill(60);
    damage("30");
    const records = openRecords(path, options);
    const listed = records.list({ kind: "request", limit: 60 });
    expect(listed.map(({ id }) => Number(id))).toEqual(Array.from({ length: 60 }, (_, at) => at));
    const damaged = listed.filter(({ record }) => record.state === "faulty").map(({ id }) => id);
    expect(damaged).toContain("30");
    expect(damaged.length).toBeLessThan(6);
    records.close();
  });

  test("never lists as if it were complete", () => {
    fill(60);
    const db = new DatabaseSync(path);
    const root = db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'records_by_kind'").get()?.rootpage;
    db.close();
    overwrite((Number(root) - 1) * PAGE);
    const records = openRecords(path, options);
    const listed = records.list({ kind: "request", limit: 60 });
    expect(listed.at(-1)).toMatchObject({ id: "", record: { state: "faulty", fault: "corrupt_record" } });
    expect(records.read([key("30")])).toMatchObject([{ state: "present" }]);
    records.close();
  });

  test("a read that it refuses inside a transaction ends that at once", () => {
    fill(60);
    damage("30");
    const records = openRecords(path, options);
    const batch = records.prepare([put("new")]);
    let wentOn = false;
    const work = () => {
      records.apply(batch);
      records.read([key("30")]);
      wentOn = true;
    };
    expect(records.commit(work)).toBe("io_error");
    expect(wentOn).toBe(false);
    expect(records.read([key("new")])).toEqual([{ state: "absent" }]);
    records.close();
  });

  test("a read that it refuses takes no write of the same turn down", async () => {
    fill(60);
    damage("30");
    const queue = new RecordQueue(openRecords(path, options));
    const log: unknown[] = [];
    queue.write([put("1")], (result) => log.push(result));
    await new Promise<void>((resolve) => {
      queue.read([key("30"), key("1")], (found) => resolve(void log.push(...found.map(({ state }) => state))));
    });
    expect(log).toEqual(["ok", "faulty", "present"]);
    queue.close();
  });
});

test("a deleted record is gone from the files", () => {
  fill(3);
  const records = openRecords(path, options);
  records.write([{ ...key("1"), value: null }]);
  records.close();
  expect(readFileSync(path).includes("record 2 ")).toBe(true);
  expect(readFileSync(path).includes("record 1 ")).toBe(false);
});
