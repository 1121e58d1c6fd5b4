import type { FaultKind, SignerFault } from "@quorate/faults";
import { cryptoOf, warmDisks } from "@quorate/simulator";
import { beforeAll, describe, expect, test } from "vitest";
import { allBut, outcomeOf, throughout, UNHARMED } from "./weather.ts";

// The pairs of the signers are set up once for all, which takes some seconds of a busy machine.
beforeAll(() => void warmDisks(5, cryptoOf("model")), 180_000);

const lies = (kind: FaultKind, node: string) => throughout({ kind, node } as SignerFault);

describe("a malicious signer among five of which three must sign", () => {
  const cases: readonly (readonly [
    SignerFault["kind"],
    "is named by what proves it" | "is named for nothing that cannot be proven",
  ])[] = [
    ["wrong-share", "is named by what proves it"],
    ["bad-proof", "is named by what proves it"],
    ["equivocate", "is named by what proves it"],
    ["invalid-points", "is named by what proves it"],
    ["wrong-length", "is named by what proves it"],
    ["silent", "is named for nothing that cannot be proven"],
    ["selective-silence", "is named for nothing that cannot be proven"],
    ["spoof", "is named for nothing that cannot be proven"],
    ["replay", "is named for nothing that cannot be proven"],
    ["rush", "is named for nothing that cannot be proven"],
    ["selective-abort", "is named for nothing that cannot be proven"],
    ["storm", "is named for nothing that cannot be proven"],
    ["ot-failure", "is named for nothing that cannot be proven"],
  ];
  test.each(cases)("with %s keeps nobody from a signature and %s", (kind, named) => {
    const outcome = outcomeOf({ timeline: [lies(kind, "signer-1")], core: allBut("signer-1") });
    const blamed = named === "is named by what proves it" ? ["signer-1"] : [];
    expect(outcome).toMatchObject({ ...UNHARMED, blamed });
  });
});

describe("two malicious signers among five of which three must sign", () => {
  test.each([
    ["wrong-share", "invalid-points"],
    ["silent", "equivocate"],
    ["selective-abort", "bad-proof"],
    ["spoof", "replay"],
  ] as const)("with %s and %s keep nobody from a signature, and have nobody else named", (first, second) => {
    const timeline = [lies(first, "signer-1"), lies(second, "signer-2")];
    const { blamed, ...outcome } = outcomeOf({ timeline, core: allBut("signer-1", "signer-2") });
    expect(outcome).toMatchObject({ violations: [], unfinished: [], refused: 0 });
    expect(["signer-1", "signer-2"]).toEqual(expect.arrayContaining([...blamed]));
  });
});
