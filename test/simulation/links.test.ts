import type { Fault, LinkFault } from "@quorate/faults";
import { cryptoOf, type Scenario, warmDisks } from "@quorate/simulator";
import { beforeAll, describe, expect, test } from "vitest";
import { allBut, outcomeOf, throughout, UNHARMED } from "./weather.ts";

// The pairs of the signers are set up once for all, which takes some seconds of a busy machine.
beforeAll(() => void warmDisks(5, cryptoOf("model")), 180_000);

const partitions = (...links: readonly string[]) => links.map((link) => throughout({ kind: "partition", link }));
const on = (fault: LinkFault) => [throughout(fault)];

describe("every request is signed", () => {
  const cases: readonly (readonly [string, Scenario["timeline"]])[] = [
    ["while each message is lost with a probability of a tenth", on({ kind: "loss", link: "*<->*", probability: 0.1 })],
    ["while one signer hears another that does not hear it", partitions("signer-1->signer-2")],
    ["while the coordinator hears a signer that does not hear it", partitions("coordinator->signer-1")],
    ["while two of five signers are cut off from all others", partitions("signer-1", "signer-2")],
    [
      "while the coordinator is cut off from three of five signers for a while",
      partitions("coordinator<->signer-1", "coordinator<->signer-2", "coordinator<->signer-3"),
    ],
    [
      "while one signer is linked to the coordinator and to one other alone",
      partitions("signer-1<->signer-2", "signer-1<->signer-3", "signer-1<->signer-4"),
    ],
    ["while the links of a signer come and go", on({ kind: "flap", link: "signer-1", everyMs: 700 })],
    [
      "while all that a signer says comes after its session has ended",
      on({ kind: "delay", link: "signer-1->coordinator", ms: 6000 }),
    ],
    [
      "while the links of a signer carry a kilobyte a second",
      on({ kind: "throttle", link: "signer-1", bytesPerSecond: 1000 }),
    ],
    [
      "while one signer hears of each request more than two seconds later than the others",
      on({ kind: "delay", link: "coordinator->signer-2", ms: 2300 }),
    ],
    ["while messages of a signer have a flipped bit", on({ kind: "corrupt", link: "signer-2", probability: 0.5 })],
  ];
  test.each(cases)("%s, and nobody is blamed", (_, timeline) => {
    expect(outcomeOf({ timeline })).toMatchObject(UNHARMED);
  });

  test("with delays that have a tail, in the middle within a quarter of the floor", () => {
    const keys = [{ scheme: "EdDSA", curve: "ed25519" }] as const;
    const calm = outcomeOf({ timeline: [], keys }).report.latenciesMs;
    const { report, ...outcome } = outcomeOf({ timeline: [], keys, network: { jitter: 1.5 } });
    expect(outcome).toMatchObject(UNHARMED);
    expect(report.latenciesMs[3]).toBeLessThan(calm[3]! * 1.25);
  });
});

describe("every request ends", () => {
  const loss: Fault = { kind: "loss", link: "*<->*", probability: 0.3 };
  test("while each message is lost with a probability of three tenths", () => {
    expect(outcomeOf({ timeline: [throughout(loss)] })).toMatchObject({ ...UNHARMED, refused: expect.any(Number) });
  });

  test("while messages are doubled and overtake one another: with one signature or none, the same for all who ask", () => {
    const timeline = (["duplicate", "reorder"] as const).map((kind) =>
      throughout({ kind, link: "*<->*", probability: 0.3 }),
    );
    const outcome = outcomeOf({ timeline, workload: { duplicates: 1 } });
    expect(outcome).toMatchObject({ ...UNHARMED, refused: expect.any(Number) });
  });
});

test("ECDSA is signed while a tenth of all messages is lost: all of it, nine of ten within ten seconds", () => {
  const keys = [{ scheme: "ECDSA", curve: "secp256k1" }] as const;
  const timeline = [throughout({ kind: "loss", link: "*<->*", probability: 0.1 }, 45_000)];
  const workload = { requests: 40, overMs: 40_000 };
  const { report, ...outcome } = outcomeOf({ timeline, keys, workload });
  expect(outcome).toMatchObject(UNHARMED);
  expect(report.latenciesMs[Math.floor(report.latenciesMs.length * 0.9)]).toBeLessThan(10_000);
});

test("a minority is asked in vain: the coordinator with two of five gets nothing signed until the others are back", () => {
  const timeline = partitions("coordinator<->signer-1", "coordinator<->signer-2", "coordinator<->signer-3").map(
    (one) => ({ ...one, forMs: 30_000 }),
  );
  expect(outcomeOf({ timeline, workload: { deadlineMs: 10_000 } })).toMatchObject({ ...UNHARMED, refused: 4 });
});

test("a signer cut off from the others for good is done without, and named for nothing", () => {
  const timeline = [{ atMs: 0, fault: { kind: "partition", link: "signer-1" } as const }];
  expect(outcomeOf({ timeline, core: allBut("signer-1") })).toMatchObject(UNHARMED);
});
