import type { KeyRecord, Result } from "@quorate/coordinator";
import { decode, encode } from "@quorate/curves";
import { keygenRounds, refreshConfig, verifyCertificate } from "@quorate/keygen";
import { trustOf, unhex } from "@quorate/orders";
import { type Protocol, type Step, tamper, tampered } from "@quorate/protocol";
import type { Behaviour } from "@quorate/signer";
import { describe, expect, it } from "vitest";
import { logOf } from "../support/authorised-orders.ts";
import { forgedOutcome, forgeOrder, ordersTo, outcomesOf, readOutcome } from "../support/forged-order.ts";
import { VirtualNetwork } from "../support/virtual-network.ts";

const LIAR = "signer-2";
const SIGNERS = ["signer-1", "signer-2", "signer-3"];
const BODY = { kind: "Message", message: "00" };

/** A network of which one signer edits what it sends in refreshes, once told to. */
function scene() {
  let edit: ((step: Step) => Step) | undefined;
  const behaviour: Behaviour = {
    protocol<Out>(name: string, honest: Protocol<Out>): Protocol<Out> {
      return name === "refresh" && edit !== undefined ? tamper(honest, edit) : honest;
    },
  };
  const net = new VirtualNetwork({ signers: 3, minSigners: 2, behaviours: { [LIAR]: behaviour } });
  const key = net.madeKey();
  const trust = trustOf(net.file, "fast");
  const group = trust.groupOf(key.suite)!;
  const rounds = keygenRounds(
    refreshConfig(verifyCertificate(unhex(key.certificate), trust), group, new Uint8Array(16), 1),
  );
  const lie = (step: ((step: Step) => Step) | undefined) => {
    edit = step;
  };
  return { net, key, group, rounds, lie };
}

function refreshed(net: VirtualNetwork, key: KeyRecord): Result<KeyRecord> {
  const result = net.refreshKey(key);
  net.pass(4000);
  return result;
}

/** Any two holders sign, and nobody holds a share of a later epoch in use. */
function expectUsable(net: VirtualNetwork, key: KeyRecord): void {
  for (const stopped of SIGNERS) {
    net.kill(stopped);
    expect(net.sign(net.coordinator.key(key.id), BODY)).toMatchObject({ ok: { status: "Signed" } });
    net.restart(stopped);
  }
}

function blamed(net: VirtualNetwork) {
  const aborted = net.events.filter((event) => event.type === "session.aborted" && event.node !== LIAR);
  return aborted.flatMap((event) => event.culprits);
}

describe("a signer that lies in a refresh", () => {
  it.each(["adds to the secret", "deals one wrong share"])("is named when it %s; the old shares sign on", (how) => {
    const { net, key, group, rounds, lie } = scene();
    const codec = rounds[2].codec;
    lie((step) => {
      if (step.kind !== "private" || step.round.number !== 3) return step;
      return tampered(step, [1, 2, 3], (to, honest) => {
        if (how === "deals one wrong share" && to !== 1) return honest;
        const dealt = decode(codec, honest);
        return encode(codec, { ...dealt, share: group.mod(dealt.share + 9n) });
      });
    });
    const result = refreshed(net, key);
    expect(result).toMatchObject({ error: { details: { abort: "bad_share", culprits: [LIAR] } } });
    expect(new Set(blamed(net))).toEqual(new Set([2]));
    expect(net.coordinator.key(key.id).epoch).toBe(0);
    lie(undefined);
    net.pass(30_000);
    expectUsable(net, key);
    expect(refreshed(net, key)).toMatchObject({ ok: { keyId: key.keyId } });
    expectUsable(net, key);
  });

  it("is named when it says that the chain code is another", () => {
    const { net, key, rounds, lie } = scene();
    const codec = rounds[0].codec;
    lie((step) => {
      if (step.kind !== "broadcast" || step.round.number !== 1) return step;
      return { ...step, body: encode(codec, { ...decode(codec, step.body), chainCommitment: new Uint8Array(32) }) };
    });
    const result = refreshed(net, key);
    expect(result).toMatchObject({ error: { details: { abort: "bad_chain_code", culprits: [LIAR] } } });
  });

  it("is named when it says different things to different signers", () => {
    const { net, key, rounds, lie } = scene();
    const codec = rounds[0].codec;
    lie((step) => {
      if (step.kind !== "broadcast" || step.round.number !== 1) return step;
      return tampered(step, [1, 2, 3], (to, honest) =>
        to === 1 ? encode(codec, { ...decode(codec, honest), nonce: new Uint8Array(32) }) : honest,
      );
    });
    const result = refreshed(net, key);
    expect(result).toMatchObject({ error: { details: { culprits: [LIAR] } } });
    for (const one of blamed(net)) expect(one).toBe(2);
  });

  it("cannot split the others by confirming to one of them only: the one takes the others along", () => {
    const { net, key, lie } = scene();
    lie((step) => {
      if (step.kind !== "broadcast" || step.round.number !== 4) return step;
      return tampered(step, [1, 2, 3], (to, honest) => (to === 1 ? honest : null));
    });
    refreshed(net, key);
    net.pass(40_000);
    expect(net.coordinator.key(key.id).epoch).toBe(1);
    for (const node of ["signer-1", "signer-3"]) {
      const disk = net.disks.get(node)!;
      expect([disk.has(`share ${key.keyId} 0`), disk.has(`share ${key.keyId} 1`)]).toEqual([false, true]);
    }
    lie(undefined);
    expectUsable(net, key);
  });

  it("cannot have a share erased by confirming to nobody; what it kept to itself binds all once it shows", () => {
    const { net, key, lie } = scene();
    const call = net.renewal(key);
    net.intercept = ({ from, to, bytes }) => (from === LIAR && to === "coordinator" ? undefined : bytes);
    lie((step) => {
      if (step.kind !== "broadcast" || step.round.number !== 4) return step;
      return tampered(step, [1, 2, 3], () => null);
    });
    net.coordinator.refreshCaused(call, () => {});
    net.pass(40_000);
    for (const node of ["signer-1", "signer-3"]) {
      expect(net.disks.get(node)!.has(`share ${key.keyId} 0`)).toBe(true);
    }
    net.kill(LIAR);
    expect(net.sign(key, BODY)).toMatchObject({ ok: { status: "Signed" } });
    lie(undefined);
    net.intercept = ({ bytes }) => bytes;
    net.restart(LIAR); // it alone holds the certificate of all
    net.pass(1000);
    expect(net.coordinator.key(key.id).epoch).toBe(1);
    expectUsable(net, key);
    expect(refreshed(net, key)).toMatchObject({ ok: { epoch: 2 } });
    expectUsable(net, key);
  });
});

