import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LocalCluster, quorate, until } from "./local-cluster.ts";

const MINUTES = 60_000;
let cluster: LocalCluster;

beforeAll(async () => {
  cluster = await LocalCluster.start("--no-regions");
}, 5 * MINUTES);
afterAll(async () => cluster[Symbol.asyncDispose](), MINUTES);

/** Runs a command that must fail. @returns its exit code and what it said */
async function refusal(...args: readonly string[]): Promise<{ code: number; said: string }> {
  const { code, stdout, stderr } = await quorate(...args);
  return { code, said: stdout + stderr };
}

describe("starting a network", () => {
  it(
    "refuses a second one in the same directory, and names the first",
    async () => {
      const { code, said } = await refusal("up", "--dir", cluster.dir, "--port", "0");
      expect(code).toBe(5);
      expect(said).toMatch(new RegExp(`process ${cluster.pid}.*quorate down`, "s"));
    },
    MINUTES,
  );

  it(
    "says which port is taken, and what to do",
    async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as { port: number };
      const { code, said } = await refusal("up", "--dir", join(cluster.dir, "other"), "--port", String(port), "--once");
      server.close();
      expect(code).toBe(5);
      expect(said).toMatch(new RegExp(`${port}.*--port`, "s"));
    },
    2 * MINUTES,
  );

  it(
    "clears a stale lock and says so",
    async () => {
      const dir = join(cluster.dir, "stale");
      const first = await LocalCluster.startIn(dir, "--no-regions");
      await first.stop();
      const up = {
        pid: 1,
        startedAt: "then",
        control: { port: 1, token: "x" },
        api: { url: "http://127.0.0.1:1", token: "x" },
      };
      writeFileSync(join(dir, "up.json"), JSON.stringify(up));
      const second = await LocalCluster.startIn(dir, "--no-regions");
      expect(second.said).toMatch(/did not end cleanly; its lock is removed/);
      await second.stop();
    },
    3 * MINUTES,
  );

  it.each([
    [["up", "--preset", "atlantis"], /--preset atlantis.*atlantic/s],
    [["up", "--port", "eleven"], /--port eleven/],
    [["up", "--jitter", "99"], /--jitter 99/],
    [["up", "--min-signers", "1"], /--min-signers/],
    [["up", "--nonsense"], /--nonsense/],
  ])(
    "refuses %j with exit code 2, naming the argument",
    async (args, message) => {
      const { code, said } = await refusal(...args, "--dir", join(cluster.dir, "never"));
      expect(code).toBe(2);
      expect(said).toMatch(message);
    },
    MINUTES,
  );
});

