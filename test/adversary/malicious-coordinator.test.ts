import { idOf, keygenExecution } from "@quorate/authority";
import type { KeyRecord } from "@quorate/coordinator";
import type { Order, OrderOf, OutcomeOf, PublishedCommitment, Refusal } from "@quorate/orders";
import { describe, expect, it } from "vitest";
import { authorityOf, keygenOrder, logOf, signaturePath } from "../support/authorised-orders.ts";
import { forgeOrder, outcomesOf } from "../support/forged-order.ts";
import { VirtualNetwork } from "../support/virtual-network.ts";

const VICTIM = "signer-1";
const BODY = { kind: "Message", message: "00" };
const OTHER = { kind: "Message", message: "01" };

/** A network with a key, and what its coordinator knows: everybody's published commitments. */
function scene() {
  const network = new VirtualNetwork();
  const key = network.madeKey();
  return { network, key, stock: published(network, key) };
}

type Scene = ReturnType<typeof scene>;

/** Every published commitment, by signer. */
function published(network: VirtualNetwork, key: KeyRecord): ReadonlyMap<string, readonly PublishedCommitment[]> {
  return new Map(
    key.members.map(({ node }) => {
      const sent = outcomesOf(network, node).filter(
        (one): one is OutcomeOf<"commitments"> => one.kind === "commitments",
      );
      return [node, sent.flatMap((one) => one.commitments)];
    }),
  );
}

function encoded(body: unknown, indent?: number): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(body, null, indent));
}

/** What a user signed, and the request that says so. */
function asked({ network, key }: Pick<Scene, "network" | "key">, body: Readonly<Record<string, unknown>>) {
  return { request: encoded(body), authority: authorityOf(logOf(network), signaturePath(key), body) };
}

/** An order to sign with the first three signers and their commitments at `at`, changed as the attack wants. */
function order(scene: Scene, change: Partial<OrderOf<"sign">> = {}, at = 0): OrderOf<"sign"> {
  const { key, stock } = scene;
  const members = key.members.slice(0, 3);
  return {
    kind: "sign",
    requestId: "sig-attack",
    executionId: new Uint8Array(16).fill(at + 1),
    keyId: Buffer.from(key.keyId, "hex"),
    ...asked(scene, BODY),
    epoch: 0,
    path: [],
    deadline: 1_790_000_060_000,
    commitments: [members.map(({ node }) => stock.get(node)![at]!)],
    ...change,
  };
}

function send({ network }: { network: VirtualNetwork }, value: Order): readonly string[] {
  const before = outcomesOf(network, VICTIM).length;
  forgeOrder(network, VICTIM, value);
  return outcomesOf(network, VICTIM)
    .slice(before)
    .map((one) => (one.kind === "refused" ? one.code : one.kind));
}

function expectRefusal(change: (all: Scene) => Partial<OrderOf<"sign">>, code: Refusal) {
  const all = scene();
  expect(send(all, order(all, change(all)))).toEqual([code]);
  // Nothing was consumed: the honest order is answered still.
  expect(send(all, order(all))).toContain("shares");
}

