import type { KeyRecord } from "@quorate/coordinator";
import type { Order } from "@quorate/orders";
import { beforeEach, describe, expect, it } from "vitest";
import { answers, give, makePresignature, presignedOrder, presignOrder } from "../support/ecdsa-orders.ts";
import { VirtualNetwork } from "../support/virtual-network.ts";

const SET = [1, 2];

describe("a presignature", () => {
  let network: VirtualNetwork;
  let key: KeyRecord;
  let other: KeyRecord;

  beforeEach(() => {
    network = new VirtualNetwork({ organisation: false, signers: 3, minSigners: 2, pairs: "stored" });
    key = network.madeKey("ECDSA");
    other = network.madeKey("ECDSA");
    network.killCoordinator(); // the tests speak in its place
    makePresignature(network, key, 1, SET);
    makePresignature(network, key, 2, SET);
  });

  const held = (signer: number) => answers(network, signer, "presigned").length;
  const refusals = (signer: number) => answers(network, signer, "refused").map((one) => one.code);

  /** Orders that reach a signer before its disk has answered anything. */
  function atOnce(signer: number, orders: readonly Order[]): void {
    const settle = network.settle.bind(network);
    network.settle = () => {};
    for (const order of orders) give(network, signer, order);
    network.settle = settle;
    network.pass(40);
  }

  it("goes to one of two requests that race for it, at every signer, whichever comes first; the other gets another", () => {
    expect(SET.map(held)).toEqual([2, 2]);
    const [one, another] = [presignedOrder(key, 1, "one"), presignedOrder(key, 1, "another")];
    atOnce(1, [one, another]);
    atOnce(2, [another, one]);
    for (const signer of SET) {
      expect(answers(network, signer, "ecdsaShares")).toHaveLength(1);
      expect(refusals(signer)).toEqual(["unknown_presignature"]);
    }
    give(network, 1, presignedOrder(key, 2, "another", { executionId: new Uint8Array(16).fill(99) }));
    network.pass(40);
    expect(answers(network, 1, "ecdsaShares")).toHaveLength(2);
  });

  it("is gone once it was used, for the same message too", () => {
    const order = presignedOrder(key, 1, "one");
    for (const again of [order, { ...order, executionId: new Uint8Array(16).fill(8) }]) {
      give(network, 1, again);
      network.pass(40);
    }
    expect(answers(network, 1, "ecdsaShares")).toHaveLength(1);
    expect(refusals(1)).toEqual(["unknown_presignature"]);
  });

  it("is not taken by a request that is refused: bound to another body, expired, or for two digests at once", () => {
    const order = presignedOrder(key, 1, "one");
    give(network, 1, presignedOrder(key, 2, "one"));
    network.pass(40);
    give(network, 1, { ...order, request: presignedOrder(key, 1, "else").request });
    give(network, 1, { ...order, requestId: "sig-2", deadline: 1 });
    give(network, 1, { ...order, requestId: "sig-3", presignatures: [...order.presignatures, ...order.presignatures] });
    network.pass(40);
    expect(refusals(1).toSorted()).toEqual(["already_used", "expired", "invalid_order"]);
    give(network, 1, { ...order, requestId: "sig-4" });
    network.pass(40);
    expect(answers(network, 1, "ecdsaShares")).toHaveLength(2);
  });

  it("never meets a raw digest, whatever the coordinator says", () => {
    const request = new TextEncoder().encode(JSON.stringify({ kind: "Hash", hash: "11".repeat(32) }));
    give(network, 1, presignedOrder(key, 1, "one", { request }));
    network.pass(40);
    expect(refusals(1)).toEqual(["prehashed"]);
    expect(answers(network, 1, "ecdsaShares")).toEqual([]);
  });

  it("is for one key, epoch and path: for a child, or another key, there is none", () => {
    const order = presignedOrder(key, 1, "one");
    give(network, 1, { ...order, path: [5] });
    give(network, 1, { ...order, keyId: Buffer.from(other.keyId, "hex") });
    give(network, 1, { ...order, epoch: 1 });
    network.pass(40);
    expect(refusals(1).toSorted()).toEqual(["epoch_mismatch", "invalid_order", "invalid_order"]);
  });

  it("is for one exact signing set: not minSigners, not ascending, not this signer, or a stranger, and none is made", () => {
    for (const [at, signers] of [[1], [1, 2, 3], [2, 1], [1, 1], [2, 3], [1, 9], [0, 1]].entries()) {
      give(network, 1, presignOrder(key, 50 + at, signers));
    }
    network.pass(40);
    expect(refusals(1)).toEqual(Array.from({ length: 7 }, () => "invalid_order"));
  });

  it("does not outlive its signer: a restart loses it, and no disk ever had it", () => {
    const kinds = new Set([...network.disks.get("signer-1")!.values()].map((one) => one.kind));
    kinds.delete("audit"); // says what was refused, if its turn to be written came already
    expect([...kinds].toSorted()).toEqual(["certificate", "encryption", "joined", "pair", "share"]);
    network.kill("signer-1");
    network.restart("signer-1");
    give(network, 1, presignedOrder(key, 1, "one"));
    network.pass(40);
    expect(refusals(1)).toEqual(["unknown_presignature"]);
    expect(answers(network, 1, "presignatures").at(-1)!.held).toEqual([]);
  });

  it("goes when nobody wants it; others stay", () => {
    give(network, 1, { kind: "discard", presignatures: [new Uint8Array(16).fill(1)] });
    network.pass(40);
    give(network, 1, presignedOrder(key, 1, "one"));
    network.pass(40);
    expect(refusals(1)).toEqual(["unknown_presignature"]);
    give(network, 1, presignedOrder(key, 2, "two"));
    network.pass(40);
    expect(answers(network, 1, "ecdsaShares")).toHaveLength(1);
  });
});

