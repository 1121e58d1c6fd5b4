import type { KeyRecord, Result } from "@quorate/coordinator";
import { networkFloorMs, PRESETS, type PresetName } from "@quorate/regions";
import { beforeAll, describe, expect, test } from "vitest";
import { Client, cryptoOf, Simulation, topologyOf, warmDisks } from "./index.ts";

/** A network with one key, some time after its start. */
function started(regions: readonly string[], seed = "1") {
  const disks = warmDisks(regions.length, cryptoOf("full"));
  const simulation = new Simulation({ seed, topology: topologyOf(regions, 3), disks });
  simulation.timeline.pass(2000);
  const client = new Client(simulation);
  let made: Result<KeyRecord> | undefined;
  client.createKey("EdDSA", "ed25519", (result) => {
    made = result;
  });
  simulation.until(() => made !== undefined);
  if (made === undefined || "error" in made) throw new Error("no key was made");
  simulation.timeline.pass(2000);
  return { simulation, client, key: made.ok };
}

/** Milliseconds of virtual time that one signature takes. */
function signatureMs({ simulation, client, key }: ReturnType<typeof started>): number {
  const asking = client.ask(key, { kind: "Message", message: "0x1234" });
  simulation.until(() => asking.endedMs !== undefined);
  expect(asking.answers[0]).toMatchObject({ ok: { status: "Signed" } });
  return asking.endedMs! - asking.askedMs;
}

// The pairs of five signers are set up once for all, which takes some seconds of a busy machine.
beforeAll(() => void warmDisks(5, cryptoOf("full")), 180_000);

describe("a simulated network", () => {
  test.each(Object.keys(PRESETS) as PresetName[])("signs in %s at the floor of the network", (preset) => {
    expect(Math.abs(signatureMs(started(PRESETS[preset])) - networkFloorMs(PRESETS[preset]))).toBeLessThan(1);
  });

  test("does the same again for the same seed, byte for byte, and something else for another", () => {
    const hashes = ["1", "1", "2"].map((seed) => {
      const network = started(PRESETS.eu, seed);
      signatureMs(network);
      return network.simulation.trace.hash;
    });
    expect(hashes[0]).toBe(hashes[1]);
    expect(hashes[0]).not.toBe(hashes[2]);
  });
});
