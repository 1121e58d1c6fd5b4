import type { Curve, KeyRecord, Result, Scheme } from "@quorate/coordinator";
import { unhex } from "@quorate/orders";
import { describe, expect, it } from "vitest";
import { logOf } from "./support/authorised-orders.ts";
import { forgeOrder, ordersTo, outcomesOf } from "./support/forged-order.ts";
import { VirtualNetwork } from "./support/virtual-network.ts";

const KINDS = [
  ["EdDSA", "ed25519"],
  ["Schnorr", "secp256k1"],
  ["ECDSA", "secp256k1"],
  ["ECDSA", "secp256r1"],
] as const satisfies readonly (readonly [Scheme, Curve])[];
const HASH = { kind: "Hash", hash: "5a".repeat(32) } as const;
const PLAIN = { kind: "Message", message: "00" } as const;
const MESSAGE = { kind: "Message", message: "00", blockchainKind: "Evm" } as const;

function network(options: ConstructorParameters<typeof VirtualNetwork>[0] = {}) {
  return new VirtualNetwork({ signers: 3, minSigners: 2, ...options });
}

function made(net: VirtualNetwork, scheme: Scheme, curve: Curve): KeyRecord {
  const result = net.createKey(scheme, curve);
  if ("error" in result) throw result.error;
  net.pass(10);
  return result.ok;
}

function refreshed(net: VirtualNetwork, key: KeyRecord): KeyRecord {
  const result = net.refreshKey(key);
  if ("error" in result) throw result.error;
  net.pass(50);
  return result.ok;
}

/** The records of one kind of a key at a signer, by epoch. */
function epochs(net: VirtualNetwork, node: string, kind: string, key: KeyRecord): readonly number[] {
  const found = [...net.disks.get(node)!.values()].filter((one) => one.kind === kind && one.id === key.keyId);
  return found.map((one) => one.epoch).toSorted();
}

describe.each(KINDS)("new shares of a key for %s on %s", (scheme, curve) => {
  const body = scheme === "EdDSA" ? PLAIN : { ...HASH, ...(scheme === "Schnorr" && { taprootMerkleRoot: "" }) };
  it("sign as the old ones did, and the old ones are gone", () => {
    const net = network({ pairs: scheme === "ECDSA" ? "stored" : "none" });
    const key = made(net, scheme, curve);
    expect(net.sign(key, body)).toMatchObject({ ok: { status: "Signed" } });
    const before = net.disks.get("signer-1")!.get(`share ${key.keyId} 0`)!.value!;
    const after = refreshed(net, key);
    expect(after).toEqual({ ...key, epoch: 1, certificate: after.certificate });
    expect(after.certificate).not.toBe(key.certificate);
    for (const node of net.signers.keys()) {
      expect([epochs(net, node, "share", key), epochs(net, node, "certificate", key)]).toEqual([[1], [1]]);
    }
    expect(net.disks.get("signer-1")!.get(`share ${key.keyId} 1`)!.value).not.toEqual(before);
    for (const stopped of ["signer-1", "signer-2", "signer-3"]) {
      net.kill(stopped);
      expect(net.sign(after, body)).toMatchObject({ ok: { status: "Signed" } });
      net.restart(stopped);
    }
  });

  it("sign for its children as well", () => {
    const net = network({ pairs: scheme === "ECDSA" ? "stored" : "none" });
    const key = made(net, scheme, curve);
    const child = net.createKey(scheme, curve, { deriveFrom: { keyId: key.id, path: "m/7" } });
    if ("error" in child) throw child.error;
    expect(net.sign(child.ok, body)).toMatchObject({ ok: { status: "Signed" } });
    refreshed(net, key);
    refreshed(net, net.coordinator.key(key.id));
    expect(net.coordinator.key(child.ok.id)).toMatchObject({ epoch: 2, publicKey: child.ok.publicKey });
    expect(net.sign(child.ok, body)).toMatchObject({ ok: { status: "Signed" } });
    net.killCoordinator();
    net.restartCoordinator();
    net.pass(50);
    expect(net.coordinator.key(child.ok.id)).toMatchObject({ epoch: 2 });
    expect(net.sign(child.ok, body)).toMatchObject({ ok: { status: "Signed" } });
  });
});