describe("a coordinator that tells signers different things about one presigning", () => {
  type Change = (key: KeyRecord, other: KeyRecord) => Parameters<typeof presignOrder>[3];
  const differences: readonly [string, string, Change][] = [
    ["paths", "request_mismatch", () => ({ path: [7] })],
    ["signing sets", "timeout", () => ({ signers: [2, 3] })],
    ["keys", "timeout", (_, other) => ({ keyId: Buffer.from(other.keyId, "hex") })],
  ];

  it.each(differences)("with different %s gets no presignature and causes no ban (%s)", (_, code, change) => {
    const network = new VirtualNetwork({ organisation: false, signers: 3, minSigners: 2, pairs: "stored" });
    const key = network.madeKey("ECDSA");
    const other = network.madeKey("ECDSA");
    network.killCoordinator();
    give(network, 1, presignOrder(key, 1, SET));
    give(network, 2, presignOrder(key, 1, SET, change(key, other)));
    network.pass(60_000);
    for (const signer of [1, 2, 3]) expect(answers(network, signer, "presigned")).toEqual([]);
    expect(answers(network, 1, "aborted").map((one) => one.code)).toEqual([code]);
    const states = [...network.signers.values()].flatMap((signer) => signer.pairs().map((pair) => pair.state));
    expect(new Set(states)).toEqual(new Set(["ready"]));
    makePresignature(network, key, 2, SET);
    expect(SET.map((signer) => answers(network, signer, "presigned").length)).toEqual([1, 1]);
  });

  it("with different digests for one interactive execution gets nothing either", () => {
    const network = new VirtualNetwork({ organisation: false, signers: 3, minSigners: 2, pairs: "stored" });
    const key = network.madeKey("ECDSA");
    network.killCoordinator();
    for (const signer of SET) {
      const { presignatures: _, ...order } = presignedOrder(key, 1, `to ${signer}`, { requestId: "sig-1" });
      const executionId = new Uint8Array(16).fill(4);
      give(network, signer, { ...order, executionId, kind: "signInteractive", signers: SET });
    }
    network.pass(60_000);
    for (const signer of SET) {
      expect(answers(network, signer, "ecdsaShares")).toEqual([]);
      expect(answers(network, signer, "aborted").at(-1)!.culprits).toEqual([]);
    }
    const states = [...network.signers.values()].flatMap((signer) => signer.pairs().map((pair) => pair.state));
    expect(new Set(states)).toEqual(new Set(["ready"]));
  });
});
