import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { decodeShare } from "@quorate/keygen";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LocalCluster, quorate, until } from "./local-cluster.ts";
import { networkOf, openSignerRecords } from "./signer-records.ts";

const MINUTES = 60_000;
let cluster: LocalCluster;

beforeAll(async () => {
  cluster = await LocalCluster.start("--no-regions");
}, 5 * MINUTES);
afterAll(async () => cluster[Symbol.asyncDispose](), MINUTES);

interface Shown {
  readonly id: string;
  readonly keyId: string;
}

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

  it.each([
    [["up", "--preset", "atlantis"], /--preset atlantis.*atlantic/s],
    [["up", "--port", "eleven"], /--port eleven/],
    [["up", "--jitter", "99"], /--jitter 99/],
    [["up", "--calls-per-minute", "many"], /--calls-per-minute many/],
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

it(
  "a network lets a token call as often in a minute as it was started with, and then says how to have more",
  async () => {
    const few = ["--preset", "virginia,ohio,montreal", "--min-signers", "2", "--no-regions"];
    await using small = await LocalCluster.start(...few, "--calls-per-minute", "30");
    const answers = await Promise.all(Array.from({ length: 40 }, () => small.call("GET", "/keys")));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(answers.filter(({ status }) => status !== 429 && status !== 200)).toEqual([]);
    expect(JSON.stringify(refused[0]!.body)).toMatch(/more than 30 calls in a minute.*--calls-per-minute/);
  },
  5 * MINUTES,
);

describe("a running network", () => {
  it(
    "shows how far the pairs are until all are set up, to people, machines and Prometheus",
    async () => {
      const unready = async () => {
        const asked = networkOf(cluster.dir).nodes.map(({ name: node }) =>
          cluster.control("ask", { node, question: "pairs" }),
        );
        return ((await Promise.all(asked)) as { state: string }[][]).flat().filter(({ state }) => state !== "ready");
      };
      await expect.poll(unready, { timeout: 3 * MINUTES }).toEqual([]);
      expect((await cluster.run("peers")).stdout).toMatch(/^ +virginia +ohio .*\n +virginia +- +ready +ready/);
      expect((await cluster.run("status")).stdout).toContain("pairs of signers: 10 of 10 set up");
      expect(await cluster.json("doctor")).toMatchObject({
        findings: expect.arrayContaining([{ what: "pairs", ok: true, detail: "10 of 10 set up" }]),
      });
      await expect.poll(() => cluster.said, { timeout: MINUTES }).toContain("pairs: 10 of 10 set up");
      const metrics = await fetch(`${cluster.api.url}/_quorate/metrics`, {
        headers: { authorization: `Bearer ${cluster.api.token}` },
      });
      expect(await metrics.text()).toMatch(/quorate_pair\{by="ohio",peer="virginia",state="ready".*\} 1/);
    },
    5 * MINUTES,
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
      expect(await cluster.json("keys", "derive", "payer")).toMatchObject({ derivedFrom: { path: "m/1" } });
      const twice = await refusal("keys", "derive", "payer", "--path", "m/0", "--dir", cluster.dir);
      expect(twice).toMatchObject({ code: 2, said: expect.stringContaining("--path: m/0 below key") });
    },
    5 * MINUTES,
  );

  it(
    "gives a key new shares, as often as it is told to, and signs with them",
    async () => {
      const before = await cluster.json<Shown>("keys", "show", "rotated");
      const said = await cluster.run("keys", "refresh", "rotated");
      expect(said).toMatchObject({ code: 0, stdout: expect.stringMatching(/rotated: all 5 holders.*epoch 1/) });
      await cluster.json("sign", "rotated", "--message", "with new shares");
      expect(await cluster.json("keys", "refresh", "rotated")).toMatchObject({ epoch: 2, certificateVerified: true });
      const after = await cluster.json<Shown>("keys", "show", "rotated");
      expect(after).toMatchObject({ id: before.id, keyId: before.keyId, epoch: 2, certificateVerified: true });
    },
    4 * MINUTES,
  );

  it(
    "keeps signing under the new storage key and with the new share, also after a restart of that signer",
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

describe("the files of a network that was stopped", () => {
  it(
    "hold the newest share of every key alone, and none in plain in any database, log or file, also not at the coordinator",
    async () => {
      await cluster.stop();
      const files = readdirSync(cluster.dir, { recursive: true, withFileTypes: true }).filter((entry) =>
        entry.isFile(),
      );
      const contents = files.map((entry) => readFileSync(join(entry.parentPath, entry.name)));
      for (const { name } of networkOf(cluster.dir).nodes) {
        const shares = sharesOf(name);
        // Of the key that was refreshed twice, and of the one that never was.
        expect(shares.map(({ epoch }) => epoch).toSorted()).toEqual([0, 2]);
        for (const form of shares.flatMap(({ secrets }) => secrets.flatMap(formsOf))) {
          expect(contents.some((content) => content.includes(form))).toBe(false);
        }
      }
    },
    MINUTES,
  );
});

/** How a secret may stand in a file. */
function formsOf(secret: Buffer): readonly (string | Buffer)[] {
  const hex = secret.toString("hex");
  const base64 = [secret.toString("base64").slice(0, 40), secret.toString("base64url").slice(0, 40)];
  return [secret, hex, hex.toUpperCase(), ...base64];
}

/** The shares of a signer that is down, each with its epoch and its secrets: the signing share and the chain code. */
function sharesOf(node: string): readonly { readonly epoch: number; readonly secrets: readonly Buffer[] }[] {
  const records = openSignerRecords(cluster.dir, node);
  const shares = records.list({ kind: "share", limit: 100 }).map(({ epoch, record }) => {
    if (record.state !== "present") throw new Error(`a share of ${node} does not open`);
    const { signingShare, chainCode } = decodeShare(record.value);
    return { epoch, secrets: [Buffer.from(signingShare.expose()), Buffer.from(chainCode.expose())] };
  });
  records.close();
  return shares;
}
