import { idOf } from "@quorate/authority";
import type { KeyRecord } from "@quorate/coordinator";
import { decode } from "@quorate/curves";
import type { Order, OrderOf } from "@quorate/orders";
import { peerMessage } from "@quorate/signer/observe";
import { describe, expect, it } from "vitest";
import { authorisationOf, authorityOf, keygenOrder, logOf, signaturePath } from "../support/authorised-orders.ts";
import { forgeOrder, outcomesOf } from "../support/forged-order.ts";
import { VirtualNetwork } from "../support/virtual-network.ts";

const VICTIM = "signer-1";
const BODY = { kind: "Message", message: "00" };
const encoded = (indent: number) => new TextEncoder().encode(JSON.stringify(BODY, null, indent));

function interactive(network: VirtualNetwork, key: KeyRecord, execution: number): OrderOf<"signInteractive"> {
  return {
    kind: "signInteractive",
    requestId: `sig-${execution}`,
    executionId: new Uint8Array(16).fill(execution),
    keyId: Buffer.from(key.keyId, "hex"),
    authority: authorityOf(logOf(network), signaturePath(key), BODY),
    epoch: 0,
    path: [],
    request: encoded(0),
    deadline: 1_790_000_060_000 + 3600_000,
    signers: [1, 2, 3],
  };
}

/** Different frames that the victim sent to one peer, each signed for a place in the protocol. */
function framesSent(network: VirtualNetwork): number {
  const sent = network.traffic.filter(({ from, to, bytes }) => {
    return from === VICTIM && to === "signer-2" && decode(peerMessage, bytes).kind === "frame";
  });
  return new Set(sent.map(({ bytes }) => Buffer.from(bytes).toString("hex"))).size;
}

/** Two orders that arrive before the disk has answered anything. */
function atOnce(network: VirtualNetwork, orders: readonly Order[]): void {
  const settle = network.settle.bind(network);
  const pass = network.pass.bind(network);
  network.settle = network.pass = () => {};
  for (const order of orders) forgeOrder(network, VICTIM, order);
  network.settle = settle;
  network.pass = pass;
  network.pass(10);
}

function refusals(network: VirtualNetwork): readonly string[] {
  return outcomesOf(network, VICTIM).flatMap((one) => (one.kind === "refused" ? [one.code] : []));
}

describe("a coordinator that starts one execution twice", () => {
  it("gets one broadcast of an honest signer, not two that look like equivocation: at once, later and after a restart", () => {
    const network = new VirtualNetwork();
    const order = interactive(network, network.madeKey(), 7);
    const before = framesSent(network);
    const other = { ...order, requestId: "sig-other" };
    atOnce(network, [order, other]);
    expect(framesSent(network) - before).toBe(1);
    network.pass(60_000);
    forgeOrder(network, VICTIM, order);
    network.kill(VICTIM);
    network.restart(VICTIM);
    forgeOrder(network, VICTIM, order);
    expect(framesSent(network) - before).toBe(1);
    expect(refusals(network)).toEqual(["invalid_order", "invalid_order", "invalid_order"]);
  });

  it("gets the first answer again where it repeats the very order, and none before there is one", () => {
    const network = new VirtualNetwork();
    const order = interactive(network, network.madeKey(), 7);
    const before = framesSent(network);
    atOnce(network, [order, order]);
    expect(outcomesOf(network, VICTIM).filter((one) => one.kind === "aborted")).toHaveLength(0);
    network.pass(60_000);
    forgeOrder(network, VICTIM, order);
    expect(outcomesOf(network, VICTIM).filter((one) => one.kind === "aborted")).toHaveLength(2);
    expect(refusals(network)).toEqual([]);
    expect(framesSent(network) - before).toBe(1);
  });

  it("gets one key generation of an honest signer when two orders race", () => {
    const network = new VirtualNetwork();
    const record = network.act({ method: "POST", path: "/keys", body: { scheme: "EdDSA", curve: "ed25519" } });
    const order = keygenOrder(logOf(network), { id: idOf("key", record), record });
    const before = framesSent(network);
    atOnce(network, [order, order]);
    expect(framesSent(network) - before).toBe(1);
    expect(refusals(network)).toEqual([]);
  });
});