describe("a malicious coordinator", () => {
  it("gets one answer from a nonce, never a second one to another message", () => {
    const all = scene();
    expect(send(all, order(all))).toContain("shares");
    expect(send(all, order(all, { requestId: "sig-other", ...asked(all, OTHER) }))).toEqual(["unknown_nonce"]);
    expect(send(all, order(all, { requestId: "sig-other" }))).toEqual(["unknown_nonce"]);
  });

  it("gets one answer from a nonce when two orders for it race", () => {
    const all = scene();
    const { network } = all;
    const before = outcomesOf(network, VICTIM).length;
    const settle = network.settle.bind(network);
    network.settle = () => {};
    forgeOrder(network, VICTIM, order(all));
    forgeOrder(network, VICTIM, order(all, { requestId: "sig-other", ...asked(all, OTHER) }));
    network.settle = settle;
    network.pass(10);
    const kinds = outcomesOf(network, VICTIM)
      .slice(before)
      .map((one) => one.kind);
    expect(kinds.filter((kind) => kind === "shares")).toHaveLength(1);
  });

  it("cannot have an authorisation answered for other bytes, also not after a restart; for the same it can", () => {
    const all = scene();
    const { network } = all;
    const { authority } = order(all);
    expect(send(all, order(all, { authority }))).toContain("shares");
    const other = { authority, request: encoded(BODY, 1) };
    expect(send(all, order(all, other, 1))).toEqual(["already_used"]);
    expect(send(all, order(all, { authority }, 2))).toContain("shares");
    network.kill(VICTIM);
    network.restart(VICTIM);
    network.pass(100);
    const again = { ...all, stock: published(network, all.key) };
    const latest = again.stock.get(VICTIM)!.length - 1;
    const commitments = [
      [again.stock.get(VICTIM)![latest]!, again.stock.get("signer-2")![3]!, again.stock.get("signer-3")![3]!],
    ];
    expect(send(again, order(again, { ...other, commitments }, 3))).toEqual(["already_used"]);
    expect(send(again, order(again, { authority, commitments }, 4))).toContain("shares");
  });

  it("cannot have anything signed past its deadline, or keep a request open for more than a day", () => {
    expectRefusal(({ network }) => ({ deadline: 1_790_000_000_000 + network.now - 1 }), "expired");
    expectRefusal(({ network }) => ({ deadline: 1_790_000_000_000 + network.now + 30 * 3600_000 }), "invalid_order");
  });

  it("cannot form a signing set that is too small, unsorted, doubled, without this signer, or with commitments of strangers", () => {
    const lists = (edit: (list: readonly PublishedCommitment[]) => readonly PublishedCommitment[]) => {
      return (all: Scene) => ({ commitments: [edit(order(all).commitments[0]!)] });
    };
    expectRefusal(
      lists((list) => list.slice(0, 2)),
      "invalid_order",
    );
    expectRefusal(
      lists((list) => list.toReversed()),
      "invalid_order",
    );
    expectRefusal(
      lists(([a, b]) => [a!, b!, b!]),
      "invalid_order",
    );
    expectRefusal(
      lists((list) => list.slice(1)),
      "invalid_order",
    );
    expectRefusal(
      lists(([a, b, c]) => [a!, b!, { ...c!, identifier: 9 }]),
      "invalid_commitment",
    );
  });

  it("cannot change a commitment of another signer, or of this one", () => {
    const swap = (at: number) => (all: Scene) => {
      const list = order(all).commitments[0]!.map((one, place) =>
        place === at ? { ...one, hiding: one.binding } : one,
      );
      return { commitments: [list] };
    };
    expectRefusal(swap(1), "invalid_commitment");
    expectRefusal(swap(0), "invalid_commitment");
  });

  it("cannot use one nonce for two digests of one request", () => {
    const all = scene();
    const list = order(all).commitments[0]!;
    expect(send(all, order(all, { commitments: [list, list] }))).toEqual(["invalid_order"]);
  });

  it("cannot ask for a key that is not there, another epoch, or a request that is not one", () => {
    expectRefusal(() => ({ keyId: new Uint8Array(32) }), "unknown_key");
    expectRefusal(() => ({ epoch: 1 }), "epoch_mismatch");
    expectRefusal(() => ({ request: new TextEncoder().encode("not json") }), "invalid_request");
    expectRefusal((all) => asked(all, { kind: "Transaction" }), "invalid_request");
  });

  it("cannot make a signer join the same key generation twice, or one whose holders are none", () => {
    const all = scene();
    const { network } = all;
    const record = network.act({ method: "POST", path: "/keys", body: { scheme: "EdDSA", curve: "ed25519" } });
    const named = { id: idOf("key", record), record };
    const first = keygenOrder(logOf(network), named);
    expect(send(all, first)).toEqual([]);
    expect(send(all, first)).toEqual([]); // the very order again is no other one
    network.kill(VICTIM);
    network.restart(VICTIM);
    expect(send(all, first)).toContain("invalid_order");
    const fresh = { ...first, executionId: keygenExecution(record, named.id, 1) };
    const again = { ...fresh, creation: { ...first.creation!, attempt: 1 } };
    const { members } = first;
    expect(send(all, { ...again, members: members.map((one) => ({ ...one, identifier: 1 })) })).toEqual([
      "invalid_order",
    ]);
    expect(send(all, { ...again, members: [...members.slice(0, 4), { identifier: 5, node: "stranger" }] })).toEqual([
      "invalid_order",
    ]);
    expect(send(all, again)).toEqual([]);
  });

  it("cannot have a key made of which this signer is no holder", () => {
    const network = new VirtualNetwork({ signers: 4, minSigners: 2, maxSigners: 3 });
    const record = network.act({ method: "POST", path: "/keys", body: { scheme: "EdDSA", curve: "ed25519" } });
    const order = keygenOrder(logOf(network), { id: idOf("key", record), record });
    expect(send({ network }, { ...order, members: order.members.slice(1) })).toEqual(["invalid_order"]);
  });
});

describe("somebody who is not the coordinator", () => {
  it("gives no orders: neither a signer in its place, nor bytes that are no order", () => {
    const all = scene();
    const { network } = all;
    const before = outcomesOf(network, VICTIM).length;
    const signer = network.signers.get(VICTIM)!;
    const recorded = network.traffic.findLast((one) => one.from === "coordinator" && one.to === VICTIM)!;
    signer.receive("signer-2", recorded.bytes);
    signer.receive("coordinator", recorded.bytes.slice(0, 40));
    const altered = recorded.bytes.slice();
    altered[altered.length - 1]! ^= 1;
    signer.receive("coordinator", altered);
    const misdelivered = network.traffic.findLast((one) => one.from === "coordinator" && one.to === "signer-2")!;
    signer.receive("coordinator", misdelivered.bytes);
    network.pass(100);
    expect(outcomesOf(network, VICTIM).length).toBe(before);
    const refused = network.events.filter((event) => event.node === VICTIM && event.type === "message.refused");
    expect(refused).toHaveLength(4);
  });
});