describe("a coordinator that lies about epochs", () => {
  it("brings no signer back to an earlier one, with a certificate or without", () => {
    const { net, key } = scene();
    const after = refreshed(net, key);
    expect(after).toMatchObject({ ok: { epoch: 1 } });
    for (const node of SIGNERS) forgeOrder(net, node, { kind: "certify", certificate: unhex(key.certificate) });
    for (const node of SIGNERS) {
      const disk = net.disks.get(node)!;
      expect([disk.has(`share ${key.keyId} 1`), disk.has(`certificate ${key.keyId} 0`)]).toEqual([true, false]);
    }
    const order = ordersTo(net, "signer-1").findLast((one) => one.kind === "refresh")!;
    net.kill("signer-1");
    net.restart("signer-1");
    forgeOrder(net, "signer-1", order);
    expect(outcomesOf(net, "signer-1").findLast((one) => "executionId" in one)).toMatchObject({
      kind: "refused",
      code: "epoch_mismatch",
    });
    expectUsable(net, key);
  });

  it("has no signer take a certificate of another key, or of shares that it does not hold", () => {
    const { net, key } = scene();
    const other = net.madeKey();
    expect(refreshed(net, other)).toMatchObject({ ok: { epoch: 1 } });
    net.disks.get("signer-1")!.delete(`share ${other.keyId} 1`);
    const { certificate } = net.coordinator.key(other.id);
    forgeOrder(net, "signer-1", { kind: "certify", certificate: unhex(certificate) });
    expect(net.disks.get("signer-1")!.has(`share ${key.keyId} 0`)).toBe(true);
    expectUsable(net, key);
  });

  it("that starts two refreshes at once ends with all signers in one epoch", () => {
    const { net, key } = scene();
    const keyId = unhex(key.keyId);
    const call = net.renewal(key);
    const { head } = logOf(net);
    const cause = { organisation: call.organisation, head, key: key.id, record: unhex(call.record) };
    const order = (fill: number, newEpoch: number) => {
      const executionId = new Uint8Array(16).fill(fill);
      return { kind: "refresh", executionId, keyId, epoch: 0, newEpoch, cause } as const;
    };
    for (const node of SIGNERS) forgeOrder(net, node, order(71, 1), 0);
    for (const node of SIGNERS) forgeOrder(net, node, order(72, 2), 0);
    net.pass(60_000);
    for (const node of SIGNERS) {
      net.kill(node);
      net.restart(node);
    }
    net.pass(1000);
    const epochs = SIGNERS.map((node) => {
      const certified = [...net.disks.get(node)!.values()].filter(
        ({ kind, id }) => kind === "certificate" && id === key.keyId,
      );
      return certified.map(({ epoch }) => epoch);
    });
    expect(new Set(epochs.map(String)).size).toBe(1);
    expectUsable(net, key);
  });
});

describe("a signer that lies about epochs", () => {
  it("does not move the coordinator with a certificate of another key, or one that is none", () => {
    const { net, key } = scene();
    const other = net.madeKey();
    for (const certificate of [unhex(other.certificate), new Uint8Array(100)]) {
      net.coordinator.receive(LIAR, forgedOutcome(net, LIAR, { kind: "certified", certificate }));
      net.pass(10);
    }
    expect(net.coordinator.key(key.id)).toEqual(key);
    expect(net.coordinator.key(other.id)).toEqual(other);
  });

  it("stops no refresh by claiming to hold an epoch that is far ahead", () => {
    const { net, key } = scene();
    const keys = [{ keyId: unhex(key.keyId), epoch: 2 ** 40, state: "staged" as const, fault: "" }];
    net.coordinator.receive(LIAR, forgedOutcome(net, LIAR, { kind: "holdings", keys }));
    net.pass(10);
    net.kill(LIAR);
    net.restart(LIAR);
    expect(refreshed(net, key)).toMatchObject({ ok: { keyId: key.keyId } });
    expectUsable(net, key);
  });

  it("cannot pass an earlier certificate off as that of the new shares", () => {
    const { net, key } = scene();
    net.intercept = ({ from, to, bytes }) => {
      if (from !== LIAR || to !== "coordinator") return bytes;
      const said = readOutcome(net, from, bytes);
      if (said.kind !== "keygenDone") return bytes;
      return forgedOutcome(net, from, { ...said, certificate: unhex(key.certificate) });
    };
    expect(refreshed(net, key)).toMatchObject({ ok: { epoch: 1 } });
    expect(net.events.some((event) => event.code === "bad_certificate" && event.peer === LIAR)).toBe(true);
  });
});
