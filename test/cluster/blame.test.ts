import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SignerFault } from "@quorate/faults";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Attempt, BrokenCluster, type Verdict } from "./broken-cluster.ts";
import { type LocalCluster, quorate } from "./local-cluster.ts";

const MINUTES = 60_000;
const elsewhere = mkdtempSync(join(tmpdir(), "quorate-blame-"));
let network: BrokenCluster;
let cluster: LocalCluster;

beforeAll(async () => {
  network = await BrokenCluster.start();
  cluster = network.cluster;
}, 5 * MINUTES);
afterAll(async () => {
  await network[Symbol.asyncDispose]();
  rmSync(elsewhere, { recursive: true, force: true });
}, MINUTES);

/**
 * Waits until each of the others holds a verdict against a node of what it did to a key that was made. @returns that of the code: a liar
 * that is shown its own lie proves itself to have signed two things, and some may have heard that first
 */
async function verdictOfMaking(accused: string, code: string): Promise<Verdict> {
  const found = async () =>
    (await network.verdicts()).filter((one) => one.accused === accused && one.kind === "keygen");
  const others = async () => (await found()).flatMap((one) => one.heldBy).filter((one) => one !== accused);
  await expect.poll(async () => new Set(await others()).size, { timeout: MINUTES }).toBe(4);
  return (await found()).find((one) => one.code === code)!;
}

/** Waits until all others hold a verdict of that code against a node. */
async function verdictOn(accused: string, code: string): Promise<Verdict> {
  const find = async () => (await network.verdicts()).find((one) => one.accused === accused && one.code === code);
  const others = async () => (await find())?.heldBy.filter((one) => one !== accused).length;
  await expect.poll(others, { timeout: MINUTES }).toBe(4);
  return (await find())!;
}

/** Exports the evidence and takes it, with the network file, to a place that knows nothing else. */
async function exported({ id, code }: Verdict): Promise<{ evidence: string; file: string }> {
  const [evidence, file] = [join(elsewhere, `${code}.json`), join(elsewhere, "network.json")];
  await cluster.json("blame", "show", id, "--out", evidence);
  copyFileSync(join(cluster.dir, "network.json"), file);
  return { evidence, file };
}

/** Checks evidence in a directory in which there is no network. */
const verify = (evidence: string, file: string) =>
  quorate("--dir", join(elsewhere, "none"), "blame", "verify", evidence, "--network", file);

async function expectProof(verdict: Verdict): Promise<void> {
  const { evidence, file } = await exported(verdict);
  const proven = await verify(evidence, file);
  expect(proven).toMatchObject({ code: 0, stdout: expect.stringMatching(`^PROVEN\n  ${verdict.accused}`) });
}

/** The evidence of a verdict with somebody else as the accused. */
async function expectNoProofOfOthers(verdict: Verdict): Promise<void> {
  const { evidence, file } = await exported(verdict);
  const document = JSON.parse(readFileSync(evidence, "utf8"));
  const { name: node, publicKey } = network.nodes.find((one) => one.name !== verdict.accused)!;
  writeFileSync(evidence, JSON.stringify({ ...document, accused: { ...document.accused, node, publicKey } }));
  expect(await verify(evidence, file)).toMatchObject({ code: 3, stdout: expect.stringMatching("^NOT PROVEN\n") });
}

/** Tries to make a key. */
const makeKey = () => cluster.call("POST", "/keys", { scheme: "EdDSA", curve: "ed25519" });

describe("a real signer process that is made to misbehave is proven guilty, offline, by the command", () => {
  it(
    "finds nobody guilty before anybody is",
    async () => expect(await cluster.json("blame", "ls")).toMatchObject({ items: [], silent: [] }),
    MINUTES,
  );

  it(
    "of a wrong share; the user gets the signature",
    async () => {
      await cluster.json("fault", "inject", "wrong-share", "--node", "ohio");
      // Which signers are chosen depends on measured round trips: sign until ohio was among them.
      let request = await network.signed();
      while (!request.attempts.some((attempt) => attempt.signers.includes("ohio"))) request = await network.signed();
      await cluster.json("fault", "clear");
      expect(await cluster.json("fault", "ls")).toEqual({ faults: [] });
      const verdict = await verdictOn("ohio", "bad_signature_share");
      await expectProof(verdict);
      await expectNoProofOfOthers(verdict);
      const shown = await cluster.call("GET", `/keys/${request.keyId}/signatures/${request.id}`);
      const { attempts } = shown.body._quorate as { attempts: readonly Attempt[] };
      const others = expect.arrayContaining(["virginia", "montreal", "ireland", "frankfurt"]);
      expect(attempts.flatMap((attempt) => attempt.culprits)).toMatchObject([{ node: "ohio", verifiedBy: others }]);
    },
    5 * MINUTES,
  );

  it.each<[SignerFault["kind"], string, string]>([
    ["bad-share", "bad_share", "frankfurt"],
    ["bad-proof", "bad_proof", "virginia"],
    ["equivocate", "equivocation", "montreal"],
    ["invalid-points", "malformed", "ireland"],
    ["wrong-length", "malformed", "ohio"],
  ])(
    "of %s when a key is made; the next key is made",
    async (kind, code, node) => {
      await network.inject({ kind, node });
      expect(await makeKey()).toMatchObject({ status: 500, body: { error: { details: { culprits: [node] } } } });
      await network.clear();
      expect((await makeKey()).status).toBe(200);
      await expectProof(await verdictOfMaking(node, code));
    },
    5 * MINUTES,
  );

  it(
    "and of nothing when it sends what it sent before: keys are made, and it signs",
    async () => {
      const before = await network.verdicts();
      await network.inject({ kind: "replay", node: "virginia" });
      expect(await network.made()).toBe(200);
      expect((await network.askedOf("virginia")).result).toBe("signed");
      await network.clear();
      expect(await network.verdicts()).toEqual(before);
    },
    5 * MINUTES,
  );

  it(
    "in the rounds that run in its workshop's thread as well: they are spoilt, and it is done without",
    async () => {
      await cluster.pairs();
      const key = await cluster.key("ECDSA");
      // A digest takes the interactive rounds.
      const attempts = async (): Promise<readonly Attempt[]> => {
        const digest = { kind: "Hash", hash: "0a".repeat(32) };
        const { body } = await cluster.call("POST", `/keys/${key}/signatures`, digest);
        expect(body.status).toBe("Signed");
        return (body._quorate as { attempts: readonly Attempt[] }).attempts;
      };
      let spoilt: Attempt | undefined;
      while (spoilt === undefined) {
        // Which signers are chosen depends on measured round trips: who signed last is likely to be asked again.
        await network.clear();
        const liar = (await attempts()).at(-1)!.signers[0]!;
        await network.inject({ kind: "invalid-points", node: liar });
        spoilt = (await attempts()).find((attempt) => attempt.signers.includes(liar));
      }
      expect(spoilt.result).not.toBe("signed");
      await network.clear();
      await attempts();
    },
    6 * MINUTES,
  );

  it(
    "and of nothing when it is silent, or gone: then it is unresponsive",
    async () => {
      interface Listed {
        readonly items: readonly Verdict[];
      }
      const guilty = async () => (await cluster.json<Listed>("blame", "ls")).items.map((one) => one.id);
      const before = await guilty();
      await network.inject({ kind: "silent", node: "ireland" });
      expect(await network.made()).not.toBe(200);
      await network.clear();
      await cluster.signal("ireland", "SIGKILL");
      expect(await network.made()).not.toBe(200);
      expect(before).toEqual(expect.arrayContaining(await guilty()));
    },
    5 * MINUTES,
  );
});
