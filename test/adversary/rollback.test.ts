import { decode, encode } from "@quorate/curves";
import { networkHash, type OrderOf, type PresenceStatement, presenceStatement, signPresence } from "@quorate/orders";
import { peerMessage } from "@quorate/signer/observe";
import { witnessRecord } from "@quorate/vault";
import { describe, expect, it } from "vitest";
import { Attack, BODY } from "../support/attack.ts";
import { auditOf } from "../support/audit.ts";
import {
  answersTo,
  authorityOf,
  commitmentsOf,
  keygenOrder,
  replenish,
  signaturePath,
  signOrder,
} from "../support/authorised-orders.ts";
import { outcomesOf } from "../support/forged-order.ts";
import type { VirtualNetwork } from "../support/virtual-network.ts";

const VICTIM = "signer-1";
const HOUR_MS = 3600_000;
const KEY = { method: "POST", path: "/keys", body: { scheme: "EdDSA", curve: "ed25519" } } as const;

const typesOf = (network: VirtualNetwork, node: string, from = 0) =>
  network.events.slice(from).flatMap((event) => (event.node === node ? [event.type] : []));

/** The victim answers a request, its peers hear how far it is, and its disk is put back to what it was before. */
function rolledBack(attack: Attack) {
  const { network, keeper, key } = attack;
  const night = network.snapshot(VICTIM);
  const order = attack.order();
  expect(answersTo(keeper, order, VICTIM)).toEqual(["shares"]);
  network.pass(1500);
  const from = network.events.length;
  const said = outcomesOf(network, VICTIM).length;
  network.restore(VICTIM, night);
  network.pass(1500);
  replenish(keeper, key);
  return { network, keeper, key, order, from, said };
}

/** An order with the nonces that the signers published last. */
function fresh({ keeper, key }: Pick<Attack, "keeper" | "key">, changes: Partial<OrderOf<"sign">> = {}) {
  const commitments = [keeper.everybody.slice(0, 3).map((name) => commitmentsOf(keeper, name, key).at(-1)!)];
  const executionId = crypto.getRandomValues(new Uint8Array(16));
  return { ...signOrder(keeper, key, BODY), executionId, commitments, ...changes };
}

/** Minutes of a network, on a loaded machine. */
const LONG_MS = 120_000;

