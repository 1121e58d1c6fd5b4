import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { BrokenCluster } from "./broken-cluster.ts";

const MINUTES = 60_000;
let network: BrokenCluster;

beforeAll(async () => {
  network = await BrokenCluster.start();
}, 5 * MINUTES);
afterAll(async () => network[Symbol.asyncDispose](), MINUTES);

/** The types of what virginia's processes told, in order. */
function told(): readonly string[] {
  const log = readFileSync(join(network.cluster.dir, "nodes", "virginia", "log.jsonl"), "utf8");
  return [...log.matchAll(/"type":"(signer\.[a-z_]+)"/g)].map(([, type]) => type!);
}

it(
  "a signer whose database is put back says so before it serves, and signs nothing more that was authorised until then",
  async () => {
    await network.snapshot("virginia");
    // What it did in the last second before, the others may not have heard of: then it is put back once more.
    while (!told().includes("signer.rollback_detected")) {
      await network.askedOf("virginia");
      await network.inject({ kind: "rollback", node: "virginia" });
      await network.linked("virginia", true);
    }
    expect(told().slice(-2)).toEqual(["signer.rollback_detected", "signer.ready"]);
    await network.askedOf("virginia");
    await network.logged(/order\.refused.*rolled_back/, "virginia");
  },
  4 * MINUTES,
);
