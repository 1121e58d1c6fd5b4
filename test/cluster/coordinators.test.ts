import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startPostgres, type TestPostgres } from "@quorate/storage/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, Caller } from "../support/service-account.ts";
import { LocalCluster, quorate, until } from "./local-cluster.ts";

const MINUTES = 60_000;
/** How many requests are made at each coordinator, and how many of them side by side. */
const REQUESTS = 40;
const TOGETHER = 4;
const OPEN = new Set(["Pending", "Executing"]);

let postgres: TestPostgres;
let database: string;
let cluster: LocalCluster;

beforeAll(async () => {
  postgres = await startPostgres();
  database = await postgres.fresh();
  cluster = await LocalCluster.start("--no-regions", "--coordinators", "2", "--database", database);
}, 5 * MINUTES);
afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
  await postgres?.stop();
}, MINUTES);

/** Calls the API of one of the coordinators. */
function callerOf(name: string): Caller {
  const up = JSON.parse(readFileSync(join(cluster.dir, "up.json"), "utf8"));
  const { url } = up.coordinators.find((one: { name: string }) => one.name === name);
  return new Caller(cluster.dir, () => ({ url, token: up.api.token }));
}

interface Asked {
  readonly body: { readonly kind: "Message"; readonly message: string; readonly externalId: string };
  /** Nothing where the coordinator died before it answered. */
  readonly answer: Answer | undefined;
}

function sign(caller: Caller, key: string, body: Asked["body"]): Promise<Answer> {
  return caller.call("POST", `/keys/${key}/signatures`, body);
}

/** Makes requests, some side by side. @param each called after each */
async function load(caller: Caller, key: string, name: string, each: (done: number) => void): Promise<Asked[]> {
  const asked: Asked[] = [];
  let next = 0;
  const one = async () => {
    while (next < REQUESTS) {
      const at = next++;
      const body = {
        kind: "Message",
        message: Buffer.from(`${name} ${at}`).toString("hex"),
        externalId: `${name}-${at}`,
      } as const;
      const answer = await sign(caller, key, body).catch(() => undefined);
      asked.push({ body, answer });
      each(asked.length);
    }
  };
  await Promise.all(Array.from({ length: TOGETHER }, one));
  return asked;
}

describe("two coordinators on one Postgres database", () => {
  it(
    "know the keys, the users and the requests of one another",
    async () => {
      const [first, second] = [callerOf("coordinator"), callerOf("coordinator-2")];
      const made = await first.call("POST", "/keys", { scheme: "EdDSA", curve: "ed25519" });
      expect(made.status).toBe(200);
      const key = String(made.body.id);
      await until(async () => (await second.call("GET", `/keys/${key}`)).status === 200);
      const signed = await sign(second, key, { kind: "Message", message: "00ff", externalId: "both" });
      expect(signed).toMatchObject({ status: 200, body: { status: "Signed" } });
      expect(await first.call("GET", `/keys/${key}/signatures/${signed.body.id}`)).toEqual(signed);
      expect(await sign(first, key, { kind: "Message", message: "00ff", externalId: "both" })).toEqual(signed);
    },
    MINUTES,
  );

  it(
    "lose no accepted request when one is killed under load: each ends signed or refused, asked at the other",
    async () => {
      const [first, second] = [callerOf("coordinator"), callerOf("coordinator-2")];
      const made = await first.call("POST", "/keys", { scheme: "EdDSA", curve: "ed25519" });
      const key = String(made.body.id);
      await until(async () => (await second.call("GET", `/keys/${key}`)).status === 200);
      const pid = (await cluster.processes()).find((one) => one.name === "coordinator")!.pid!;
      const [atFirst, atSecond] = await Promise.all([
        load(first, key, "first", (done) => {
          if (done === REQUESTS / 2) process.kill(pid, "SIGKILL");
        }),
        load(second, key, "second", () => {}),
      ]);
      expect(atFirst.some((one) => one.answer === undefined)).toBe(true);
      for (const { answer } of atSecond) expect(answer).toMatchObject({ status: 200, body: { status: "Signed" } });

      const path = `/keys/${key}/signatures`;
      await until(async () => {
        const { body } = await second.call("GET", `${path}?limit=100`);
        return (body.items as { status: string }[]).every((one) => !OPEN.has(one.status));
      });
      const fates: string[] = [];
      for (const { body, answer } of atFirst) {
        const again = await sign(second, key, body);
        if (answer?.status === 200 && answer.body.status === "Signed") expect(again).toEqual(answer);
        if (again.status === 200) expect(["Signed", "Failed"]).toContain(again.body.status);
        else expect(again.body).toMatchObject({ error: expect.anything() });
        fates.push(again.status === 200 ? String(again.body.status) : `refused ${again.status}`);
      }
      expect(fates).toHaveLength(REQUESTS);
    },
    4 * MINUTES,
  );

  it(
    "are both there again when the killed one is started anew",
    async () => {
      await cluster.json("restart", "coordinator");
      const signed = await callerOf("coordinator").call("GET", "/_quorate/network");
      expect(signed.status).toBe(200);
    },
    3 * MINUTES,
  );
});

describe("a network whose records are in Postgres", () => {
  const signed = async (key: string, text: string) => {
    const message = Buffer.from(text).toString("hex");
    return (await cluster.call("POST", `/keys/${key}/signatures`, { kind: "Message", message })).body.status;
  };

  it(
    "is stopped, started again, and still signs, also under a new storage key",
    async () => {
      await cluster.linked();
      const key = await cluster.key("EdDSA");
      expect(await signed(key, "before")).toBe("Signed");
      await cluster.stop();
      expect(
        readdirSync(cluster.dir, { recursive: true }).filter((name) => String(name).endsWith("records.db")),
      ).toEqual([]);
      cluster = await LocalCluster.startIn(cluster.dir, "--no-regions", "--database", database);
      expect(await cluster.call("GET", `/keys/${key}`)).toMatchObject({ status: 200, body: { id: key } });
      expect(await signed(key, "after")).toBe("Signed");
      const rotated = await cluster.json<object>("vault", "rotate-key", "virginia");
      expect(rotated).toMatchObject({ virginia: { faulty: [] } });
      expect(await signed(key, "under a new storage key")).toBe("Signed");
    },
    5 * MINUTES,
  );

  it("has a schema for each signer and one for the coordinators, and nowhere the password", async () => {
    const schemas = "SELECT count(*)::int AS count FROM pg_namespace WHERE nspname LIKE 'quorate_%'";
    expect((await postgres.run(database, schemas)).rows).toEqual([{ count: 6 }]);
    const { password } = new URL(database);
    for (const name of readdirSync(cluster.dir, { recursive: true, withFileTypes: true })) {
      if (name.isFile()) expect(readFileSync(join(name.parentPath, name.name), "utf8")).not.toContain(password);
    }
  });

  it(
    "is not started with another database, as if it had no keys",
    async () => {
      await cluster.stop();
      const other = new URL("/another", database).href;
      const { code, stderr } = await quorate(
        "up",
        "--dir",
        cluster.dir,
        "--port",
        "0",
        "--no-demo",
        "--database",
        other,
      );
      expect(code).toBe(2);
      expect(stderr).toContain("keeps its records in postgres://127.0.0.1");
      expect(stderr).not.toContain(new URL(database).password);
    },
    MINUTES,
  );
});

it("several coordinators are not started on files", async () => {
  const { code, stderr } = await quorate("up", "--dir", `${cluster.dir}-files`, "--port", "0", "--coordinators", "2");
  expect(code).toBe(2);
  expect(stderr).toContain("a file is one process's alone");
});
