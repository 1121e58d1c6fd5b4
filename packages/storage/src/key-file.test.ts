import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { storageKeyId } from "@quorate/vault";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { options } from "../test/options.ts";
import { createKeyFile, loadStorageKeys, openSealedRecords, rotateKeyFile } from "./key-file.ts";
import { openRecords, type Records } from "./records.ts";

let folder: string;
let path: string;
let file: string;
let opened: Records | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "quorate-key-file-"));
  path = join(folder, "node.db");
  file = join(folder, "storage.key");
});
afterEach(() => {
  close();
  rmSync(folder, { recursive: true });
});

const share = (id: string) => ({ kind: "share", id, epoch: 1 });
const all = ["a", "b", "c"].map(share);

function openAgain(): Records {
  close();
  opened = openSealedRecords(path, { file }, options);
  return opened;
}
function close(): void {
  opened?.close();
  opened = undefined;
}
function fill(): Records {
  createKeyFile(file, options.random);
  const records = openAgain();
  records.write(all.map((key) => ({ ...key, value: new TextEncoder().encode(`share ${key.id}`) })));
  return records;
}
const texts = (records: Records) =>
  records.read(all).map((record) => (record.state === "present" ? new TextDecoder().decode(record.value) : record));
const idOf = (name: string) => loadStorageKeys({ file: name }).map(storageKeyId);
const code = (value: string) => expect.objectContaining({ name: "StorageError", code: value });
const INTACT = ["share a", "share b", "share c"];

describe("a key file", () => {
  test("is made for its owner only, and holds the key that it gave", () => {
    const key = createKeyFile(file, options.random);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(idOf(file)).toEqual([storageKeyId(key)]);
    expect(loadStorageKeys({ text: readFileSync(file, "utf8") }).map(storageKeyId)).toEqual(idOf(file));
  });

  test("is never written over", () => {
    createKeyFile(file, options.random);
    const before = readFileSync(file, "utf8");
    expect(() => createKeyFile(file, options.random)).toThrow(code("key_file_exists"));
    expect(readFileSync(file, "utf8")).toBe(before);
  });

  test("that others can reach is refused with the command that closes it", () => {
    createKeyFile(file, options.random);
    for (const mode of [0o640, 0o604, 0o620, 0o601]) {
      chmodSync(file, mode);
      expect(() => loadStorageKeys({ file })).toThrow(code("key_file_open_to_others"));
      expect(() => loadStorageKeys({ file })).toThrow(`chmod 600 ${file}`);
    }
    chmodSync(file, 0o400);
    expect(loadStorageKeys({ file })).toHaveLength(1);
  });

  test("that is missing or malformed is refused by name, and not shown", () => {
    expect(() => loadStorageKeys({ file })).toThrow(code("key_file_missing"));
    writeFileSync(file, "quorate-storage-key-1:c2VjcmV0\n", { mode: 0o600 });
    expect(() => loadStorageKeys({ file })).toThrow(code("key_file_invalid"));
    expect(() => loadStorageKeys({ file })).toThrow(file);
    expect(() => loadStorageKeys({ file })).not.toThrow("c2VjcmV0");
    expect(() => loadStorageKeys({ text: "" })).toThrow(code("key_file_invalid"));
    expect(() => loadStorageKeys({ file: folder })).toThrow(`${folder} is not a file`);
  });

  test("of another database does not open this one, and changes nothing", () => {
    fill();
    close();
    const other = join(folder, "other.key");
    createKeyFile(other, options.random);
    expect(() => openSealedRecords(path, { file: other }, options)).toThrow(code("wrong_storage_key"));
    expect(() => openRecords(path, options)).toThrow(code("wrong_storage_key"));
    expect(texts(openAgain())).toEqual(INTACT);
  });
});

