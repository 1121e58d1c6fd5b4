import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LocalCluster, lives, until } from "./local-cluster.ts";

const MINUTES = 60_000;
let cluster: LocalCluster;
let key: string;

beforeAll(async () => {
  cluster = await LocalCluster.start("--no-regions");
  key = await cluster.key("EdDSA");
}, 5 * MINUTES);
afterAll(async () => cluster[Symbol.asyncDispose](), MINUTES);

function sign(text: string) {
  const message = Buffer.from(text).toString("hex");
  return cluster.call("POST", `/keys/${key}/signatures`, { kind: "Message", message });
}

function connected() {
  return cluster.call("GET", "/_quorate/health").then(({ body }) => (body.signers as { connected: number }).connected);
}

/** Signs `count` messages, a few at a time, calling `at` before each. @returns the statuses that were not "Signed" */
async function signMany(count: number, at: (done: number) => void): Promise<readonly unknown[]> {
  const failures: unknown[] = [];
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const mine = next++;
      at(mine);
      const { status, body } = await sign(`message ${mine}`);
      if (status !== 200 || body.status !== "Signed") failures.push({ mine, status, body });
    }
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  return failures;
}

describe("a network of real processes that loses signers", () => {
  it(
    "signs 200 messages while n-t signers are killed one after another, and refuses promptly, with names, once one more is",
    async () => {
      const pids = new Map((await cluster.processes()).map((one) => [one.name, one.pid!]));
      const kill = (name: string) => process.kill(pids.get(name)!, "SIGKILL");
      const failures = await signMany(200, (done) => {
        if (done === 60) kill("virginia");
        if (done === 120) kill("ohio");
      });
      expect(failures).toEqual([]);

      kill("montreal");
      const refused = await sign("too few");
      expect(refused.status).toBe(503);
      expect(refused.body.message).toMatch(/virginia.*ohio.*montreal/);
      expect(refused.body).toMatchObject({ error: { details: { code: "quorum_unavailable" } } });

      await cluster.json("restart", "virginia");
      // It waits a while for the two that are gone, to hear what they remember of it, and goes on without them.
      await until(async () => (await sign("again")).status === 200);
      for (const name of ["ohio", "montreal"]) await cluster.json("restart", name);
      await until(async () => (await connected()) === 5);
    },
    5 * MINUTES,
  );

  it(
    "fails no request while a signer is stopped past the time in which the heartbeat finds it, and takes it back",
    async () => {
      const stopped = (await cluster.processes()).find((one) => one.name === "virginia")!;
      process.kill(stopped.pid!, "SIGSTOP");
      const failures: unknown[] = [];
      try {
        while ((await connected()) === 5) failures.push(...(await signMany(8, () => {})));
        failures.push(...(await signMany(40, () => {})));
      } finally {
        process.kill(stopped.pid!, "SIGCONT");
      }
      expect(failures).toEqual([]);
      await until(async () => (await connected()) === 5);
      expect(await signMany(20, () => {})).toEqual([]);
    },
    5 * MINUTES,
  );

  it(
    "leaves no process behind after down, and none when its supervisor is killed, whose lock the next start clears",
    async () => {
      const before = (await cluster.processes()).map((one) => one.pid!);
      await cluster.json("down");
      await until(() => before.every((pid) => !lives(pid)));
      const again = await LocalCluster.startIn(cluster.dir, "--no-regions");
      const children = (await again.processes()).map((one) => one.pid!);
      expect(await again.call("GET", `/keys/${key}`)).toMatchObject({ status: 200, body: { id: key } });
      await again.stop("SIGKILL");
      await until(() => children.every((pid) => !lives(pid)));
      cluster = await LocalCluster.startIn(cluster.dir, "--no-regions");
      expect(cluster.said).toMatch(/did not end cleanly; its lock is removed/);
      expect(await sign("after all that")).toMatchObject({ status: 200, body: { status: "Signed" } });
    },
    5 * MINUTES,
  );
});
