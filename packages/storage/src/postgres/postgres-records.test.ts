import type { RecordWrite, WriteResult } from "@quorate/orders";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { asked } from "../../test/kinds.ts";
import { options } from "../../test/options.ts";
import type { StorageError } from "../error.ts";
import type { Change } from "../store.ts";
import { startPostgres, type TestPostgres } from "../testing/postgres.ts";
import { failureOf } from "./failure.ts";
import { openPostgres, type PostgresOptions, type PostgresRecords } from "./postgres-records.ts";

let postgres: TestPostgres;
let url: string;
let opened: PostgresRecords[] = [];

beforeAll(async () => {
  postgres = await startPostgres();
}, 60_000);
afterAll(() => postgres.stop(), 60_000);
beforeEach(async () => {
  url = await postgres.fresh();
});
afterEach(async () => {
  await Promise.all(opened.map((store) => store.close()));
  opened = [];
});

const key = (id: string) => ({ kind: "request", id, epoch: 0 });
const put = (id: string, more: Partial<RecordWrite> = {}): RecordWrite => ({
  ...key(id),
  value: new TextEncoder().encode(id),
  ...more,
});
const code = (value: string) => expect.objectContaining({ name: "StorageError", code: value });

async function open(more: Partial<PostgresOptions> = {}) {
  const store = await openPostgres(url, { ...options, ...more });
  opened.push(store);
  return { store, ...asked(store) };
}

/** Looks again until what is looked for is there. */
async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("a lost connection", () => {
  test("makes writes io_error at once, lets reads wait, and is replaced; what was acknowledged is there", async () => {
    const { store, read, write } = await open({ patienceMs: 600_000 });
    const acknowledged: string[] = [];
    const failed = Promise.withResolvers<void>();
    const results: WriteResult[] = [];
    const writeNext = (at: number) => {
      store.write([put(`${at}/a`), put(`${at}/b`)], (result) => {
        if (result === "ok") acknowledged.push(`${at}/a`, `${at}/b`);
        else {
          results.push(result);
          return failed.resolve();
        }
        writeNext(at + 1);
        if (at === 200) void postgres.crash();
      });
    };
    writeNext(0);
    await failed.promise;
    expect(await write(put("while it is down"))).toBe("io_error");
    const waiting = read(key("0/a"), key("none"));
    await postgres.restart();
    expect(await waiting).toMatchObject([{ state: "present" }, { state: "absent" }]);
    expect(await until(async () => (await write(put("later"))) === "ok")).toBe(true);

    expect(results).toEqual(["io_error"]);
    expect(acknowledged.length).toBeGreaterThan(400);
    const found = await read(...acknowledged.map(key), key("while it is down"));
    expect(found.filter(({ state }) => state !== "present")).toEqual([{ state: "absent" }]);
    const listed = await asked(store).list({ kind: "request", limit: 100_000 });
    const halves = new Map<string, number>();
    for (const { id } of listed) halves.set(id.split("/")[0]!, (halves.get(id.split("/")[0]!) ?? 0) + 1);
    expect([...halves].filter(([name, count]) => name !== "later" && count !== 2)).toEqual([]);
  }, 60_000);

  test("answers reads as unreachable when it stays away, and every list so that it does not look complete", async () => {
    const { read, list, write } = await open({ patienceMs: 50 });
    await write(put("a"));
    await postgres.crash();
    const answers = await Promise.all([read(key("a"), key("b")), list({ kind: "request", limit: 5 })]);
    await postgres.restart();
    const record = { state: "faulty", fault: "unreachable" };
    expect(answers).toEqual([[record, record], [{ kind: "request", id: "", epoch: 0, cursor: 0, record }]]);
    expect(await until(async () => (await read(key("a"))).find(({ state }) => state === "present"))).toBeDefined();
  }, 60_000);

  test("is no reason to end while nobody else took the database", async () => {
    let isTaken = false;
    const { read, write } = await open({ onTaken: () => (isTaken = true) });
    await write(put("a"));
    await postgres.disconnectAll();
    expect(await until(async () => (await write(put("b"))) === "ok")).toBe(true);
    expect(await read(key("a"), key("b"))).toMatchObject([{ state: "present" }, { state: "present" }]);
    expect(isTaken).toBe(false);
  }, 60_000);

  test("that another process made use of is the end: nothing is answered any more, and its holder is told", async () => {
    const taken = Promise.withResolvers<StorageError>();
    const first = await open({ onTaken: taken.resolve });
    await first.write(put("a"));
    const second = open();
    const waits = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
    await until(async () => (await postgres.run(url, waits)).rowCount === 1);
    await postgres.run(
      url,
      "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()",
    );
    const { store, write } = await second;
    expect(await write(put("b"))).toBe("ok");
    await store.close();
    let isOver = false;
    const answered = until(async () => isOver || (await first.write(put("a"))) === "ok");
    const message = expect.stringContaining("taken by another");
    expect(await Promise.race([taken.promise, answered])).toMatchObject({ code: "in_use", message });
    isOver = true;
    expect(await first.write(put("c"))).toBe("io_error");
    expect(await first.read(key("a"))).toEqual([{ state: "faulty", fault: "unreachable" }]);
  }, 60_000);
});

