import { encode } from "@quorate/curves";
import { unhex } from "@quorate/orders";
import { banRecord } from "@quorate/vault";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LocalCluster, until } from "./local-cluster.ts";
import { networkOf, openSignerRecords } from "./signer-records.ts";

const MINUTES = 60_000;
let cluster: LocalCluster;

interface Standing {
  readonly node: string;
  readonly state: string;
}

interface Signed {
  readonly signers: readonly string[];
}

/** How one signer says that it stands with another. */
async function standing(by: string, node: string): Promise<string | undefined> {
  const standings = (await cluster.control("ask", { node: by, question: "pairs" })) as readonly Standing[];
  return standings.find((one) => one.node === node)?.state;
}

/** Puts into a signer's database what it writes when it bans another. */
function plantBan(at: string, node: string): void {
  const { publicKey } = networkOf(cluster.dir).nodes.find(({ name }) => name === node)!;
  const value = encode(banRecord, { publicKey: unhex(publicKey), code: "fold_check", at: Date.now() });
  const records = openSignerRecords(cluster.dir, at);
  expect(records.write([{ kind: "ban", id: publicKey, epoch: 0, value }])).toBe("ok");
  records.close();
}

beforeAll(async () => {
  cluster = await LocalCluster.start("--no-regions");
  await cluster.json("keys", "create", "--scheme", "ECDSA", "--name", "payer");
  await cluster.pairs();
  await cluster.json("presign", "fill", "payer", "--count", "1");
  await cluster.stop();
  plantBan("virginia", "ohio");
  cluster = await LocalCluster.startIn(cluster.dir, "--no-regions");
}, 5 * MINUTES);
afterAll(async () => cluster[Symbol.asyncDispose](), MINUTES);

describe("a signer that banned another", () => {
  it(
    "does not work with it, nor it with that signer, and both say so",
    async () => {
      await until(async () => (await standing("ohio", "virginia")) === "banned");
      expect(await standing("virginia", "ohio")).toBe("banned");
      const { stdout } = await cluster.run("peers");
      expect(stdout).toContain("quorate peers readmit ohio --at virginia");
      expect(await cluster.json("status")).toMatchObject({ presignatures: { pools: [] } });
      const { code, stdout: findings } = await cluster.run("doctor");
      expect({ code, findings }).toMatchObject({ code: 5, findings: expect.stringMatching(/not ok +pairs.*banned/) });
    },
    4 * MINUTES,
  );

  it(
    "is never in one set with it, and the network signs all the same",
    async () => {
      for (const text of ["one", "two", "three"]) {
        const { signers } = await cluster.json<Signed>("sign", "payer", "--message", text);
        expect(signers.filter((name) => name === "virginia" || name === "ohio").length).toBeLessThan(2);
      }
    },
    4 * MINUTES,
  );

  it(
    "does not readmit it without a person's word, by the wrong names, or where nobody is banned",
    async () => {
      const refusal = async (...args: readonly string[]) => {
        const { code, stderr } = await cluster.run("peers", "readmit", ...args);
        return { code, stderr };
      };
      const said = (text: string) => expect.stringContaining(text);
      expect(await refusal("ohio", "--at", "virginia")).toEqual({ code: 2, stderr: said("--yes: is missing") });
      expect(await refusal("ohio", "--at", "atlantis", "--yes")).toEqual({
        code: 2,
        stderr: said("no signer atlantis"),
      });
      expect(await refusal("ohio", "--at", "ohio", "--yes")).toEqual({ code: 2, stderr: said("cannot ban itself") });
      const notBanned = await refusal("ireland", "--at", "virginia", "--yes");
      expect(notBanned).toEqual({ code: 2, stderr: said("virginia has not banned ireland") });
      expect(await standing("virginia", "ohio")).toBe("banned");
    },
    4 * MINUTES,
  );

  it(
    "is told by its own readmission alone, then works with it again after a fresh setup",
    async () => {
      const wrongEnd = await cluster.run("peers", "readmit", "virginia", "--at", "ohio", "--yes");
      expect(wrongEnd.code).toBe(4);
      expect(wrongEnd.stdout).toContain("quorate peers readmit ohio --at virginia");
      expect(await cluster.json("peers", "readmit", "ohio", "--at", "virginia", "--yes")).toMatchObject({
        node: "ohio",
        at: "virginia",
      });
      await until(async () => (await standing("virginia", "ohio")) === "ready");
      await until(async () => (await standing("ohio", "virginia")) === "ready");
      const logs = await cluster.run("logs", "virginia", "-n", "1000", "--json");
      expect(logs.stdout).toMatch(/"type":"peer.readmitted".*"type":"pair.ready"/s);
    },
    4 * MINUTES,
  );
});
