import type { Fault } from "@quorate/faults";
import { cryptoOf, type Timed, warmDisks } from "@quorate/simulator";
import { beforeAll, describe, expect, test } from "vitest";
import { allBut, outcomeOf, throughout, UNHARMED } from "./weather.ts";

// The pairs of the signers are set up once for all, which takes some seconds of a busy machine.
beforeAll(() => void warmDisks(5, cryptoOf("model")), 180_000);

/** What happened to the disk, and then a start from it. */
function startedFrom(fault: Fault): readonly Timed[] {
  return [throughout(fault), { atMs: 10, forMs: 500, fault: { kind: "crash", node: "signer-1" } }];
}

describe("a signer whose disk", () => {
  const damage: readonly (readonly [string, Fault])[] = [
    ["has a flipped bit in a share", { kind: "bit-flip", node: "signer-1", record: "share" }],
    ["has a flipped bit in a pair", { kind: "bit-flip", node: "signer-1", record: "pair" }],
    ["has two shares in one another's place", { kind: "swap", node: "signer-1", record: "share" }],
    ["has two pairs in one another's place", { kind: "swap", node: "signer-1", record: "pair" }],
  ];
  test.each(damage)("%s signs nothing with it; the others sign", (_, fault) => {
    expect(outcomeOf({ timeline: startedFrom(fault), core: allBut("signer-1") })).toMatchObject(UNHARMED);
  });

  const passing: readonly (readonly [string, Fault])[] = [
    ["is full", { kind: "disk-full", node: "signer-1" }],
    ["needs two seconds for each write", { kind: "disk-slow", node: "signer-1", ms: 2000 }],
  ];
  test.each(passing)("%s costs no request its signature, and it signs again afterwards", (_, fault) => {
    expect(outcomeOf({ timeline: [throughout(fault)] })).toMatchObject(UNHARMED);
  });

  test.each(["signer-1", "signer-2"])("is that of an earlier time, signs nothing twice: %s", (node) => {
    const timeline: Timed[] = [{ atMs: 2500, fault: { kind: "rollback", node } }];
    const { violations, ...outcome } = outcomeOf({ timeline, core: allBut(node), workload: { duplicates: 1 } });
    expect(outcome).toMatchObject({ unfinished: [], blamed: [], refused: 0 });
    // Its own log went back with all else on that disk; those of the others tell of the signatures.
    expect(violations.filter((one) => one.property !== "audit-chain" || one.node !== node)).toEqual([]);
  });
});
