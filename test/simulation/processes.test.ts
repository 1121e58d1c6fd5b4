import type { KeyRecord, Result } from "@quorate/coordinator";
import type { Fault } from "@quorate/faults";
import { PRESETS } from "@quorate/regions";
import { Client, checkersOf, cryptoOf, type Scenario, Simulation, topologyOf, warmDisks } from "@quorate/simulator";
import { beforeAll, describe, expect, test } from "vitest";
import { outcomeOf, throughout, UNHARMED } from "./weather.ts";

// The pairs of the signers are set up once for all, which takes some seconds of a busy machine.
beforeAll(() => void warmDisks(5, cryptoOf("model")), 180_000);

/** A network with one key, under all checkers. */
function started(scheme: "EdDSA" | "ECDSA") {
  const crypto = cryptoOf("model");
  const topology = topologyOf(PRESETS.eu, 3);
  const simulation = new Simulation({ seed: scheme, topology, crypto, disks: warmDisks(5, crypto), writeMs: 2 });
  const client = new Client(simulation);
  const checkers = checkersOf(simulation, [client]);
  simulation.timeline.pass(3000);
  let made: Result<KeyRecord> | undefined;
  client.createKey(scheme, scheme === "EdDSA" ? "ed25519" : "secp256k1", (result) => {
    made = result;
  });
  simulation.until(() => made !== undefined);
  if (made === undefined || "error" in made) throw new Error("no key was made");
  simulation.timeline.pass(2000);
  return { simulation, client, checkers, key: made.ok };
}

describe("a signer that falls", () => {
  test.each(["EdDSA", "ECDSA"] as const)(
    "at any send or write of an %s signature costs an attempt at most, and comes back by itself",
    (scheme) => {
      const { simulation, client, checkers, key } = started(scheme);
      const body =
        scheme === "EdDSA" ? { kind: "Message", message: "0x12" } : { kind: "Hash", hash: `0x${"12".repeat(32)}` };
      const fallen = new Set<string>();
      const points = (["send", "write"] as const).flatMap((what) =>
        (["before", "after"] as const).flatMap((phase) => [1, 2, 3].map((count) => ({ what, phase, count }))),
      );
      for (const { what, phase, count } of points) {
        let left = count;
        simulation.endsAt = (point) => {
          if (point.node !== "signer-1" || point.what !== what || point.phase !== phase || --left !== 0) return false;
          fallen.add(`${phase} a ${what}`);
          return true;
        };
        const asking = client.ask(key, body);
        simulation.until(() => asking.endedMs !== undefined);
        expect(asking.answers[0]).toMatchObject({ ok: { status: "Signed" } });
        simulation.endsAt = () => false;
        simulation.start("signer-1");
        simulation.timeline.pass(10_000);
      }
      expect([...fallen].sort()).toEqual(["after a send", "after a write", "before a send", "before a write"]);
      expect(checkers.finish()).toEqual([]);
    },
  );
});

describe("signing goes on", () => {
  const crash = (node: string) => throughout({ kind: "crash", node });
  const lost: readonly (readonly [string, Scenario["timeline"], readonly string[]])[] = [
    ["as many as may be lost have fallen", [crash("signer-1"), crash("signer-2")], PRESETS.eu],
    ["a region has that holds no more", [crash("region:paris")], ["ireland", "paris", "paris", "london", "stockholm"]],
  ];
  test.each(lost)("when %s, within one attempt", (_, timeline, regions) => {
    const outcome = outcomeOf({ timeline, network: { regions } });
    expect(outcome).toMatchObject(UNHARMED);
    expect(outcome.slowestMs).toBeLessThan(1500);
  });

  test.each<Fault>([
    { kind: "slow", node: "signer-1", factor: 2000 },
    { kind: "pause", node: "signer-1" },
  ])("past a signer that is as slow as that: $kind", (fault) => {
    const outcome = outcomeOf({ timeline: [throughout(fault)] });
    expect(outcome).toMatchObject(UNHARMED);
    expect(outcome.slowestMs).toBeLessThan(15_000);
  });
});

describe("nothing is signed", () => {
  test("while a region is lost without which there is no quorum; all is again once it is back", () => {
    const timeline = [throughout({ kind: "crash", node: "region:paris" })];
    const outcome = outcomeOf({ timeline, network: { regions: ["ireland", "paris", "paris", "paris", "london"] } });
    expect(outcome).toMatchObject({ ...UNHARMED, refused: 4 });
  });
});

describe("a coordinator that falls", () => {
  test.each([1, 2, 3, 5, 8])(
    "at its send number %i leaves no request without an end, and nothing signed twice",
    (round) => {
      const timeline = [throughout({ kind: "crash", node: "coordinator", round }, 1500)];
      const { violations, unfinished, blamed } = outcomeOf({ timeline, workload: { duplicates: 1 } });
      expect({ violations, unfinished, blamed }).toEqual({ violations: [], unfinished: [], blamed: [] });
    },
  );
});
