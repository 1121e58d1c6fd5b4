import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LocalCluster, quorate } from "./local-cluster.ts";

const MINUTES = 60_000;
const elsewhere = mkdtempSync(join(tmpdir(), "quorate-blame-"));
let cluster: LocalCluster;

beforeAll(async () => {
  cluster = await LocalCluster.start("--no-regions", "--allow-faults");
  await cluster.json("keys", "create", "--scheme", "EdDSA", "--name", "watched");
}, 5 * MINUTES);
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  rmSync(elsewhere, { recursive: true, force: true });
}, MINUTES);

interface Verdict {
  readonly id: string;
  readonly accused: string;
  readonly code: string;
  readonly heldBy: readonly string[];
}

const verdicts = async () => (await cluster.json<{ items: readonly Verdict[] }>("blame", "ls")).items;

/** Waits until all others hold a verdict of that code against a node. */
async function verdictOn(accused: string, code: string): Promise<Verdict> {
  const find = async () => (await verdicts()).find((one) => one.accused === accused && one.code === code);
  const others = async () => (await find())?.heldBy.filter((one) => one !== accused).length;
  await expect.poll(others, { timeout: MINUTES }).toBe(4);
  return (await find())!;
}

/** Exports the evidence and takes it, with the network file, to a place that knows nothing else. */
async function exported({ id, code }: Verdict): Promise<{ evidence: string; network: string }> {
  const [evidence, network] = [join(elsewhere, `${code}.json`), join(elsewhere, "network.json")];
  await cluster.json("blame", "show", id, "--out", evidence);
  copyFileSync(join(cluster.dir, "network.json"), network);
  return { evidence, network };
}

/** Checks evidence in a directory in which there is no network. */
const verify = (evidence: string, network: string) =>
  quorate("--dir", join(elsewhere, "none"), "blame", "verify", evidence, "--network", network);

async function expectProof(verdict: Verdict): Promise<void> {
  const { evidence, network } = await exported(verdict);
  const proven = await verify(evidence, network);
  expect(proven).toMatchObject({ code: 0, stdout: expect.stringMatching(`^PROVEN\n  ${verdict.accused}`) });

  const document = JSON.parse(readFileSync(evidence, "utf8"));
  const innocent = JSON.parse(readFileSync(network, "utf8")).nodes.find((one: { name: string }) => {
    return one.name !== verdict.accused;
  });
  const altered = join(elsewhere, "altered.json");
  const { name: node, publicKey } = innocent as { name: string; publicKey: string };
  writeFileSync(altered, JSON.stringify({ ...document, accused: { ...document.accused, node, publicKey } }));
  expect(await verify(altered, network)).toMatchObject({ code: 3, stdout: expect.stringMatching("^NOT PROVEN\n") });
}

/** Tries to make a key. */
const makeKey = () => cluster.call("POST", "/keys", { scheme: "EdDSA", curve: "ed25519" });

describe("a real signer process that is made to misbehave is proven guilty, offline, by the command", () => {
  it("finds nobody guilty before anybody is", async () => expect(await verdicts()).toEqual([]), MINUTES);

  it(
    "of a wrong share; the user gets the signature",
    async () => {
      await cluster.json("fault", "inject", "wrong-share", "--node", "ohio");
      // Which signers are chosen depends on measured round trips: sign until ohio was among them.
      while ((await verdicts()).length === 0) {
        const signed = await cluster.json("sign", "watched", "--message", "hello");
        expect(signed).toMatchObject({ verified: { by: "OpenSSL" } });
      }
      await cluster.json("fault", "clear");
      await expectProof(await verdictOn("ohio", "bad_signature_share"));
    },
    5 * MINUTES,
  );

  it.each([
    ["bad-share", "bad_share", "frankfurt"],
    ["equivocate", "equivocation", "montreal"],
  ])(
    "of %s when a key is made; the next key is made",
    async (fault, code, node) => {
      await cluster.json("fault", "inject", fault, "--node", node);
      const refused = await makeKey();
      expect(refused.body).toMatchObject({ error: { details: { culprits: [node] } } });
      await cluster.json("fault", "clear");
      expect((await makeKey()).status).toBe(200);
      await expectProof(await verdictOn(node, code));
    },
    5 * MINUTES,
  );

  it(
    "and of nothing when it is silent, or gone: then it is unresponsive",
    async () => {
      const before = await verdicts();
      await cluster.json("fault", "inject", "silent", "--node", "ireland");
      await makeKey();
      await cluster.json("fault", "clear");
      await cluster.signal("ireland", "SIGKILL");
      await makeKey();
      expect((await verdicts()).map((one) => one.id)).toEqual(before.map((one) => one.id));
    },
    5 * MINUTES,
  );
});