describe("a signer whose disk was put back", () => {
  it("says so before it serves, and signs nothing before", () => {
    const { network, from, said } = rolledBack(new Attack());
    const types = typesOf(network, VICTIM, from);
    expect(types.indexOf("signer.rollback_detected")).toBeGreaterThan(-1);
    expect(types.indexOf("signer.ready")).toBeGreaterThan(types.indexOf("signer.rollback_detected"));
    const since = outcomesOf(network, VICTIM).slice(said);
    expect(since.map((one) => one.kind)).not.toContain("shares");
    expect(auditOf(network, VICTIM).at(-1)?.kind).not.toBe(undefined);
    expect(auditOf(network, VICTIM).filter((one) => one.kind === "rolledBack")).toHaveLength(1);
  });

  it("makes no key that was asked for before: it may have begun to, and would seem to say two things in one execution", () => {
    const { network, keeper } = rolledBack(new Attack());
    const before = keeper.createKey();
    expect(answersTo(keeper, keygenOrder(keeper, before), VICTIM)).toEqual(["rolled_back"]);
    network.pass(2 * 60_000);
    expect(answersTo(keeper, keygenOrder(keeper, keeper.createKey()), VICTIM)).not.toContain("rolled_back");
  });

  it("gives no key new shares that was to get them before, for the same reason, and does where it is asked once more", () => {
    const { network, keeper, key } = rolledBack(new Attack());
    const refresh = () => {
      const record = Buffer.from(keeper.act({ method: "POST", path: `/keys/${key.id}/refresh` }), "hex");
      const cause = { organisation: keeper.state.id, head: keeper.head, key: key.id, record };
      const executionId = crypto.getRandomValues(new Uint8Array(16));
      return { kind: "refresh", executionId, keyId: key.keyId, epoch: 0, newEpoch: 1, cause } as const;
    };
    expect(answersTo(keeper, refresh(), VICTIM)).toEqual(["rolled_back"]);
    network.pass(2 * 60_000);
    expect(answersTo(keeper, refresh(), VICTIM)).toEqual([]);
  });

  it("answers nothing under an authorisation that it answered before, the same or another", () => {
    const scene = rolledBack(new Attack());
    const spaced = new TextEncoder().encode(`${JSON.stringify(BODY)} `);
    const { keeper, order } = scene;
    for (const request of [spaced, order.request]) {
      const again = fresh(scene, { authority: order.authority, deadline: order.deadline, request });
      expect(answersTo(keeper, again, VICTIM)).toEqual(["rolled_back"]);
    }
  });

  it(
    "answers again under authorisations that no life before can have seen, and so it does after another restart",
    () => {
      const scene = rolledBack(new Attack());
      const { network, keeper, key } = scene;
      const answer = (ends: number) => {
        const authority = authorityOf(keeper, signaturePath(key), BODY, network.admin, { expires: keeper.now + ends });
        return answersTo(keeper, fresh(scene, { authority }), VICTIM);
      };
      network.pass(125_000);
      expect(answer(HOUR_MS)).toEqual(["shares"]);
      network.kill(VICTIM);
      network.restart(VICTIM);
      replenish(keeper, key);
      expect(answer(HOUR_MS / 2)).toEqual(["rolled_back"]);
      expect(answer(HOUR_MS)).toEqual(["shares"]);
      expect(typesOf(network, VICTIM).filter((type) => type === "signer.rollback_detected")).toHaveLength(1);
    },
    LONG_MS,
  );

  it(
    "follows what the others have committed since, and countersigns only above a record that is newer than its loss",
    () => {
      const { network, keeper } = new Attack();
      const night = network.snapshot(VICTIM);
      keeper.propose(keeper.next(KEY), [VICTIM]);
      network.pass(1500);
      network.restore(VICTIM, night);
      const others = keeper.everybody.slice(1);
      const refused = [{ kind: "recordRefused", code: "rolled_back" }];
      expect(keeper.propose(keeper.next(KEY), [VICTIM])).toMatchObject(refused);
      keeper.act(KEY, undefined, others);
      expect(keeper.propose(keeper.next(KEY), [VICTIM])).toMatchObject(refused);
      network.pass(120_000);
      keeper.act(KEY, undefined, others);
      expect(keeper.propose(keeper.next(KEY), [VICTIM])).toMatchObject([{ kind: "countersigned" }]);
    },
    LONG_MS,
  );

  it("says so also when all others have started anew since", () => {
    const attack = new Attack();
    const { network, keeper } = attack;
    const night = network.snapshot(VICTIM);
    expect(answersTo(keeper, attack.order(), VICTIM)).toEqual(["shares"]);
    network.pass(1500);
    for (const name of keeper.everybody) network.kill(name);
    network.disks.set(VICTIM, night);
    for (const name of keeper.everybody) network.restart(name);
    expect(typesOf(network, VICTIM)).toContain("signer.rollback_detected");
  });

  describe("while those that heard from it last are out of reach", () => {
    function unreachable() {
      const attack = new Attack();
      const { network, keeper } = attack;
      const gone = ["signer-4", "signer-5"];
      const night = network.snapshot(VICTIM);
      network.intercept = ({ from, to, bytes }) =>
        from === VICTIM && ["signer-2", "signer-3"].includes(to) ? undefined : bytes;
      expect(answersTo(keeper, attack.order(), VICTIM)).toEqual(["shares"]);
      network.pass(1500);
      network.intercept = ({ from, to, bytes }) => (gone.some((one) => from === one || to === one) ? undefined : bytes);
      network.restore(VICTIM, night);
      expect(network.signers.get(VICTIM)!.ready).toBe(true);
      expect(typesOf(network, VICTIM)).not.toContain("signer.rollback_detected");
      return attack;
    }

    it("serves after a while, and finds it out later, from one of them", () => {
      const attack = unreachable();
      const { network, keeper, key } = attack;
      network.intercept = ({ bytes }) => bytes;
      network.pass(2000);
      expect(typesOf(network, VICTIM)).toContain("signer.rollback_detected");
      replenish(keeper, key);
      expect(answersTo(keeper, fresh(attack), VICTIM)).toEqual(["rolled_back"]);
    });

    it("finds it out also when its log has grown past what it lost", () => {
      const attack = unreachable();
      const { network, keeper } = attack;
      for (let at = 0; at < 12; at += 1) answersTo(keeper, fresh(attack, { deadline: 0 }), VICTIM);
      const length = auditOf(network, VICTIM).length;
      network.intercept = ({ bytes }) => bytes;
      network.pass(2000);
      const lost = auditOf(network, VICTIM).find((one) => one.kind === "rolledBack");
      expect(lost?.sequence).toBeLessThan(length);
    });
  });

  it("is told nothing that it did not say: a peer that forges its words is heard by nobody", () => {
    const { network } = new Attack();
    const statement = lastSaid(network);
    const forged = signPresence(
      networkHash(network.file),
      VICTIM,
      { ...statement.presence, sequence: 1000, incarnation: 50 },
      network.identityOf("signer-2"),
    );
    network.intercept = ({ from, to, bytes }) => {
      return from === "signer-2" && to === VICTIM
        ? encode(peerMessage, { kind: "remembered", statement: forged })
        : bytes;
    };
    network.kill(VICTIM);
    network.restart(VICTIM);
    expect(network.signers.get(VICTIM)!.ready).toBe(true);
    expect(typesOf(network, VICTIM)).not.toContain("signer.rollback_detected");
    expect(network.events).toContainEqual(
      expect.objectContaining({ node: VICTIM, type: "message.refused", peer: "signer-2", code: "bad_signature" }),
    );
  });
});

