import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeShare } from "@quorate/keygen";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Attempt, BrokenCluster } from "./broken-cluster.ts";
import type { LocalCluster } from "./local-cluster.ts";
import { networkOf, openSignerRecords } from "./signer-records.ts";

const MINUTES = 60_000;
let network: BrokenCluster;
let cluster: LocalCluster;

beforeAll(async () => {
  network = await BrokenCluster.start();
  cluster = network.cluster;
}, 5 * MINUTES);
afterAll(async () => cluster[Symbol.asyncDispose](), MINUTES);

describe("a real signer process that is made to misbehave", () => {
  it(
    "is named for a wrong share, by the evidence that every other signer verified, and the request succeeds",
    async () => {
      await cluster.json("fault", "inject", "wrong-share", "--node", "ohio");
      // Which signers are chosen depends on measured round trips: sign until ohio was among them.
      let request = await network.signed();
      while (!request.attempts.some((attempt) => attempt.signers.includes("ohio"))) request = await network.signed();
      const culprits = async () => {
        const shown = await cluster.call("GET", `/keys/${request.keyId}/signatures/${request.id}`);
        expect(shown.body.status).toBe("Signed");
        const { attempts } = shown.body._quorate as { attempts: readonly Attempt[] };
        return attempts.flatMap((attempt) => attempt.culprits);
      };
      await expect
        .poll(culprits, { timeout: MINUTES })
        .toMatchObject([
          { node: "ohio", verifiedBy: expect.arrayContaining(["virginia", "montreal", "ireland", "frankfurt"]) },
        ]);
      await cluster.json("fault", "clear");
      expect(await cluster.json("fault", "ls")).toEqual({ faults: [] });
    },
    3 * MINUTES,
  );

  it(
    "makes every other signer abort and is named when it equivocates in key generation; afterwards keys are made again",
    async () => {
      await cluster.json("fault", "inject", "equivocate", "--node", "montreal");
      const refused = await cluster.call("POST", "/keys", { scheme: "EdDSA", curve: "ed25519" });
      expect(refused.status).toBe(500);
      expect(refused.body).toMatchObject({ error: { details: { culprits: ["montreal"] } } });
      await cluster.json("fault", "clear");
      expect((await cluster.call("POST", "/keys", { scheme: "EdDSA", curve: "ed25519" })).status).toBe(200);
    },
    3 * MINUTES,
  );

  it(
    "spoils the rounds that run in its workshop's thread as well, and is done without",
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
});

describe("the files of a network", () => {
  it(
    "hold every share sealed: none is in plain in any database, log or file, also not at the coordinator",
    async () => {
      await cluster.stop();
      const files = readdirSync(cluster.dir, { recursive: true, withFileTypes: true }).filter((entry) =>
        entry.isFile(),
      );
      const contents = files.map((entry) => readFileSync(join(entry.parentPath, entry.name)));
      const { nodes } = networkOf(cluster.dir);
      const secrets = nodes.flatMap(({ name }) => sharesOf(name));
      expect(secrets).toHaveLength(nodes.length * 3 * 2);
      for (const secret of secrets) {
        const hex = secret.toString("hex");
        const forms = [
          secret,
          hex,
          hex.toUpperCase(),
          secret.toString("base64").slice(0, 40),
          secret.toString("base64url").slice(0, 40),
        ];
        expect(contents.some((content) => forms.some((form) => content.includes(form)))).toBe(false);
      }
    },
    MINUTES,
  );
});

/** The signing shares and chain codes of a signer. */
function sharesOf(node: string): readonly Buffer[] {
  const records = openSignerRecords(cluster.dir, node);
  const secrets = records.list({ kind: "share", limit: 100 }).flatMap(({ record }) => {
    if (record.state !== "present") throw new Error(`a share of ${node} does not open`);
    const { signingShare, chainCode } = decodeShare(record.value);
    return [Buffer.from(signingShare.expose()), Buffer.from(chainCode.expose())];
  });
  records.close();
  return secrets;
}