describe("a refresh", () => {
  it("leaves nothing of what was made with the old shares ahead of requests", () => {
    const net = network({ pairs: "stored" });
    const key = made(net, "ECDSA", "secp256k1");
    net.finished<KeyRecord>((reply) => net.coordinator.fillPresignatures(key, 3, reply));
    const held = () => outcomesOf(net, "signer-1").findLast((one) => one.kind === "presignatures");
    const after = refreshed(net, key);
    net.pass(2000);
    const report = held();
    expect(report?.kind === "presignatures" && report.held.every((one) => one.epoch === 1)).toBe(true);
    expect(net.coordinator.presignatureLevels(after)[0]).toMatchObject({ ready: expect.any(Number) });
    expect(net.sign(after, MESSAGE)).toMatchObject({ ok: { status: "Signed", attempts: [{ form: "one-round" }] } });
  });

  it("needs all holders, and says who is missing", () => {
    const net = network();
    const key = made(net, "EdDSA", "ed25519");
    const call = net.renewal(key);
    net.kill("signer-2");
    const refused = net.finished<KeyRecord>((reply) => net.coordinator.refreshCaused(call, reply));
    expect(refused).toMatchObject({ error: { message: expect.stringContaining("missing: signer-2") } });
    net.restart("signer-2");
    expect(refreshed(net, key).epoch).toBe(1);
  });

  it("is refused of a child, of an unknown key, and while another is under way", () => {
    const net = network();
    const key = made(net, "EdDSA", "ed25519");
    const child = net.createKey("EdDSA", "ed25519", { deriveFrom: { keyId: key.id, path: "m/0" } });
    if ("error" in child) throw child.error;
    expect(() => net.refreshKey(child.ok)).toThrow("is a child");
    expect(() => net.refreshKey({ id: "key-none" })).toThrow("no key");
    const calls = [net.renewal(key), net.renewal(key)];
    const ends: Result<KeyRecord>[] = [];
    for (const call of calls) net.coordinator.refreshCaused(call, (end) => ends.push(end));
    expect(ends).toMatchObject([{ error: { message: expect.stringContaining("already") } }]);
    net.until(() => ends.length === 2);
    expect(ends[1]).toMatchObject({ ok: { epoch: 1 } });
  });

  it("fails with names when a holder says nothing; the old shares sign on, and the next attempt takes another epoch", () => {
    const net = network();
    const key = made(net, "EdDSA", "ed25519");
    const call = net.renewal(key);
    net.freeze("signer-3");
    const failed = net.finished<KeyRecord>((reply) => net.coordinator.refreshCaused(call, reply));
    expect(failed).toMatchObject({ error: { code: "failed", details: { culprits: [] } } });
    net.thaw("signer-3");
    expect(net.sign(key, PLAIN)).toMatchObject({ ok: { status: "Signed" } });
    net.pass(30_000);
    const after = refreshed(net, key);
    expect(after.epoch).toBe(2);
    expect(net.sign(after, PLAIN)).toMatchObject({ ok: { status: "Signed" } });
  });

  it("is taken part in once for each epoch, and for none that came before", () => {
    const net = network();
    const key = made(net, "EdDSA", "ed25519");
    refreshed(net, key);
    const keyId = Buffer.from(key.keyId, "hex");
    const { record, ...call } = net.renewal(key);
    const cause = { organisation: call.organisation, head: logOf(net).head, key: key.id, record: unhex(record) };
    const refused = (order: { epoch: number; newEpoch: number }) => {
      const executionId = new Uint8Array(16).fill(40 + order.epoch * 5 + order.newEpoch);
      forgeOrder(net, "signer-1", { kind: "refresh", executionId, keyId, cause, ...order });
      const said = outcomesOf(net, "signer-1").findLast((one) => one.kind === "refused");
      return said?.kind === "refused" && Buffer.compare(said.executionId, executionId) === 0 ? said.code : "taken";
    };
    expect(refused({ epoch: 0, newEpoch: 2 })).toBe("epoch_mismatch");
    expect(refused({ epoch: 1, newEpoch: 1 })).toBe("invalid_order");
    expect(refused({ epoch: 1, newEpoch: 0 })).toBe("invalid_order");
    expect(refused({ epoch: 1, newEpoch: 3 })).toBe("taken");
    expect(refused({ epoch: 1, newEpoch: 2 })).toBe("epoch_mismatch");
    expect(ordersTo(net, "signer-1").filter((one) => one.kind === "refresh")).toHaveLength(1);
  });
});
