import { idOf } from "@quorate/authority";
import { describe, expect, it } from "vitest";
import {
  answersTo,
  authorityOf,
  keygenOrder,
  madeKey,
  replenish,
  signaturePath,
  signOrder,
} from "./support/authorised-orders.ts";
import { forgeOrder } from "./support/forged-order.ts";
import { LogKeeper } from "./support/log-keeper.ts";
import { VirtualNetwork } from "./support/virtual-network.ts";

const BODY = { kind: "Message", message: "00ff" };
const HOUR_MS = 3600_000;

function scene() {
  const network = new VirtualNetwork();
  const keeper = new LogKeeper(network);
  const key = madeKey(keeper);
  replenish(keeper, key);
  return { network, keeper, key };
}

describe("a signer", () => {
  it("answers a user's signed request, and again with other commitments, but nothing else under the same authorisation", () => {
    const { keeper, key } = scene();
    const order = signOrder(keeper, key, BODY);
    expect(answersTo(keeper, order)).toEqual(["shares"]);
    const { authority, deadline } = order;
    expect(answersTo(keeper, signOrder(keeper, key, BODY, { authority, deadline, requestId: "sig-again" }, 1))).toEqual(
      ["shares"],
    );
    const spelled = new TextEncoder().encode(JSON.stringify(BODY, null, 1));
    expect(answersTo(keeper, signOrder(keeper, key, BODY, { authority, deadline, request: spelled }, 2))).toEqual([
      "already_used",
    ]);
  });

  it("begins nothing under an authorisation that expired, but answers what it began until its deadline", () => {
    const { network, keeper, key } = scene();
    const expires = keeper.now + 10_000;
    const authority = authorityOf(keeper, signaturePath(key), BODY, undefined, { expires });
    const other = authorityOf(keeper, signaturePath(key), BODY, undefined, { expires });
    const deadline = keeper.now + 300_000;
    expect(answersTo(keeper, signOrder(keeper, key, BODY, { authority, deadline }))).toEqual(["shares"]);
    network.pass(70_001 + 10_000);
    expect(answersTo(keeper, signOrder(keeper, key, BODY, { authority, deadline }, 1))).toEqual(["shares"]);
    expect(answersTo(keeper, signOrder(keeper, key, BODY, { authority: other, deadline }, 2))).toEqual(["expired"]);
    network.pass(300_000);
    expect(answersTo(keeper, signOrder(keeper, key, BODY, { authority, deadline }, 3))).toEqual(["expired"]);
  });

  it("keeps no request open for more than a day after the authorisation expires", () => {
    const { keeper, key } = scene();
    const deadline = keeper.now + 600_000 + 24 * HOUR_MS + 60_000;
    expect(answersTo(keeper, signOrder(keeper, key, BODY, { deadline: deadline + 1000 }))).toEqual(["invalid_order"]);
  });

  it("signs with a child only where the user named the child", () => {
    const { keeper, key } = scene();
    const body = { scheme: "EdDSA", curve: "ed25519", deriveFrom: { keyId: key.id, path: "m/44/5" } };
    const child = { ...key, id: idOf("key", keeper.act({ method: "POST", path: "/keys", body })) };
    const authority = authorityOf(keeper, signaturePath(child), BODY);
    expect(answersTo(keeper, signOrder(keeper, key, BODY, { authority }))).toEqual(["no_authorisation"]);
    expect(answersTo(keeper, signOrder(keeper, key, BODY, { path: [44, 5] }))).toEqual(["no_authorisation"]);
    expect(answersTo(keeper, signOrder(keeper, key, BODY, { authority, path: [44, 5] }))).toEqual(["shares"]);
  });

  it("refuses an order that knows less of the log than it does, or more, or another record", () => {
    const { keeper, key } = scene();
    const ordered = (head: { height: number; hash: Uint8Array }) => {
      return signOrder(keeper, key, BODY, { authority: { ...authorityOf(keeper, signaturePath(key), BODY), head } });
    };
    const { height, hash } = keeper.head;
    expect(answersTo(keeper, ordered({ height: height - 1, hash }))).toEqual(["stale_head"]);
    expect(answersTo(keeper, ordered({ height: height + 1, hash }))).toEqual(["behind"]);
    expect(answersTo(keeper, ordered({ height, hash: new Uint8Array(32) }))).toEqual(["conflict"]);
  });

  it("knows after a restart for which key of the log it made a share", () => {
    const { network, keeper, key } = scene();
    for (const name of keeper.everybody) {
      network.kill(name);
      network.restart(name);
    }
    replenish(keeper, key);
    expect(answersTo(keeper, signOrder(keeper, key, BODY, {}, 8))).toEqual(["shares"]);
  });
});

describe("a key is made", () => {
  it("only as the log says", () => {
    const network = new VirtualNetwork();
    const keeper = new LogKeeper(network);
    const key = keeper.createKey();
    const refused = (changes: Parameters<typeof keygenOrder>[2]) =>
      answersTo(keeper, keygenOrder(keeper, key, changes));
    const { creation, members } = keygenOrder(keeper, key);
    expect(refused({ creation: null })).toEqual(["no_authorisation"]);
    expect(refused({ creation: { ...creation!, key: "key-other" } })).toEqual(["unknown_key"]);
    expect(refused({ creation: { ...creation!, attempt: 1 } })).toEqual(["invalid_order"]);
    expect(refused({ executionId: new Uint8Array(16) })).toEqual(["invalid_order"]);
    expect(refused({ suite: "secp256k1" })).toEqual(["no_authorisation"]);
    expect(refused({ minSigners: 2 })).toEqual(["no_authorisation"]);
    expect(refused({ members: members.slice(0, 4) })).toEqual(["no_authorisation"]);
    keeper.act({ method: "DELETE", path: `/keys/${key.id}` });
    expect(answersTo(keeper, keygenOrder(keeper, key))).toEqual(["unknown_key"]);
  });

  it("once, however often the order comes: the answer is the first one again", () => {
    const network = new VirtualNetwork();
    const keeper = new LogKeeper(network);
    const key = madeKey(keeper);
    const toOthers = () => network.traffic.filter(({ from, to }) => from === "signer-1" && to !== "coordinator").length;
    forgeOrder(network, "signer-1", keygenOrder(keeper, key));
    const before = toOthers();
    expect(answersTo(keeper, keygenOrder(keeper, key))).toEqual(["keygenDone"]); // what it came to before
    expect(toOthers()).toBe(before);
  });
});
