import type { KeyRecord } from "@quorate/coordinator";
import type { Order } from "@quorate/orders";
import { beforeEach, describe, expect, it } from "vitest";
import { authorityOf, logOf, signaturePath } from "../support/authorised-orders.ts";
import { answers, give, makePresignature, presignedOrder, presignOrder } from "../support/ecdsa-orders.ts";
import { VirtualNetwork } from "../support/virtual-network.ts";

const SET = [1, 2];

describe("a presignature", () => {
  let network: VirtualNetwork;
  let key: KeyRecord;
  let other: KeyRecord;
  /** What the log calls the child of `key` at `m/5`. */
  let child: string;

  beforeEach(() => {
    network = new VirtualNetwork({ signers: 3, minSigners: 2, pairs: "stored" });
    key = network.madeKey("ECDSA");
    other = network.madeKey("ECDSA");
    const deriveFrom = { keyId: key.id, path: "m/5" };
    child = network.namedKey({ scheme: "ECDSA", curve: "secp256k1", deriveFrom });
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
    const [one, another] = [presignedOrder(network, key, 1, "one"), presignedOrder(network, key, 1, "another")];
    atOnce(1, [one, another]);
    atOnce(2, [another, one]);
    for (const signer of SET) {
      expect(answers(network, signer, "ecdsaShares")).toHaveLength(1);
      expect(refusals(signer)).toEqual(["unknown_presignature"]);
    }
    give(network, 1, presignedOrder(network, key, 2, "another", { executionId: new Uint8Array(16).fill(99) }));
    network.pass(40);
    expect(answers(network, 1, "ecdsaShares")).toHaveLength(2);
  });

  it("is gone once it was used, for the same message too", () => {
    const order = presignedOrder(network, key, 1, "one");
    for (const again of [order, { ...order, executionId: new Uint8Array(16).fill(8) }]) {
      give(network, 1, again);
      network.pass(40);
    }
    expect(answers(network, 1, "ecdsaShares")).toHaveLength(1);
    expect(refusals(1)).toEqual(["unknown_presignature"]);
  });

  it("is not taken by a request that is refused: bound to other bytes, expired, or for two digests at once", () => {
    const order = presignedOrder(network, key, 1, "one");
    const { authority } = order;
    give(network, 1, presignedOrder(network, key, 2, "one", { authority }));
    network.pass(40);
    const spelled = new TextEncoder().encode(
      JSON.stringify(JSON.parse(Buffer.from(order.request).toString()), null, 1),
    );
    give(network, 1, { ...order, request: spelled });
    give(network, 1, { ...order, deadline: 1 });
    give(network, 1, { ...order, presignatures: [...order.presignatures, ...order.presignatures] });
    network.pass(40);
    expect(refusals(1).toSorted()).toEqual(["already_used", "expired", "invalid_order"]);
    give(network, 1, order);
    network.pass(40);
    expect(answers(network, 1, "ecdsaShares")).toHaveLength(2);
  });

  it("never meets a raw digest, whatever the coordinator says", () => {
    const body = { kind: "Hash", hash: "11".repeat(32) };
    const request = new TextEncoder().encode(JSON.stringify(body));
    const authority = authorityOf(logOf(network), signaturePath(key), body);
    give(network, 1, presignedOrder(network, key, 1, "one", { request, authority }));
    network.pass(40);
    expect(refusals(1)).toEqual(["prehashed"]);
    expect(answers(network, 1, "ecdsaShares")).toEqual([]);
  });

  it("is for one key, epoch and path: for a child, or another key, there is none", () => {
    give(network, 1, presignedOrder(network, { ...key, id: child }, 1, "one", { path: [5] }));
    give(network, 1, presignedOrder(network, other, 1, "one"));
    give(network, 1, presignedOrder(network, key, 1, "one", { epoch: 1 }));
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
    const own = ["certificate", "encryption", "incarnation", "joined", "log-record", "origin", "pair", "share"];
    const written = [...own, "witness"];
    expect([...kinds].toSorted()).toEqual(written);
    network.kill("signer-1");
    network.restart("signer-1");
    give(network, 1, presignedOrder(network, key, 1, "one"));
    network.pass(40);
    expect(refusals(1)).toEqual(["unknown_presignature"]);
    expect(answers(network, 1, "presignatures").at(-1)!.held).toEqual([]);
  });

  it("goes when nobody wants it; others stay", () => {
    give(network, 1, { kind: "discard", presignatures: [new Uint8Array(16).fill(1)] });
    network.pass(40);
    give(network, 1, presignedOrder(network, key, 1, "one"));
    network.pass(40);
    expect(refusals(1)).toEqual(["unknown_presignature"]);
    give(network, 1, presignedOrder(network, key, 2, "two"));
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
    const network = new VirtualNetwork({ signers: 3, minSigners: 2, pairs: "stored" });
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
    const network = new VirtualNetwork({ signers: 3, minSigners: 2, pairs: "stored" });
    const key = network.madeKey("ECDSA");
    network.killCoordinator();
    for (const signer of SET) {
      const { presignatures: _, ...order } = presignedOrder(network, key, 1, `to ${signer}`, { requestId: "sig-1" });
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
