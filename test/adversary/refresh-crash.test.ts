import type { KeyRecord } from "@quorate/coordinator";
import { describe, expect, it } from "vitest";
import { VirtualNetwork } from "../support/virtual-network.ts";

const BODY = { kind: "Message", message: "00" };
const SIGNERS = ["signer-1", "signer-2", "signer-3"];
const WRITES = ["joined", "share", "certificate"] as const;

interface Crash {
  readonly nodes: readonly string[];
  readonly write: string;
  readonly when: "before" | "after";
}

function prepared() {
  const net = new VirtualNetwork({ signers: 3, minSigners: 2 });
  return { net, key: net.madeKey() };
}

/** Asks for new shares; each of `crashes` happens once, at the first such write. */
function crashing(net: VirtualNetwork, key: KeyRecord, crashes: readonly Crash[]): void {
  const call = net.renewal(key);
  const pending = new Map(crashes.flatMap(({ nodes, ...crash }) => nodes.map((node) => [node, crash] as const)));
  const die = (node: string) => (node === "coordinator" ? net.killCoordinator() : net.kill(node));
  net.onWrite = (node, batch) => {
    const crash = pending.get(node);
    if (crash === undefined || !batch.some(({ kind }) => kind === crash.write)) return;
    pending.delete(node);
    if (crash.when === "before") die(node);
    else net.soon(() => die(node));
  };
  net.coordinator.refreshCaused(call, () => {});
  net.pass(40_000);
  net.onWrite = () => {};
  expect([...pending.keys()]).toEqual([]);
  for (const { nodes } of crashes) {
    for (const node of nodes) if (node === "coordinator") net.restartCoordinator();
  }
  for (const { nodes } of crashes) for (const node of nodes) if (node !== "coordinator") net.restart(node);
  net.pass(2000);
}

/** The epoch that a signer uses, from its disk alone. */
function epochAt(net: VirtualNetwork, node: string, key: KeyRecord): number {
  const disk = net.disks.get(node)!;
  const certified = [...disk.values()].filter(({ kind, id }) => kind === "certificate" && id === key.keyId);
  expect(certified).toHaveLength(1);
  const { epoch } = certified[0]!;
  expect(disk.has(`share ${key.keyId} ${epoch}`)).toBe(true);
  const earlier = [...disk.values()].filter((one) => one.kind === "share" && one.epoch < epoch);
  expect(earlier).toEqual([]);
  return epoch;
}

/** All holders and the coordinator are of one epoch, and any two holders sign. */
function expectOneEpoch(net: VirtualNetwork, key: KeyRecord): number {
  const current = net.coordinator.key(key.id);
  expect(SIGNERS.map((node) => epochAt(net, node, key))).toEqual(SIGNERS.map(() => current.epoch));
  for (const stopped of SIGNERS) {
    net.kill(stopped);
    expect(net.sign(current, BODY)).toMatchObject({ ok: { status: "Signed" } });
    net.restart(stopped);
  }
  return current.epoch;
}

describe.each(["before", "after"] as const)("a crash %s a write of a refresh", (when) => {
  it.each(WRITES)("of a signer's %s leaves all in one epoch, and the next refresh succeeds", (write) => {
    const { net, key } = prepared();
    crashing(net, key, [{ nodes: ["signer-3"], write, when }]);
    expect(expectOneEpoch(net, key)).toBe(write === "certificate" ? 1 : 0);
    const again = net.refreshKey(key);
    expect(again).toMatchObject({ ok: { keyId: key.keyId } });
    net.pass(50);
    expect(expectOneEpoch(net, key)).toBe(2);
  });

  it.each(WRITES)("of all signers' %s leaves all in one epoch", (write) => {
    const { net, key } = prepared();
    crashing(net, key, [{ nodes: SIGNERS, write, when }]);
    expect(expectOneEpoch(net, key)).toBe(write === "certificate" && when === "after" ? 1 : 0);
  });

  it("of the coordinator's record leaves all in the new epoch", () => {
    const { net, key } = prepared();
    crashing(net, key, [{ nodes: ["coordinator"], write: "key", when }]);
    expect(expectOneEpoch(net, key)).toBe(1);
  });
});

describe("a crash of all but one", () => {
  it("that has switched takes the others and the coordinator along", () => {
    const { net, key } = prepared();
    crashing(net, key, [
      { nodes: ["signer-1"], write: "certificate", when: "after" },
      { nodes: ["signer-2", "signer-3"], write: "certificate", when: "before" },
    ]);
    expect(expectOneEpoch(net, key)).toBe(1);
  });

  it("and of the coordinator ends in the new epoch, too", () => {
    const { net, key } = prepared();
    crashing(
      net,
      key,
      [
        { nodes: ["signer-1"], write: "certificate", when: "after" },
        { nodes: ["signer-2", "signer-3"], write: "certificate", when: "before" },
        { nodes: ["coordinator"], write: "key", when: "before" },
      ].slice(0, 2) as Crash[],
    );
    net.killCoordinator();
    net.restartCoordinator();
    net.pass(50);
    expect(expectOneEpoch(net, key)).toBe(1);
  });
});

describe("runs that nobody finished", () => {
  it("are given up by the one that is, whatever they left", () => {
    const { net, key } = prepared();
    for (let round = 0; round < 3; round++) {
      crashing(net, net.coordinator.key(key.id), [{ nodes: ["signer-3"], write: "share", when: "after" }]);
      expect(net.coordinator.key(key.id).epoch).toBe(0);
    }
    expect([...net.disks.get("signer-1")!.values()].filter((one) => one.kind === "share")).toHaveLength(4);
    const done = net.refreshKey(key);
    expect(done).toMatchObject({ ok: { epoch: 4 } });
    net.pass(50);
    expect(expectOneEpoch(net, key)).toBe(4);
    expect([...net.disks.get("signer-1")!.values()].filter((one) => one.kind === "share")).toHaveLength(1);
  });

  it("are bounded", () => {
    const { net, key } = prepared();
    for (let round = 0; round < 8; round++) {
      crashing(net, net.coordinator.key(key.id), [{ nodes: ["signer-3"], write: "share", when: "after" }]);
    }
    const refused = net.refreshKey(key);
    expect(refused).toMatchObject({ error: { details: { abort: "no_space" } } });
    expect(net.sign(key, BODY)).toMatchObject({ ok: { status: "Signed" } });
  });
});
