import type { RecordWrite, WriteResult } from "@quorate/orders";
import { generateStorageKey, type StorageKey, storageKey, storageKeyId } from "@quorate/vault";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { asked, KINDS, type Place } from "../test/kinds.ts";
import { options } from "../test/options.ts";
import type { PostgresOptions } from "./postgres/postgres-records.ts";
import type { RecordStore } from "./store.ts";

const newKey = (): StorageKey => storageKey(generateStorageKey(options.random));
const text = (value: string) => new TextEncoder().encode(value);
const key = (id: string, epoch = 0) => ({ kind: "request", id, epoch });
const put = (id: string, value = id, more: Partial<RecordWrite> = {}): RecordWrite => ({
  ...key(id),
  value: text(value),
  ...more,
});
const gone = (id: string): RecordWrite => ({ ...key(id), value: null });
const present = (value: string) => ({ state: "present", value: text(value) });
const faulty = (fault: string) => ({ state: "faulty", fault });
const code = (value: string) => expect.objectContaining({ name: "StorageError", code: value });
const ABSENT = { state: "absent" };

describe.each(KINDS)("records in $name", (kind) => {
  let place: Place;
  const sealing: PostgresOptions = { ...options, storageKeys: [newKey()] };
  let opened: RecordStore[] = [];
  const open = async (more: PostgresOptions = options, at = place) => {
    const store = await at.open(more);
    opened.push(store);
    return { store, ...asked(store) };
  };
  const close = async (store: RecordStore) => {
    opened = opened.filter((one) => one !== store);
    await store.close();
  };

  beforeAll(() => kind.begin(), 60_000);
  afterAll(() => kind.end(), 60_000);
  beforeEach(async () => {
    place = await kind.place();
  });
  afterEach(async () => {
    for (const store of opened) await close(store);
  });

  describe("what is written", () => {
    test("is read back after reopening, what is not as absent, in the order asked", async () => {
      const { store, write } = await open();
      expect(await write(put("a"), put("b"), put("a", "later", { epoch: 1 }))).toBe("ok");
      await close(store);
      const { read } = await open();
      const answers = await read(key("a", 1), key("none"), key("b"), key("a"), key("b"));
      expect(answers).toEqual([present("later"), ABSENT, present("b"), present("a"), present("b")]);
      expect(await read()).toEqual([]);
    });

    test("is overwritten and deleted; the last write of a batch counts", async () => {
      const { read, write } = await open();
      await write(put("a"), put("b"), put("c"));
      await write(put("a", "new"), gone("b"), gone("never"), gone("c"), put("c", "again"), put("d"), gone("d"));
      expect(await read(key("a"), key("b"), key("c"), key("d"))).toEqual([
        present("new"),
        ABSENT,
        present("again"),
        ABSENT,
      ]);
    });

    test("may be empty, and its name anything that people write", async () => {
      const { read, write } = await open(sealing);
      const names = ["", "'; DROP TABLE records; --", "\u00e4\u{1f600}", "A", "a"];
      await write(...names.map((name) => put(name, "", { secret: name === "" })));
      expect(await read(...names.map((name) => key(name)))).toEqual(names.map(() => present("")));
    });

    test("is copied before write returns, sealed or not", async () => {
      const { store, read } = await open(sealing);
      for (const secret of [false, true]) {
        const value = new Uint8Array(3).fill(7);
        store.write([{ ...key("a"), value, secret }], () => {});
        value.fill(0);
        expect(await read(key("a"))).toEqual([{ state: "present", value: new Uint8Array(3).fill(7) }]);
      }
    });

    test("can be many records at once", async () => {
      const { list, write } = await open();
      const batch = Array.from({ length: 2500 }, (_, at) => put(String(at)));
      expect(await write(...batch)).toBe("ok");
      expect((await list({ kind: "request", limit: 3000 })).map(({ id }) => id)).toEqual(batch.map(({ id }) => id));
    });

    test("and can never be is thrown at its writer, and leaves nothing", async () => {
      const { write, read } = await open();
      const refused = (...batch: readonly RecordWrite[]) => expect(() => opened[0]!.write(batch, () => {}));
      refused(put("a"), put("b", "", { epoch: 0.5 })).toThrow("not an epoch");
      refused(put("a"), put("b", "", { epoch: -1 })).toThrow("not an epoch");
      refused(put("a"), put("b", "", { secret: true })).toThrow("no storage key");
      refused(put("a"), { kind: "share", id: "a", epoch: 0, value: text("x") }).toThrow("no storage key");
      refused({ ...key("a"), value: new Uint8Array((1 << 24) + 1) }).toThrow("at most");
      refused({ ...gone("a"), ifAbsent: true }).toThrow("cannot be deleted");
      expect(await write(put("b"))).toBe("ok");
      expect(await read(key("a"))).toEqual([ABSENT]);
    });
  });

  describe("what is submitted together", () => {
    test("is answered in order, and a read sees what was submitted before it and nothing after", async () => {
      const { store, read } = await open();
      const log: string[] = [];
      const look = () => store.read([key("a")], ([record]) => log.push(String(record?.state)));
      look();
      store.write([put("a")], (result) => log.push(result));
      look();
      store.list({ kind: "request", limit: 9 }, (listed) => log.push(`listed ${listed.length}`));
      store.write([gone("a")], (result) => log.push(`gone ${result}`));
      look();
      expect(log).toEqual([]);
      await read();
      expect(log).toEqual(["absent", "ok", "present", "listed 1", "gone ok", "absent"]);
    });

    test("is done before the database is closed", async () => {
      const { store } = await open();
      const log: string[] = [];
      store.write([put("a")], (result) => log.push(result));
      await close(store);
      expect(log).toEqual(["ok"]);
      expect(await (await open()).read(key("a"))).toEqual([present("a")]);
    });

    test("and wants a record absent that is there is a conflict, whole, and takes no other down", async () => {
      const { store, read } = await open();
      const results: WriteResult[] = [];
      const first = (id: string, value: string) => put(id, value, { ifAbsent: true });
      for (const batch of [
        [first("a", "one")],
        [put("b"), first("a", "two"), gone("c")],
        [first("c", "three")],
        [gone("a"), first("a", "four")],
      ]) {
        store.write(batch, (result) => results.push(result));
      }
      expect(await read(key("a"), key("b"), key("c"))).toEqual([present("four"), ABSENT, present("three")]);
      expect(results).toEqual(["ok", "conflict", "ok", "ok"]);
    });
  });

  describe("a list", () => {
    test("holds one kind, and one scope if asked, oldest or newest first, page by page", async () => {
      const { list, write } = await open();
      const ids = async (query: object) => (await list({ kind: "request", limit: 10, ...query })).map(({ id }) => id);
      for (const id of ["a", "b", "c", "d"]) await write(put(id, id, { scope: id < "c" ? "k1" : "k2" }));
      await write({ ...put("x"), kind: "other" }, put("e"));
      expect(await ids({})).toEqual(["a", "b", "c", "d", "e"]);
      expect(await ids({ scope: "k1" })).toEqual(["a", "b"]);
      expect(await ids({ scope: "" })).toEqual(["e"]);
      expect(await ids({ newestFirst: true, limit: 2 })).toEqual(["e", "d"]);
      const [, second] = await list({ kind: "request", limit: 2 });
      expect(await ids({ after: second?.cursor })).toEqual(["c", "d", "e"]);
      expect(await ids({ after: second?.cursor, newestFirst: true })).toEqual(["a"]);
      expect(second).toEqual({ ...key("b"), cursor: expect.any(Number), record: present("b") });
    });

    test("keeps the place of a record that is overwritten, and gives no place twice", async () => {
      const { list, write } = await open();
      const ids = async (query: object) => (await list({ kind: "request", limit: 10, ...query })).map(({ id }) => id);
      await write(put("a"), put("b"), put("c"));
      const last = (await list({ kind: "request", limit: 3 }))[2]?.cursor ?? 0;
      await write(put("a", "new"), gone("c"));
      await write(put("d"));
      expect(await ids({})).toEqual(["a", "b", "d"]);
      expect(await ids({ after: last })).toEqual(["d"]);
    });
  });

  describe("faults", () => {
    const share = (id: string): RecordWrite => ({ kind: "share", id, epoch: 1, value: text(`share ${id}`) });
    const shares = (...ids: string[]) => ids.map((id) => ({ kind: "share", id, epoch: 1 }));

    test("a flipped bit, swapped rows and a foreign key are three faults by name; the other records serve", async () => {
      const { store, write } = await open(sealing);
      await write(...["a", "b", "c", "d", "e"].map(share));
      await close(store);
      const elsewhere = await kind.place();
      const stranger = await open({ ...options, storageKeys: [newKey()] }, elsewhere);
      await stranger.write(share("d"));
      await close(stranger.store);

      const [a, b, c] = await Promise.all(["a", "b", "c"].map((id) => place.stored(id)));
      a![60]! ^= 4;
      for (const [id, value] of Object.entries({ a, b: c, c: b, d: await elsewhere.stored("d") })) {
        await place.replace(id, value!);
      }
      const again = await open(sealing);
      const expected = [
        faulty("corrupt_record"),
        faulty("swapped_record"),
        faulty("swapped_record"),
        faulty("wrong_storage_key"),
        present("share e"),
      ];
      expect(await again.read(...shares("a", "b", "c", "d", "e"))).toEqual(expected);
      expect((await again.list({ kind: "share", limit: 9 })).map(({ record }) => record)).toEqual(expected);
      expect(await again.write(share("a"))).toBe("ok");
      expect(await again.read(...shares("a"))).toEqual([present("share a")]);
    });

    test("a share that somebody put there unsealed is not believed, whatever the row says", async () => {
      const { store, write } = await open(sealing);
      await write(share("a"));
      await close(store);
      const elsewhere = await kind.place();
      const forger = await open({ ...options, sealedKinds: new Set() }, elsewhere);
      await forger.write(share("a"));
      await close(forger.store);
      await place.replace("a", await elsewhere.stored("a"), 0);
      expect(await (await open(sealing)).read(...shares("a"))).toEqual([faulty("unknown_format")]);
    });

    test("a flipped bit in a record that is no secret is found as well", async () => {
      const { store, write } = await open();
      await write(put("a"), put("b"));
      await close(store);
      const value = await place.stored("a");
      value[value.length - 1]! ^= 1;
      await place.replace("a", value);
      expect(await (await open()).read(key("a"), key("b"))).toEqual([faulty("corrupt_record"), present("b")]);
    });

    test("a secret is stored sealed only", async () => {
      const { store, write } = await open(sealing);
      await write(put("a", "very secret words", { secret: true }), put("b", "public words"));
      await close(store);
      expect(Buffer.from(await place.stored("a")).includes("very secret words")).toBe(false);
      expect(Buffer.from(await place.stored("b")).includes("public words")).toBe(true);
    });
  });

  describe("rotating the storage key", () => {
    test("seals all anew, after what was submitted before and before what is submitted after", async () => {
      const { store, read, write } = await open(sealing);
      await write(put("a", "a", { secret: true }), put("b"));
      const before = await (async () => store.storageKeyId)();
      const next = newKey();
      const results: WriteResult[] = [];
      store.write([put("c", "c", { secret: true })], (result) => results.push(result));
      const rotated = store.rotate(next);
      store.write([put("d", "d", { secret: true })], (result) => results.push(result));
      expect(await rotated).toEqual({ resealed: 2, faulty: [] });
      expect(store.storageKeyId).toBe(storageKeyId(next));
      expect(store.storageKeyId).not.toBe(before);
      expect(await read(...["a", "b", "c", "d"].map((id) => key(id)))).toEqual(["a", "b", "c", "d"].map(present));
      expect(results).toEqual(["ok", "ok"]);
      await close(store);
      await expect(open(sealing)).rejects.toThrow(code("wrong_storage_key"));
      const again = await open({ ...options, storageKeys: [...sealing.storageKeys!, next] });
      expect(await again.read(key("a"), key("d"))).toEqual([present("a"), present("d")]);
    });

    test("leaves a faulty record as it is and names it; one that fails leaves the old key in force", async () => {
      const { store, write } = await open(sealing);
      await write(...["a", "b", "c"].map((id) => put(id, id, { secret: true })));
      await close(store);
      await place.replace("b", await place.stored("a"));
      let asked = 0;
      const random = (length: number) => {
        asked += 1;
        if (asked === 3) throw new Error("no more random bytes");
        return options.random(length);
      };
      const failing = await open({ ...sealing, random });
      const before = failing.store.storageKeyId;
      asked = 1;
      await expect((async () => failing.store.rotate(newKey()))()).rejects.toThrow("no more random bytes");
      expect(failing.store.storageKeyId).toBe(before);
      expect(await failing.read(key("a"), key("c"))).toEqual([present("a"), present("c")]);
      expect(await failing.write(put("d", "d", { secret: true }))).toBe("ok");
      const rotated = await failing.store.rotate(newKey());
      expect(rotated).toEqual({ resealed: 3, faulty: [{ ...key("b"), fault: "swapped_record" }] });
    });
  });

  describe("opening", () => {
    test("is refused while another has it, and under another storage key, and without any", async () => {
      const { store } = await open(sealing);
      await expect(place.open(sealing)).rejects.toThrow(code("in_use"));
      await close(store);
      await expect(open({ ...options, storageKeys: [newKey()] })).rejects.toThrow(code("wrong_storage_key"));
      await expect(open(options)).rejects.toThrow(code("wrong_storage_key"));
      await open(sealing);
    });

    test("refuses a newer format with the way out, and holds nothing then", async () => {
      const { store } = await open();
      await close(store);
      await place.setFormat(2);
      await expect(open()).rejects.toThrow(code("newer_format"));
      await expect(open()).rejects.toThrow("use the version that wrote it, or a newer one");
      await place.setFormat(1);
      await open();
    });
  });
});
