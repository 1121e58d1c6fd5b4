import type { Fault } from "@quorate/faults";
import type { NetworkFile, RecordWrite, WriteResult } from "@quorate/orders";
import type { RecordStore } from "@quorate/storage";
import { describe, expect, it } from "vitest";
import { EXIT } from "../../exit.ts";
import { allowedFaults, answerFault } from "../allowed-faults.ts";
import type { ProcessSettings } from "../settings.ts";
import { FaultyNode } from "./faulty-node.ts";
import { faultyRecords } from "./faulty-records.ts";
import { skewed } from "./skewed-clock.ts";
import { slowed } from "./stall.ts";
import { FaultyThread } from "./thread.ts";

const node = (name: string, region: string) => ({
  ...{ name, region, operator: "acme" },
  ...{ publicKey: "00".repeat(32), addresses: ["/ip4/127.0.0.1/tcp/4101"] },
});
const NETWORK: NetworkFile = {
  ...{ format: 1, networkId: "test", coordinator: node("coordinator", "virginia") },
  nodes: [node("ohio", "ohio"), node("paris", "paris"), node("london", "london")],
  operators: [{ name: "acme", publicKey: "00".repeat(32) }],
  ...{ organisations: [], defaults: { minSigners: 2, maxSigners: 3 } },
};

const faulty = (...faults: readonly Fault[]) => new FaultyNode(NETWORK, "ohio", faults);

describe("a process with faults", () => {
  it("has those that are injected until they are cleared, each by its id", () => {
    const ohio = faulty();
    expect(ohio.answer({ action: "inject", id: "f1", fault: { kind: "disk-full", node: "ohio" } })).toEqual([
      { id: "f1", fault: { kind: "disk-full", node: "ohio" } },
    ]);
    ohio.answer({ action: "inject", id: "f2", fault: { kind: "wrong-share", node: "*" } });
    expect(ohio.signer.active.map((one) => one.id)).toEqual(["f2"]);
    expect(ohio.answer({ action: "clear", id: "f1" }).map((one) => one.id)).toEqual(["f2"]);
    expect(ohio.answer({ action: "clear" })).toEqual([]);
    expect(ohio.signer.active).toEqual([]);
  });

  it("checks what the supervisor sends: what is no fault is refused, and not in force", () => {
    const ohio = faulty();
    expect(() => ohio.answer({ action: "inject", id: "f1", fault: { kind: "explode" } })).toThrow(/no fault/);
    expect(ohio.active).toEqual([]);
  });

  it("begins with those faults of its start that are on it", () => {
    const started = faulty({ kind: "wrong-share", node: "paris" }, { kind: "equivocate", node: "region:ohio" });
    expect(started.active).toEqual([{ id: "start2", fault: { kind: "equivocate", node: "region:ohio" } }]);
  });

  it("applies faults of links to what it sends itself", () => {
    const ohio = faulty({ kind: "partition", link: "ohio<->paris" }, { kind: "delay", link: "london->ohio", ms: 5 });
    expect(ohio.rules()).toEqual([{ from: "ohio", to: "paris", action: { kind: "partition" } }]);
  });

  it("has a flapping link down at first", () => {
    const rules = faulty({ kind: "flap", link: "ohio->paris", everyMs: 3_600_000 }).rules();
    expect(rules).toEqual([{ from: "ohio", to: "paris", action: { kind: "partition" } }]);
  });

  it("tells the thread of its workshop what is in force, and that has the lies among it", () => {
    const ohio = faulty();
    const thread = new FaultyThread(NETWORK);
    ohio.onChange((faults) => thread.set(faults));
    ohio.answer({ action: "inject", id: "f1", fault: { kind: "equivocate", node: "ohio" } });
    ohio.answer({ action: "inject", id: "f2", fault: { kind: "slow", node: "ohio", factor: 2 } });
    expect(thread.behaviour.active.map((one) => one.id)).toEqual(["f1"]);
    ohio.answer({ action: "clear", id: "f1" });
    expect(thread.behaviour.active).toEqual([]);
  });
});

describe("where faults are not allowed", () => {
  const settings = { network: NETWORK, self: "ohio", allowFaults: false, faults: [] as readonly Fault[] };

  it("nothing that misbehaves is made, and the supervisor is refused", async () => {
    expect(await allowedFaults(settings as unknown as ProcessSettings)).toBeUndefined();
    expect(() => answerFault(undefined, { action: "ls" })).toThrow(/--allow-faults/);
  });

  it("a process with faults on its command line does not start", async () => {
    const faults = [{ kind: "wrong-share", node: "ohio" }];
    await expect(allowedFaults({ ...settings, faults } as unknown as ProcessSettings)).rejects.toMatchObject({
      exitCode: EXIT.safety,
      hint: "add --allow-faults",
    });
  });
});

describe("a clock", () => {
  const at = (fault: Omit<Extract<Fault, { kind: "clock" }>, "kind" | "node">, trueMs: number) =>
    skewed([{ fault: { kind: "clock", node: "ohio", ...fault }, sinceMs: 1000 }], trueMs);

  it("is right without a fault, ahead or behind with a skew, and wrong by more and more with a drift", () => {
    expect(skewed([], 5000)).toBe(5000);
    expect([at({ skewMs: 300 }, 5000), at({ skewMs: -300 }, 5000)]).toEqual([5300, 4700]);
    expect([at({ driftPpm: 1000 }, 1000), at({ driftPpm: 1000 }, 3000)]).toEqual([1000, 3002]);
  });

  it("that stands still shows when it stopped, and its skew", () => {
    expect([at({ frozen: true }, 1000), at({ frozen: true }, 9000)]).toEqual([1000, 1000]);
    expect(at({ frozen: true, skewMs: 5 }, 9000)).toBe(1005);
  });
});

describe("a disk", () => {
  /** A store that answers at once, and remembers what reached it. */
  function scene(faults: { full: boolean; slowMs: number }) {
    const reached: (readonly RecordWrite[])[] = [];
    const write: RecordStore["write"] = (batch, done) => {
      reached.push(batch);
      done("ok");
    };
    const store = faultyRecords({ write } as RecordStore, () => faults);
    const batch: readonly RecordWrite[] = [{ kind: "share", id: "a", epoch: 0, value: Uint8Array.of(1) }];
    const written = new Promise<WriteResult>((resolve) => store.write(batch, resolve));
    return { reached, written };
  }

  it("that is full takes nothing and says so", async () => {
    const { reached, written } = scene({ full: true, slowMs: 0 });
    expect(await written).toBe("no_space");
    expect(reached).toEqual([]);
  });

  it("that is slow takes everything and says so later", async () => {
    const startedMs = performance.now();
    const { reached, written } = scene({ full: false, slowMs: 30 });
    expect(reached).toHaveLength(1);
    expect(await written).toBe("ok");
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(29);
  });

  it("without a fault answers as it is", async () => {
    expect(await scene({ full: false, slowMs: 0 }).written).toBe("ok");
  });
});

describe("a slow node", () => {
  it("takes at least as many times as long for a step, and gives what it makes or throws", () => {
    const busy = () => {
      const endMs = performance.now() + 5;
      while (performance.now() < endMs);
      return "made";
    };
    const startedMs = performance.now();
    expect(slowed(4, busy)).toBe("made");
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(19);
    const fails = () => {
      throw new Error("a defect");
    };
    expect(() => slowed(4, fails)).toThrow("a defect");
  });
});
