import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ApiRecords } from "@quorate/api";
import { MemoryRecords } from "@quorate/api";
import { openStore, type RecordStore } from "@quorate/storage";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { StoredApiRecords } from "./api-records.ts";

let folder: string;
let store: RecordStore;
let now: number;

const open = () =>
  openStore(join(folder, "records.db"), {
    networkHash: new Uint8Array(32),
    node: "coordinator",
    random: (length) => new Uint8Array(randomBytes(length)),
  });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "quorate-"));
  store = await open();
  now = 1000;
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const KINDS: Readonly<Record<string, () => ApiRecords>> = {
  "in memory": () => new MemoryRecords(() => now),
  "in a database": () => new StoredApiRecords(store, () => now, { shared: false }),
  "in a database that coordinators share": () => new StoredApiRecords(store, () => now, { shared: true }),
};
const record = (id: string, kind = "session", scope = "org/user") => ({
  kind,
  id,
  scope,
  value: { id },
  expires: 2000,
});

describe.each(Object.keys(KINDS))("what the API remembers %s", (name) => {
  let records: ApiRecords;
  beforeEach(() => {
    records = KINDS[name]!();
  });

  it.each(["session", "challenge"])("is there until it expires (%s)", async (kind) => {
    await records.put(record("a", kind));
    expect(await records.get(kind, "a")).toEqual(record("a", kind));
    now = 2001;
    expect(await records.get(kind, "a")).toBeUndefined();
    expect(await records.take(kind, "a")).toBeUndefined();
  });

  it.each(["code", "user-action"])("goes to one of those that take it at once (%s)", async (kind) => {
    await records.put(record("a", kind));
    const taken = await Promise.all([1, 2, 3].map(() => records.take(kind, "a")));
    expect(taken.filter((one) => one !== undefined)).toHaveLength(1);
    expect(await records.get(kind, "a")).toBeUndefined();
  });

  it("is listed, oldest first, and ended by scope", async () => {
    for (const id of ["a", "b", "c"]) await records.put(record(id));
    await records.put(record("d", "session", "org/other"));
    expect((await records.list("session", "org/user")).map((one) => one.id)).toEqual(["a", "b", "c"]);
    await records.end("session", "org/user");
    expect(await records.list("session", "org/user")).toEqual([]);
    expect(await records.get("session", "d")).toBeDefined();
  });
});

describe("what the API remembers in a database", () => {
  it("outlives the process, and is erased once it has expired", async () => {
    await KINDS["in a database"]!().put(record("a"));
    await store.close();
    store = await open();
    const again = new StoredApiRecords(store, () => now, { shared: false });
    expect(await again.get("session", "a")).toEqual(record("a"));
    now = 2001;
    await again.sweep();
    now = 1000;
    expect(await again.get("session", "a")).toBeUndefined();
  });
});
