import { afterAll, beforeAll, expect, it } from "vitest";
import { LocalCluster } from "./local-cluster.ts";
import { networkOf, openSignerRecords } from "./signer-records.ts";

const MINUTES = 60_000;
let cluster: LocalCluster;

interface Shown {
  readonly id: string;
  readonly keyId: string;
  readonly epoch: number;
  readonly certificateVerified: boolean;
}

beforeAll(async () => {
  cluster = await LocalCluster.start("--no-regions");
}, 5 * MINUTES);
afterAll(async () => cluster[Symbol.asyncDispose](), MINUTES);

/** The epochs of which a signer that is down has shares on its disk. */
function epochsOnDisk(node: string, keyId: string): readonly number[] {
  const records = openSignerRecords(cluster.dir, node);
  const shares = records.list({ kind: "share", limit: 10 }).filter(({ id }) => id === keyId);
  records.close();
  return shares.map(({ epoch }) => epoch);
}

it(
  "real processes give a key new shares, sign with them also after a restart, and keep no old one",
  async () => {
    await cluster.json("keys", "create", "--scheme", "EdDSA", "--name", "treasury");
    const before = await cluster.json<Shown>("keys", "show", "treasury");
    const said = await cluster.run("keys", "refresh", "treasury");
    expect(said).toMatchObject({ code: 0, stdout: expect.stringMatching(/treasury: all 5 holders.*epoch 1/) });
    await cluster.json("sign", "treasury", "--message", "with new shares");
    expect(await cluster.json<Shown>("keys", "refresh", "treasury")).toMatchObject({
      epoch: 2,
      certificateVerified: true,
    });
    const after = await cluster.json<Shown>("keys", "show", "treasury");
    expect(after).toMatchObject({ id: before.id, keyId: before.keyId, epoch: 2, certificateVerified: true });
    await cluster.stop();
    for (const { name } of networkOf(cluster.dir).nodes)
      expect([name, epochsOnDisk(name, before.keyId)]).toEqual([name, [2]]);
    cluster = await LocalCluster.startIn(cluster.dir, "--no-regions");
    await cluster.json("sign", "treasury", "--message", "after a restart");
  },
  5 * MINUTES,
);