describe("rotation", () => {
  test("seals every record under a new key, and the old one opens nothing any more", () => {
    const records = fill();
    const old = readFileSync(file, "utf8");
    const before = records.storageKeyId;
    expect(rotateKeyFile(records, file, options.random)).toEqual({ resealed: 3, faulty: [] });
    expect(records.storageKeyId).not.toBe(before);
    expect(idOf(file)).toEqual([records.storageKeyId]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(existsSync(`${file}.next`)).toBe(false);
    expect(texts(records)).toEqual(INTACT);
    expect(texts(openAgain())).toEqual(INTACT);
    close();
    expect(() => openSealedRecords(path, { text: old }, options)).toThrow(code("wrong_storage_key"));
  });

  test("leaves nothing under the old key in the files", () => {
    const records = fill();
    const old = records.prepare(all.map((key) => ({ ...key, value: new Uint8Array(64) })));
    records.commit(() => records.apply(old));
    rotateKeyFile(records, file, options.random);
    const files = [path, `${path}-wal`].map((name) => readFileSync(name));
    for (const { row } of old.writes) {
      for (const bytes of files) expect(bytes.includes(Buffer.from(row?.value ?? []))).toBe(false);
    }
  });

  test("leaves a faulty record as it is, and names it", () => {
    fill();
    close();
    const db = new DatabaseSync(path);
    db.exec("UPDATE records SET value = (SELECT value FROM records WHERE id = 'a') WHERE id = 'b'");
    const before = db.prepare("SELECT value FROM records WHERE id = 'b'").get();
    db.close();
    const rotated = rotateKeyFile(openAgain(), file, options.random);
    expect(rotated).toEqual({ resealed: 2, faulty: [{ ...share("b"), fault: "swapped_record" }] });
    close();
    const after = new DatabaseSync(path);
    expect(after.prepare("SELECT value FROM records WHERE id = 'b'").get()).toEqual(before);
    after.close();
  });

  test("that fails leaves the old key in force and no next one", () => {
    fill();
    close();
    let asked = 0;
    const random = (length: number) => {
      asked += 1;
      if (asked === 3) throw new Error("no more random bytes");
      return options.random(length);
    };
    opened = openSealedRecords(path, { file }, { ...options, random });
    const before = opened.storageKeyId;
    expect(() => rotateKeyFile(opened!, file, random)).toThrow("no more random bytes");
    expect(existsSync(`${file}.next`)).toBe(false);
    expect(opened.storageKeyId).toBe(before);
    expect(texts(opened)).toEqual(INTACT);
    expect(texts(openAgain())).toEqual(INTACT);
  });

  test("refuses a file that does not hold the key in force", () => {
    const records = fill();
    const other = join(folder, "other.key");
    createKeyFile(other, options.random);
    expect(() => rotateKeyFile(records, other, options.random)).toThrow(code("wrong_storage_key"));
    expect(existsSync(`${other}.next`)).toBe(false);
  });

  for (const where of ["before-next-key", "first-record", "last-record", "before-rename"]) {
    test(`killed at ${where} is finished or undone by the next start`, () => {
      const before = fill().storageKeyId;
      close();
      const child = join(import.meta.dirname, "../test/rotator-process.ts");
      const { signal, stderr } = spawnSync(process.execPath, [child, path, file, where], { encoding: "utf8" });
      expect({ signal, stderr }).toEqual({ signal: "SIGKILL", stderr: "" });
      expect(existsSync(`${file}.next`)).toBe(where !== "before-next-key");

      const records = openAgain();
      expect(texts(records)).toEqual(INTACT);
      expect(records.storageKeyId === before).toBe(where !== "before-rename");
      expect(idOf(file)).toEqual([records.storageKeyId]);
      expect(existsSync(`${file}.next`)).toBe(false);
      expect(rotateKeyFile(records, file, options.random).resealed).toBe(3);
    }, 60_000);
  }

  test("killed while the next key was half written is undone by the next start", () => {
    fill();
    writeFileSync(`${file}.next`, "quorate-storage-key-1:AAAA", { mode: 0o600 });
    expect(texts(openAgain())).toEqual(INTACT);
    expect(existsSync(`${file}.next`)).toBe(false);
  });
});