describe("an authorisation that a coordinator uses for two requests at once", () => {
  /** The same authorisation, for the same request in other bytes. */
  const again = (order: OrderOf<"signInteractive">, execution: number) => {
    return { ...order, executionId: new Uint8Array(16).fill(execution), request: encoded(1) };
  };
  /** Of the record that binds it. */
  const nameOf = ({ authority }: OrderOf<"signInteractive">) => {
    if (authority?.kind !== "inline") throw new Error("the order is of another kind");
    return authorisationOf(authority);
  };
  const placeOf = (order: OrderOf<"signInteractive">) => `binding ${nameOf(order)} 0`;

  it("is bound to one of them", () => {
    const network = new VirtualNetwork();
    const order = interactive(network, network.madeKey(), 1);
    const before = framesSent(network);
    atOnce(network, [order, again(order, 2)]);
    expect(framesSent(network) - before).toBe(1);
    expect(refusals(network)).toEqual(["already_used"]);
  });

  it("stays bound to the one on disk, however many orders for the other come before the disk has answered", () => {
    const network = new VirtualNetwork();
    const order = interactive(network, network.madeKey(), 1);
    atOnce(network, [order]);
    const bound = network.disks.get(VICTIM)!.get(placeOf(order))!.value;
    network.kill(VICTIM);
    network.restart(VICTIM);
    const before = framesSent(network);
    atOnce(
      network,
      [2, 3, 4].map((at) => again(order, at)),
    );
    expect(framesSent(network)).toBe(before);
    expect(refusals(network)).toEqual(["already_used", "already_used", "already_used"]);
    expect(network.disks.get(VICTIM)!.get(placeOf(order))!.value).toEqual(bound);
  });

  it("is refused while its record cannot be read", () => {
    const network = new VirtualNetwork();
    const order = interactive(network, network.madeKey(), 1);
    const [kind, id] = ["binding", nameOf(order)];
    network.disks.get(VICTIM)!.set(placeOf(order), { kind, id, epoch: 0, value: Uint8Array.of(9), cursor: 1 });
    for (const at of [1, 2]) forgeOrder(network, VICTIM, again(order, at));
    expect(refusals(network)).toEqual(["already_used", "already_used"]);
  });
});

describe("a two-round order", () => {
  it("sends nothing before its request is bound, and nothing when that fails", () => {
    const network = new VirtualNetwork();
    const key = network.madeKey();
    const before = framesSent(network);
    network.fullDisks.add(VICTIM);
    forgeOrder(network, VICTIM, interactive(network, key, 1));
    expect(framesSent(network)).toBe(before);
    expect(refusals(network)).toEqual(["no_space"]);
    network.fullDisks.delete(VICTIM);
    forgeOrder(network, VICTIM, interactive(network, key, 2));
    expect(framesSent(network)).toBe(before + 1);
  });

  it("is not answered past its deadline, though its exchange began before", () => {
    const network = new VirtualNetwork();
    const key = network.madeKey();
    const deadline = 1_790_000_000_000 + network.now + 500;
    const order = { ...interactive(network, key, 1), deadline };
    network.intercept = ({ from, to, bytes }) => (from === "signer-3" && to === VICTIM ? undefined : bytes);
    for (const at of [1, 2, 3]) forgeOrder(network, `signer-${at}`, order);
    network.pass(1000);
    network.intercept = ({ bytes }) => bytes;
    network.signers.get("signer-3")!.peer(VICTIM, { connected: true, instance: "again", rttMs: 2 });
    network.pass(100);
    expect(refusals(network)).toEqual(["expired"]);
  });
});
