import type { NetworkFile } from "@quorate/orders";
import type { Workload } from "@quorate/simulator";
import { expect, test } from "vitest";
import { FaultDiary, scenarioOf } from "./recording.ts";
import { parseScenario } from "./scenario-file.ts";
import { nodesIn } from "./topology.ts";
import { written } from "./written.ts";

const LOSS = { kind: "loss", link: "ohio", probability: 0.1 } as const;
const PAUSE = { kind: "pause", node: "virginia" } as const;

test("a fault is recorded from when it is first seen until it is seen no more", () => {
  const diary = new FaultDiary();
  diary.see(0, []);
  diary.see(200, [{ id: "f1", fault: LOSS }]);
  diary.see(400, [
    { id: "f1", fault: LOSS },
    { id: "f2", fault: PAUSE },
  ]);
  diary.see(600, [{ id: "f2", fault: PAUSE }]);
  diary.see(800, [{ id: "f2", fault: PAUSE }]);
  expect(diary.timeline).toEqual([
    { atMs: 200, forMs: 400, fault: LOSS },
    { atMs: 400, fault: PAUSE },
  ]);
});

test("what was recorded is a scenario of the same network, with each request at its time", () => {
  const { network } = parseScenario("seed: 1").scenario;
  const file = { ...nodesIn(network), networkId: "local-1", defaults: { minSigners: 3, maxSigners: 5 } };
  const workload = {
    ...{
      keys: [{ scheme: "EdDSA" as const, curve: "ed25519" as const }],
      requests: 2,
      overMs: 1500,
      timesMs: [20, 1500],
    },
    ...{ deadlineMs: 30_000, duplicates: 0, keysMeanwhile: 0 },
  } satisfies Workload;
  const timeline = [{ atMs: 200, forMs: 400, fault: LOSS }];
  const read = scenarioOf({ network: file as unknown as NetworkFile, timeline, workload, recordedAt: 0 });
  expect(read.scenario).toMatchObject({ network: { names: network.names, minSigners: 3 }, workload, timeline });
  expect(parseScenario(written(read))).toEqual(read);
});