describe("a running network", () => {
  it(
    "shows how far the pairs are until all are set up, to people, machines and Prometheus",
    async () => {
      const { nodes } = (await cluster.call("GET", "/_quorate/network")).body as { nodes: readonly { name: string }[] };
      await until(async () => {
        const { standings } = await cluster.json<{ standings: Record<string, { state: string }[]> }>("peers");
        return nodes.every(({ name }) => standings[name]?.every(({ state }) => state === "ready"));
      });
      expect((await cluster.run("peers")).stdout).toMatch(/^ +virginia +ohio .*\n +virginia +- +ready +ready/);
      expect((await cluster.run("status")).stdout).toContain("pairs of signers: 10 of 10 set up");
      expect(await cluster.json("doctor")).toMatchObject({
        findings: expect.arrayContaining([{ what: "pairs", ok: true, detail: "10 of 10 set up" }]),
      });
      expect(cluster.said).toContain("pairs: 10 of 10 set up");
      const metrics = await fetch(`${cluster.api.url}/_quorate/metrics`, {
        headers: { authorization: `Bearer ${cluster.api.token}` },
      });
      expect(await metrics.text()).toMatch(/quorate_pair\{by="ohio",peer="virginia",state="ready".*\} 1/);
    },
    4 * MINUTES,
  );

  it(
    "answers status, doctor, env, logs and vault rotate-key, each as one JSON document",
    async () => {
      expect(await cluster.json("status")).toMatchObject({ processes: { length: 6 } });
      expect(await cluster.json("doctor")).toMatchObject({
        findings: expect.arrayContaining([{ what: "virginia", ok: true, detail: "ready" }]),
      });
      expect(await cluster.json("env")).toMatchObject({
        ...{ QUORATE_URL: cluster.api.url, QUORATE_TOKEN: cluster.api.token, DFNS_API_URL: cluster.api.url },
        ...{ DFNS_ORG_ID: expect.stringMatching(/^or-/), DFNS_PRIVATE_KEY: expect.stringContaining("PRIVATE KEY") },
      });
      await cluster.json("keys", "create", "--scheme", "EdDSA", "--name", "rotated");
      // Its share of the key, its encryption key, and the setups of its four pairs.
      expect(await cluster.json("vault", "rotate-key", "ohio")).toMatchObject({ ohio: { resealed: 6, faulty: [] } });
      const logs = await cluster.run("logs", "ohio", "-n", "1000", "--json");
      const entries = logs.stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      expect(entries).toContainEqual(expect.objectContaining({ node: "ohio", type: "signer.ready" }));
    },
    4 * MINUTES,
  );

  it(
    "keeps presignatures of an ECDSA key and of its children, shows them and drops them",
    async () => {
      const wanted = ["--scheme", "ECDSA", "--name", "payer", "--presign", "2"];
      const key = await cluster.json<{ id: string; addresses: object }>("keys", "create", ...wanted);
      expect(key.addresses).toMatchObject({
        evm: expect.stringMatching(/^0x/),
        p2wpkh: { mainnet: expect.stringMatching(/^bc1q/) },
      });
      await cluster.json("presign", "fill", "payer", "--count", "3");
      const { presignatures } = await cluster.json<{ presignatures: { pools: { keyId: string; ready: number }[] } }>(
        "status",
      );
      const sizes = presignatures.pools.filter(({ keyId }) => keyId === key.id).map(({ ready }) => ready);
      expect(Math.max(...sizes)).toBeGreaterThanOrEqual(3);
      expect((await cluster.run("status")).stdout).toMatch(/presignatures ready: .*payer \d+ of 3 and \d+ of \d+/);
      expect(await cluster.json("presign", "drop", "payer")).toMatchObject({ dropped: expect.any(Number), pools: [] });
      const child = await cluster.json("keys", "derive", "payer", "--name", "till");
      expect(child).toMatchObject({ derivedFrom: { keyId: key.id, path: "m/0" } });
      const filled = ["presign", "fill", "payer", "--path", "m/0", "--count", "1"];
      const { pools } = await cluster.json<{ pools: { path: string; ready: number }[] }>(...filled);
      expect(pools[0]).toMatchObject({ path: "m/0", ready: 1 });
      expect(pools.every(({ path }) => path === "m/0")).toBe(true);
      const shown = await cluster.run("keys", "show", "till");
      expect(shown.stdout).toMatch(/path +m\/0\n +derived from +payer/);
      expect((await cluster.run("keys", "ls")).stdout).toMatch(/till +ECDSA, m\/0 of payer/);
      const twice = await refusal("keys", "derive", "payer", "--path", "m/0", "--dir", cluster.dir);
      expect(twice).toMatchObject({ code: 2, said: expect.stringContaining("--path: m/0 below key") });
    },
    5 * MINUTES,
  );

  it(
    "keeps signing under the new storage key, also after a restart of that signer",
    async () => {
      await cluster.signal("ohio", "SIGKILL");
      await until(async () =>
        (await cluster.processes()).some((one) => one.name === "ohio" && one.state === "stopped"),
      );
      await cluster.json("restart", "ohio");
      const { nodes } = (await cluster.call("GET", "/_quorate/network")).body as {
        nodes: { name: string; brokenKeys: unknown[] }[];
      };
      expect(nodes.every((node) => node.brokenKeys.length === 0)).toBe(true);
      expect(await cluster.json("sign", "rotated", "--message", "hello")).toMatchObject({
        verified: { by: "OpenSSL" },
      });
    },
    4 * MINUTES,
  );

  it(
    "refuses faults when it was started without them, and says how to allow them",
    async () => {
      const { code, said } = await refusal("fault", "inject", "wrong-share", "--node", "ohio", "--dir", cluster.dir);
      expect(code).not.toBe(0);
      expect(said).toMatch(/--allow-faults/);
    },
    MINUTES,
  );

  it(
    "refuses an API call without the token, and an unknown node or key by name",
    async () => {
      const response = await fetch(`${cluster.api.url}/keys`);
      expect(response.status).toBe(401);
      expect((await refusal("restart", "atlantis", "--dir", cluster.dir)).said).toMatch(/atlantis.*virginia/s);
      const unknown = await refusal("sign", "nobody", "--message", "x", "--dir", cluster.dir);
      expect(unknown).toMatchObject({ code: 2, said: expect.stringContaining("nobody") });
    },
    MINUTES,
  );

  it(
    "answers nobody once it is down: commands say so with exit code 4",
    async () => {
      const { code, said } = await refusal("status", "--dir", join(cluster.dir, "nothing-here"));
      expect(code).toBe(4);
      expect(said).toMatch(/npm start/);
    },
    MINUTES,
  );
});
