import type { Fault } from "@quorate/faults";
import { cryptoOf, warmDisks } from "@quorate/simulator";
import { beforeAll, describe, expect, test } from "vitest";
import { outcomeOf, throughout, UNHARMED } from "./weather.ts";

// The pairs of the signers are set up once for all, which takes some seconds of a busy machine.
beforeAll(() => void warmDisks(5, cryptoOf("model")), 180_000);

describe("every request is signed", () => {
  const clocks: readonly (readonly [string, Fault])[] = [
    ["is five minutes ahead", { kind: "clock", node: "signer-1", skewMs: 300_000 }],
    ["is five minutes behind", { kind: "clock", node: "signer-1", skewMs: -300_000 }],
    ["stands still", { kind: "clock", node: "signer-1", frozen: true }],
    ["drifts", { kind: "clock", node: "signer-1", driftPpm: 500 }],
  ];
  test.each(clocks)("while the clock of a signer %s, and nobody is blamed", (_, fault) => {
    expect(outcomeOf({ timeline: [throughout(fault)] })).toMatchObject(UNHARMED);
  });

  test("once, however often each asker sends it", () => {
    expect(outcomeOf({ timeline: [], workload: { duplicates: 1 } })).toMatchObject(UNHARMED);
  });

  test("of a hundred that come within a tenth of a second", () => {
    const keys = [{ scheme: "EdDSA", curve: "ed25519" }] as const;
    expect(outcomeOf({ timeline: [], keys, workload: { requests: 100, overMs: 100 } })).toMatchObject(UNHARMED);
  });
});
