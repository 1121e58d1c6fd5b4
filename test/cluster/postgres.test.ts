import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres, type TestPostgres } from "@quorate/storage/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LocalCluster, quorate } from "./local-cluster.ts";

const MINUTES = 60_000;
let postgres: TestPostgres;
let database: string;
let dir: string;

beforeAll(async () => {
  postgres = await startPostgres();
  database = await postgres.fresh();
  dir = mkdtempSync(join(tmpdir(), "quorate-"));
}, MINUTES);
afterAll(async () => {
  await postgres.stop();
  rmSync(dir, { recursive: true });
}, MINUTES);

const start = () => LocalCluster.startIn(dir, "--no-regions", "--database", database);

async function sign(cluster: LocalCluster, key: string, text: string): Promise<unknown> {
  const message = Buffer.from(text).toString("hex");
  return (await cluster.call("POST", `/keys/${key}/signatures`, { kind: "Message", message })).body.status;
}

describe("a network whose records are in Postgres", () => {
  it(
    "makes a key, signs, is stopped, started again, and still signs",
    async () => {
      const first = await start();
      const key = await first.key("EdDSA");
      expect(await sign(first, key, "before")).toBe("Signed");
      await first.stop();
      expect(readdirSync(dir, { recursive: true }).filter((name) => String(name).endsWith("records.db"))).toEqual([]);

      const second = await start();
      try {
        expect(await second.call("GET", `/keys/${key}`)).toMatchObject({ status: 200, body: { id: key } });
        expect(await sign(second, key, "after")).toBe("Signed");
        const rotated = await second.json<object>("vault", "rotate-key", "virginia");
        expect(rotated).toMatchObject({ virginia: { faulty: [] } });
        expect(await sign(second, key, "under a new storage key")).toBe("Signed");
      } finally {
        await second.stop();
      }
    },
    5 * MINUTES,
  );

  it("has a schema for each process, and nowhere the password", async () => {
    const schemas = "SELECT count(*)::int AS count FROM pg_namespace WHERE nspname LIKE 'quorate_%'";
    expect((await postgres.run(database, schemas)).rows).toEqual([{ count: 6 }]);
    const { password } = new URL(database);
    for (const name of readdirSync(dir, { recursive: true, withFileTypes: true })) {
      if (name.isFile()) expect(readFileSync(join(name.parentPath, name.name), "utf8")).not.toContain(password);
    }
  });

  it(
    "is not started without its database, as if it had no keys",
    async () => {
      const { code, stderr } = await quorate("up", "--dir", dir, "--port", "0", "--no-demo");
      expect(code).toBe(2);
      expect(stderr).toContain("keeps its records in postgres://127.0.0.1");
      expect(stderr).not.toContain(new URL(database).password);
    },
    MINUTES,
  );
});