describe("several processes on one database", () => {
  test("hear of each other's writes and deletions, of the kinds that they ask for, and not of their own", async () => {
    const [one, two] = [await open({ shared: true }), await open({ shared: true })];
    const heard: Change[] = [];
    const last = Promise.withResolvers<void>();
    two.store.onChange("request", (change) => {
      heard.push(change);
      if (change !== "missed" && change.id === "last") last.resolve();
    });
    const end = two.store.onChange("request", () => heard.push("missed"));
    end();
    const long = "long".repeat(600);
    await two.write(put("own"));
    await one.write(put("a"), { ...put("b"), kind: "other" }, put(long));
    await one.write({ ...key("a"), value: null }, put("last"));
    await last.promise;
    expect(heard).toEqual([key("a"), key(long), key("a"), key("last")]);
    expect(await two.read(key("a"), key("last"))).toMatchObject([{ state: "absent" }, { state: "present" }]);
  });

  test("are told that they may have missed something once a lost connection is back", async () => {
    const { store } = await open({ shared: true });
    const change = new Promise<Change>((resolve) => store.onChange("request", resolve));
    await postgres.disconnectAll();
    expect(await change).toBe("missed");
  });

  test("race for a record, and exactly one of them gets it", async () => {
    const [one, two] = [await open({ shared: true }), await open({ shared: true })];
    const race = async (at: number) => {
      const first = (by: string) => put(`race ${at}`, { ifAbsent: true, value: new TextEncoder().encode(by) });
      const results = await Promise.all([
        one.write(put(`mark ${at} one`), first("one")),
        two.write(first("two"), put(`mark ${at} two`)),
      ]);
      const winner = results[0] === "ok" ? "one" : "two";
      expect(results.toSorted()).toEqual(["conflict", "ok"]);
      const [record, lost] = await one.read(key(`race ${at}`), key(`mark ${at} ${winner === "one" ? "two" : "one"}`));
      expect(record).toEqual({ state: "present", value: new TextEncoder().encode(winner) });
      expect(lost).toEqual({ state: "absent" });
    };
    await Promise.all(Array.from({ length: 100 }, (_, at) => race(at)));
  });

  test("keep one that wants it alone out, and the other way round", async () => {
    const { store } = await open({ shared: true });
    await expect(open()).rejects.toThrow(code("in_use"));
    await store.close();
    await open();
    await expect(open({ shared: true })).rejects.toThrow(code("in_use"));
  });
});

describe("a server that refuses", () => {
  test("for want of room is no_space, otherwise io_error, and takes no other batch down", async () => {
    const { store, read, write } = await open();
    await write(put("a"));
    const { rows } = await postgres.run(url, "SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE 'quorate_%'");
    await postgres.run(
      url,
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         RAISE EXCEPTION 'refused' USING ERRCODE = NEW.scope; END $$;
       CREATE TRIGGER refuse BEFORE INSERT ON ${rows[0].name}.records
         FOR EACH ROW WHEN (NEW.scope <> '') EXECUTE FUNCTION refuse()`,
    );
    const results: WriteResult[] = [];
    const batches = [[put("b")], [put("x"), put("c", { scope: "53100" })], [put("d", { scope: "58030" })], [put("e")]];
    for (const batch of batches) store.write(batch, (result) => results.push(result));
    const found = await read(key("b"), key("x"), key("e"));
    expect(results).toEqual(["ok", "no_space", "io_error", "ok"]);
    expect(found.map(({ state }) => state)).toEqual(["present", "absent", "present"]);
  });

  test("is told apart from a lost connection and from a mistake of ours", () => {
    const state = (sqlState: string) => Object.assign(new pg.DatabaseError("refused", 0, "error"), { code: sqlState });
    const failures = ["08006", "57P01", "23505", "40P01", "53100", "53200", "58030", "XX001", "XX002"].map((one) =>
      failureOf(state(one)),
    );
    const expected = ["lost", "lost", "conflict", "again", "no_space", "io_error", "io_error", "corrupt", "corrupt"];
    expect(failures).toEqual(expected);
    expect(() => failureOf(new TypeError("a bug"))).toThrow("a bug");
  });
});

describe("opening", () => {
  test("says what stands in the way, and never a password", async () => {
    const { port } = new URL(url);
    for (const wrong of [
      `postgres://postgres:open-sesame@127.0.0.1:${port}/postgres`,
      "postgres://postgres:open-sesame@127.0.0.1:1/postgres",
      "postgres://postgres:open-sesame@127.0.0.1:port/postgres",
    ]) {
      const refused = await openPostgres(wrong, options).catch((error: Error) => error);
      expect(refused).toEqual(code("unreadable"));
      expect(`${refused} ${(refused as Error).stack}`).not.toContain("open-sesame");
    }
  });

  test("leaves what is another program's as it is", async () => {
    const { store } = await open();
    await store.close();
    const { rows } = await postgres.run(url, "SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE 'quorate_%'");
    await postgres.run(url, `DROP TABLE ${rows[0].name}.meta`);
    await expect(open()).rejects.toThrow(code("not_records"));
  });

  test("refuses a server that does not sync what it commits", async () => {
    await postgres.run(postgres.url(), "ALTER SYSTEM SET fsync = off");
    await postgres.run(postgres.url(), "SELECT pg_reload_conf()");
    await until(async () => (await postgres.run(url, "SHOW fsync")).rows[0].fsync === "off");
    await expect(open()).rejects.toThrow(code("not_durable"));
    await postgres.run(postgres.url(), "ALTER SYSTEM RESET fsync");
    await postgres.run(postgres.url(), "SELECT pg_reload_conf()");
    await until(async () => (await postgres.run(url, "SHOW fsync")).rows[0].fsync === "on");
    await open();
  });

  test("gives each node, and each network, records of its own", async () => {
    const [virginia, ohio, elsewhere] = [
      await open(),
      await open({ node: "ohio" }),
      await open({ networkHash: new Uint8Array(32).fill(9) }),
    ];
    await virginia.write(put("a"));
    expect(await ohio.read(key("a"))).toEqual([{ state: "absent" }]);
    expect(await elsewhere.read(key("a"))).toEqual([{ state: "absent" }]);
  });
});