describe("a signer that starts", () => {
  it("waits until as many others have answered as a signature needs, and serves then", () => {
    const { network, keeper } = new Attack();
    for (const name of keeper.everybody) network.kill(name);
    network.restart(VICTIM);
    network.restart("signer-2");
    expect(network.signers.get(VICTIM)!.ready).toBe(false);
    expect(typesOf(network, VICTIM)).toContain("signer.reconciling");
    network.restart("signer-3");
    network.pass(5000);
    for (const name of keeper.everybody.slice(0, 3)) expect(network.signers.get(name)!.ready).toBe(true);
  });

  it("is never taken for one that was rolled back or cloned, however often it and all others start", () => {
    const attack = new Attack();
    const { network, keeper, key } = attack;
    for (let round = 0; round < 3; round += 1) {
      for (const name of keeper.everybody) network.kill(name);
      for (const name of keeper.everybody) network.restart(name);
      network.pass(3000);
      replenish(keeper, key);
      expect(answersTo(keeper, fresh(attack), VICTIM)).toEqual(["shares"]);
    }
    const alarms = network.events.filter(({ type }) => /clone|rollback/.test(type));
    expect(alarms).toEqual([]);
  });

  it("tells of nothing that its disk does not have, so that what a full disk did not take is no loss", () => {
    const attack = new Attack();
    const { network, keeper } = attack;
    network.fullDisks.add(VICTIM);
    for (let at = 0; at < 3; at += 1) answersTo(keeper, fresh(attack, { deadline: 0 }), VICTIM);
    network.pass(2500);
    network.kill(VICTIM);
    network.fullDisks.clear();
    network.restart(VICTIM);
    network.pass(1500);
    expect(typesOf(network, VICTIM)).not.toContain("signer.rollback_detected");
  });

  it("refuses what uses secrets until it serves", () => {
    const attack = new Attack();
    const { network, keeper } = attack;
    for (const name of keeper.everybody.slice(1)) network.freeze(name);
    network.kill(VICTIM);
    network.restart(VICTIM);
    expect(answersTo(keeper, attack.order(), VICTIM)).toEqual(["reconciling"]);
  });
});

