import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BrokenCluster } from "./broken-cluster.ts";
import { until } from "./local-cluster.ts";

/** On a machine that does much else besides. */
const MINUTES = 180_000;
let network: BrokenCluster;

beforeAll(async () => {
  network = await BrokenCluster.start();
}, 5 * MINUTES);
afterAll(async () => network[Symbol.asyncDispose](), MINUTES);

describe("a process that is broken from outside", () => {
  it(
    "is gone while it is crashed, and back, with its key, once the fault ends",
    async () => {
      await network.inject({ kind: "crash", node: "ohio" });
      expect(await network.process("ohio")).toMatchObject({ state: "stopped", pid: null });
      expect(await network.signers()).not.toContain("ohio");
      await network.clear();
      expect(await network.process("ohio")).toMatchObject({ state: "ready" });
      await network.linked("ohio", true);
      expect(await network.faults()).toEqual([]);
    },
    3 * MINUTES,
  );

  it(
    "crashes in the round of a session that the fault names, and not before",
    async () => {
      await network.inject({ kind: "crash", node: "montreal", round: 3 });
      await network.signed();
      const state = async () => (await network.process("montreal"))?.state;
      expect(await state()).toBe("ready");
      expect(await network.made()).not.toBe(200);
      await until(async () => (await state()) === "stopped");
      await network.clear();
      expect(await state()).toBe("ready");
      await network.linked("montreal", true);
      expect(await network.made()).toBe(200);
    },
    3 * MINUTES,
  );

  it(
    "stands still for the time that it is paused, is signed without meanwhile, and goes on by itself",
    async () => {
      await network.inject({ kind: "pause", node: "ireland" }, 20_000);
      await network.linked("ireland", false);
      expect(await network.signers()).not.toContain("ireland");
      await until(async () => (await network.faults()).length === 0);
      await network.linked("ireland", true);
    },
    3 * MINUTES,
  );

  it(
    "is known as a clone where it runs twice, and the first goes on",
    async () => {
      // Of two nodes the one with the smaller key calls the other: one that calls nobody is not heard, whatever runs as it.
      const nodes = network.nodes.toSorted((a, b) => (a.publicKey < b.publicKey ? -1 : 1));
      const [cloned = "", ...others] = nodes.map((one) => one.name);
      await network.inject({ kind: "clone", node: cloned });
      await network.logged(/"by":"us","code":"clone_detected"/, ...others);
      await network.signed();
      await network.clear();
      expect(await network.process(`${cloned}~clone`)).toBeUndefined();
    },
    3 * MINUTES,
  );

  it(
    "finds a share with a flipped bit unusable and keeps running; the key is signed with without it",
    async () => {
      await network.inject({ kind: "bit-flip", node: "ireland", record: "share" });
      await network.logged(/"broken":1/, "ireland");
      expect(await network.signers()).not.toContain("ireland");
      await network.clear();
      await network.linked("ireland", true);
    },
    3 * MINUTES,
  );

  it(
    "goes back to a snapshot only where one was taken, says so before it serves, and signs nothing more that was authorised until then",
    async () => {
      const rollback = () => network.inject({ kind: "rollback", node: "virginia" });
      await expect(rollback()).rejects.toThrow("quorate fault snapshot --node");
      await network.snapshot("virginia");
      const before = (await network.process("virginia"))?.pid;
      // What it did in the last second before, the others may not have heard of: then it is put back once more.
      while (!told("virginia").includes("signer.rollback_detected")) {
        await network.askedOf("virginia");
        await rollback();
        await network.linked("virginia", true);
      }
      const after = (await network.process("virginia"))!;
      expect(after.state).toBe("ready");
      expect(after.pid).not.toBe(before);
      expect(await network.faults()).toEqual([]);
      expect(told("virginia").slice(-2)).toEqual(["signer.rollback_detected", "signer.ready"]);
      await network.askedOf("virginia");
      await network.logged(/order\.refused.*rolled_back/, "virginia");
    },
    4 * MINUTES,
  );
});

/** The types of what the processes of a signer told, in order. */
function told(node: string): readonly string[] {
  const log = readFileSync(join(network.cluster.dir, "nodes", node, "log.jsonl"), "utf8");
  return [...log.matchAll(/"type":"(signer\.[a-z_]+)"/g)].map(([, type]) => type!);
}
