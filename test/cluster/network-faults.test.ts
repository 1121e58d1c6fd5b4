import type { Fault } from "@quorate/faults";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BrokenCluster } from "./broken-cluster.ts";

/** On a machine that does much else besides. */
const MINUTES = 180_000;
let network: BrokenCluster;

beforeAll(async () => {
  network = await BrokenCluster.start();
}, 5 * MINUTES);
afterAll(async () => network[Symbol.asyncDispose](), MINUTES);

describe("a network whose links, disks and clocks are faulty", () => {
  it(
    "signs without a region that is cut off, and has it back once the partition ends",
    async () => {
      await network.inject({ kind: "partition", link: "region:ohio" });
      await network.linked("ohio", false);
      expect(await network.signers()).not.toContain("ohio");
      await network.clear();
      await network.linked("ohio", true);
    },
    3 * MINUTES,
  );

  it(
    "takes a link down at both ends that is cut one way alone, signs without it, and has it back",
    async () => {
      await network.inject({ kind: "partition", link: "ohio->coordinator" });
      await network.linked("ohio", false);
      expect(await network.signers()).not.toContain("ohio");
      await network.clear();
      await network.linked("ohio", true);
    },
    3 * MINUTES,
  );

  it(
    "signs while the link of a signer comes and goes, and with that signer afterwards",
    async () => {
      await network.inject({ kind: "flap", link: "ohio<->coordinator", everyMs: 1000 });
      for (let at = 0; at < 20; at++) await network.signed();
      await network.clear();
      await network.linked("ohio", true);
      expect(await network.askedOf("ohio")).toMatchObject({ result: "signed" });
    },
    3 * MINUTES,
  );

  it(
    "signs with a signer that computes twenty times slower, and names nobody",
    async () => {
      await network.inject({ kind: "slow", node: "montreal", factor: 20 });
      for (let at = 0; at < 5; at++) {
        const { attempts } = await network.signed();
        expect(attempts.flatMap((attempt) => attempt.culprits)).toEqual([]);
      }
      expect(await network.verdicts()).toEqual([]);
      await network.clear();
    },
    3 * MINUTES,
  );

  it(
    "signs with a tenth of all messages lost, some twice and some out of order",
    async () => {
      for (const kind of ["loss", "duplicate", "reorder"] as const) {
        await network.inject({ kind, link: "*", probability: 0.1 });
      }
      for (let at = 0; at < 5; at++) await network.signed();
      await network.clear();
    },
    4 * MINUTES,
  );

  it.each<[string, Fault, string]>([
    ["has no space on its disk", { kind: "disk-full", node: "montreal" }, "no_space"],
    ["has a clock ten minutes ahead", { kind: "clock", node: "montreal", skewMs: 600_000 }, "expired"],
  ])(
    "signs without a signer that %s, which says so and is used again afterwards",
    async (_, fault, code) => {
      await network.inject(fault);
      expect((await network.askedOf("montreal")).result).toContain(code);
      await network.signed();
      await network.clear();
      expect((await network.askedOf("montreal")).result).toBe("signed");
    },
    4 * MINUTES,
  );
});

describe("a real coordinator process that lies", () => {
  it.each(["coordinator:different-messages", "coordinator:altered-payload", "coordinator:no-authority"] as const)(
    "and tells %s gets nothing signed, and everything once it is honest again",
    async (kind) => {
      await network.inject({ kind });
      await expect(network.signed()).rejects.toThrow(/signers refuse/);
      await network.clear();
      await network.signed();
    },
    3 * MINUTES,
  );

  it(
    "and asks twice with the same commitments gets one signature a request",
    async () => {
      await network.inject({ kind: "coordinator:twice" });
      for (let at = 0; at < 3; at++) await network.signed();
      await network.logged(/"code":"unknown_nonce"/, "virginia", "ohio", "montreal", "ireland", "frankfurt");
      await network.clear();
    },
    3 * MINUTES,
  );
});

describe("faults that are none", () => {
  it.each([
    ["a kind", ["explode"], /kind: there is no fault/],
    ["a node", ["crash", "--node", "tokyo"], /tokyo means no node/],
    ["a signer", ["wrong-share", "--node", "coordinator"], /fault of signers/],
    ["a parameter", ["loss", "--link", "ohio"], /probability: loss needs it/],
    ["a time", ["crash", "--node", "ohio", "--for", "soon"], /for: "soon" is no time/],
  ])(
    "are refused for want of %s, and nothing is in force",
    async (_, words, problem) => {
      const { code, stderr } = await network.cluster.run("fault", "inject", ...words);
      expect(code).toBe(2);
      expect(stderr).toMatch(problem);
      expect(await network.faults()).toEqual([]);
    },
    MINUTES,
  );
});