describe("two processes under the name of one signer", () => {
  it("are both stopped before the second signs anything, and by all others worked with no more, until somebody decides", () => {
    const attack = new Attack();
    const { network, keeper } = attack;
    network.pass(1500);
    const from = network.events.length;
    network.clone(VICTIM);
    network.pass(5000);
    for (const process of [VICTIM, `${VICTIM}~`])
      expect(typesOf(network, process, from)).toContain("signer.clone_detected");
    const types = typesOf(network, `${VICTIM}~`, from);
    const [detected, ready] = [types.indexOf("signer.clone_detected"), types.indexOf("signer.ready")];
    expect(ready === -1 || detected < ready).toBe(true);
    expect(answersTo(keeper, attack.order(), VICTIM)).toEqual(["cloned"]);
    for (const name of keeper.everybody.slice(1)) {
      expect(typesOf(network, name, from)).toContain("peer.clone_detected");
      expect(network.signers.get(name)!.pairs()).toContainEqual({ node: VICTIM, state: "banned" });
    }
    network.kill(VICTIM);
    network.restart(VICTIM);
    expect(answersTo(keeper, attack.order(), VICTIM)).toEqual(["cloned"]);
  });

  it(
    "are one again once its operator has stopped the other and says so, there and at the others",
    () => {
      const attack = new Attack();
      const { network, keeper, key } = attack;
      network.pass(1500);
      network.clone(VICTIM);
      network.pass(5000);
      network.freeze(`${VICTIM}~`);
      for (const name of keeper.everybody) network.signers.get(name)!.readmit(VICTIM, () => {});
      network.pass(5000);
      replenish(keeper, key);
      expect(answersTo(keeper, fresh(attack), VICTIM)).toEqual(["rolled_back"]); // the other may have used it
      network.pass(125_000);
      const expires = keeper.now + HOUR_MS;
      const authority = authorityOf(keeper, signaturePath(key), BODY, network.admin, { expires });
      expect(answersTo(keeper, fresh(attack, { authority }), VICTIM)).toEqual(["shares"]);
      for (const name of keeper.everybody.slice(1))
        expect(network.signers.get(name)!.pairs()).not.toContainEqual({ node: VICTIM, state: "banned" });
    },
    LONG_MS,
  );

  it("are found when both start from one snapshot at once", () => {
    const { network, keeper } = new Attack();
    const night = network.snapshot(VICTIM);
    network.kill(VICTIM);
    network.clone(VICTIM, night);
    network.restart(VICTIM);
    network.pass(5000);
    for (const name of keeper.everybody.slice(1)) expect(typesOf(network, name)).toContain("peer.clone_detected");
  });

  it("are not two by two words of one, whoever shows them", () => {
    const attack = new Attack();
    const { network, keeper } = attack;
    const first = lastSaid(network);
    expect(answersTo(keeper, attack.order(), VICTIM)).toEqual(["shares"]);
    const second = lastSaid(network);
    expect(second.presence.sequence).toBeGreaterThan(first.presence.sequence);
    const claim = encode(peerMessage, { kind: "cloned", node: VICTIM, first, second });
    for (const name of [VICTIM, "signer-3"]) network.signers.get(name)!.receive("signer-2", claim);
    network.pass(1500);
    expect(network.events.filter(({ type }) => type.endsWith("clone_detected"))).toEqual([]);
    expect(answersTo(keeper, attack.order(), VICTIM)).toEqual(["shares"]);
  });
});

/** What the victim's peers remember of it. */
function lastSaid(network: VirtualNetwork): PresenceStatement {
  network.pass(1500);
  const { value } = network.disks.get("signer-2")!.get(`witness ${VICTIM} 0`)!;
  return decode(presenceStatement, decode(witnessRecord, value!).statement);
}
