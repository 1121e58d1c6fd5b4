import type { KeyRecord } from "@quorate/coordinator";
import { encode, u64 } from "@quorate/curves";
import { decodePairSetup, type PairSetup } from "@quorate/dkls23";
import type { RecordWrite } from "@quorate/orders";
import { describe, expect, it } from "vitest";
import { answers, give, makePresignature, presignOrder } from "../support/ecdsa-orders.ts";
import { VirtualNetwork } from "../support/virtual-network.ts";

const SET = [1, 2];

function stateAt(network: VirtualNetwork, signer: number, peer: number): string | undefined {
  const pairs = network.signers.get(`signer-${signer}`)!.pairs();
  return pairs.find((one) => one.node === `signer-${peer}`)?.state;
}

function becomeReady(network: VirtualNetwork): void {
  network.until(() => stateAt(network, 1, 2) === "ready" && stateAt(network, 2, 1) === "ready");
  expect([stateAt(network, 1, 2), stateAt(network, 2, 1)]).toEqual(["ready", "ready"]);
}

function bans(network: VirtualNetwork): number {
  return [...network.disks.values()].flatMap((disk) => [...disk.values()]).filter((one) => one.kind === "ban").length;
}

type Stored = readonly (readonly [string, RecordWrite & { cursor: number }])[];

function pairRecords(network: VirtualNetwork, signer: number): Stored {
  return [...network.disks.get(`signer-${signer}`)!].filter(([, record]) => record.kind === "pair");
}

/** Puts the pair records that a signer had before back on its disk, as a restored backup does. */
function restore(network: VirtualNetwork, signer: number, records: Stored): void {
  const disk = network.disks.get(`signer-${signer}`)!;
  for (const [at, record] of records) disk.set(at, { ...record, value: record.value!.slice() });
}

function keyOf(network: VirtualNetwork): KeyRecord {
  return network.madeKey("ECDSA");
}

describe("two signers whose setups of their pair differ", () => {
  it("set the pair up anew when the last message of a setup was lost, and nobody is banned", () => {
    const network = new VirtualNetwork({ signers: 3, minSigners: 2, pairs: "stored" });
    for (const signer of [1, 2]) network.kill(`signer-${signer}`);
    for (const signer of [1, 2]) {
      for (const [at] of pairRecords(network, signer)) network.disks.get(`signer-${signer}`)!.delete(at);
    }
    const other = Buffer.from(network.identityOf("signer-2").publicKey).toString("hex");
    let lossy = false;
    network.onWrite = (node, batch) => {
      const between = batch.some((one) => one.kind === "pair" && one.id === other);
      if (node === "signer-1" && between) lossy = true;
    };
    network.intercept = (message) =>
      lossy && message.from === "signer-1" && message.to === "signer-2" ? undefined : message.bytes;
    for (const signer of [1, 2]) network.restart(`signer-${signer}`);
    network.pass(5000);
    expect(lossy).toBe(true);
    lossy = false;
    network.onWrite = () => {};
    network.intercept = (message) => message.bytes;
    becomeReady(network);
    makePresignature(network, keyOf(network), 1, SET);
    expect(SET.map((signer) => answers(network, signer, "presigned").length)).toEqual([1, 1]);
    expect(bans(network)).toBe(0);
  });

  it("find out when all that they said of it was lost, although no link broke", () => {
    const network = new VirtualNetwork({ signers: 3, minSigners: 2, pairs: "stored" });
    network.pass(20); // nothing is on its way any more
    for (const signer of [1, 2]) network.kill(`signer-${signer}`);
    network.intercept = ({ from, to, bytes }) => (from !== "coordinator" && to !== "coordinator" ? undefined : bytes);
    for (const signer of [1, 2]) network.restart(`signer-${signer}`);
    network.pass(5000);
    expect([stateAt(network, 1, 2), stateAt(network, 2, 1)]).toEqual(["waiting", "waiting"]);
    network.intercept = (message) => message.bytes;
    becomeReady(network);
  });

  it("set the pair up anew when the database of one was restored", () => {
    const network = new VirtualNetwork({ signers: 3, minSigners: 2, pairs: "stored" });
    const key = keyOf(network);
    const old = pairRecords(network, 1).map(
      ([at, record]) => [at, { ...record, value: record.value!.slice() }] as const,
    );
    network.signers.get("signer-1")!.readmit("signer-2", () => {});
    for (const [at] of pairRecords(network, 1)) network.disks.get("signer-1")!.delete(at);
    network.kill("signer-1");
    network.restart("signer-1");
    becomeReady(network);
    network.kill("signer-1");
    restore(network, 1, old);
    network.restart("signer-1");
    becomeReady(network);
    makePresignature(network, key, 1, SET);
    expect(SET.map((signer) => answers(network, signer, "presigned").length)).toEqual([1, 1]);
    expect(bans(network)).toBe(0);
  });

  it("abort a session before any check when they find out in the middle of it, on both sides, and go on afterwards", () => {
    const network = new VirtualNetwork({ signers: 3, minSigners: 2, pairs: "stored" });
    const key = keyOf(network);
    const old = pairRecords(network, 1).map(
      ([at, record]) => [at, { ...record, value: record.value!.slice() }] as const,
    );
    for (const [at] of pairRecords(network, 1)) network.disks.get("signer-1")!.delete(at);
    network.kill("signer-1");
    network.restart("signer-1");
    becomeReady(network);
    network.kill("signer-1");
    restore(network, 1, old);
    // Each end hears that the other holds what it holds itself: what is said before a session cannot be relied on.
    const [olds, news] = [heldWith(network, 2, old), heldWith(network, 1, pairRecords(network, 2))];
    network.intercept = ({ from, to, bytes }) => {
      if (!isStatus(bytes)) return bytes;
      if (from === "signer-2" && to === "signer-1") return told(bytes, olds);
      return from === "signer-1" && to === "signer-2" ? told(bytes, news) : bytes;
    };
    network.restart("signer-1");
    expect([stateAt(network, 1, 2), stateAt(network, 2, 1)]).toEqual(["ready", "ready"]);
    for (const signer of SET) give(network, signer, presignOrder(key, 1, SET));
    network.intercept = (message) => message.bytes;
    network.pass(15_000);
    const codes = SET.map((signer) => answers(network, signer, "aborted").at(-1)!.code);
    expect(codes).toContain("setup_mismatch");
    expect(SET.flatMap((signer) => answers(network, signer, "presigned"))).toEqual([]);
    expect(bans(network)).toBe(0);
    becomeReady(network);
    makePresignature(network, key, 2, SET);
    expect(SET.map((signer) => answers(network, signer, "presigned").length)).toEqual([1, 1]);
  });
});

/** A `pairStatus`: its kind, an epoch, a setup id behind a flag, two flags, the life of its sender. */
function isStatus(bytes: Uint8Array): boolean {
  return bytes[0] === 2 && bytes.length === 1 + 8 + 33 + 2 + 16;
}

/** The setup that is stored of the pair with a signer. */
function heldWith(network: VirtualNetwork, signer: number, records: Stored): PairSetup {
  const id = Buffer.from(network.identityOf(`signer-${signer}`).publicKey).toString("hex");
  return decodePairSetup(records.find(([, record]) => record.id === id)![1].value!, "fast");
}

/** The status, telling of another setup. */
function told(status: Uint8Array, { epoch, setupId }: PairSetup): Uint8Array {
  return Uint8Array.of(status[0]!, ...encode(u64, epoch), 1, ...setupId, ...status.subarray(42));
}
