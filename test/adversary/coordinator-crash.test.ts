import type { RequestRecord } from "@quorate/coordinator";
import { describe, expect, it } from "vitest";
import { VirtualNetwork } from "../support/virtual-network.ts";

const body = { kind: "Message", message: "68656c6c6f", externalId: "once" };

/** Asks for a signature while the coordinator ends at its write `at`, counted from 1; before it is done, or right after. */
function crash(at: number, when: "before" | "after") {
  const network = new VirtualNetwork();
  const key = network.madeKey();
  let writes = 0;
  let delivered: RequestRecord | undefined;
  network.onWrite = (node) => {
    if (node !== "coordinator" || ++writes !== at) return;
    if (when === "before") network.killCoordinator();
    else network.soon(() => network.killCoordinator());
  };
  network.coordinator.sign(network.request(key, body), (result) => {
    if ("ok" in result) delivered = result.ok;
  });
  network.pass(100);
  network.onWrite = () => {};
  network.restartCoordinator();
  network.pass(5000);
  const again = network.finished<RequestRecord>((reply) => network.coordinator.sign(network.request(key, body), reply));
  if ("error" in again) throw again.error;
  return { network, key, delivered, again: again.ok };
}

describe("a coordinator that crashes", () => {
  it.each([
    [1, "before"],
    [1, "after"],
    [2, "before"],
    [2, "after"],
  ] as const)("at write %i, %s it is done, gives one signature to one external id, without help", (at, when) => {
    const { network, key, delivered, again } = crash(at, when);
    expect(again.status).toBe("Signed");
    if (delivered !== undefined) expect(again.result).toEqual(delivered.result);
    const open = [...network.disks.get("coordinator")!.keys()].filter((name) => name.startsWith("open-request"));
    expect(open).toEqual([]);
    const listed = network.finished<{ items: readonly RequestRecord[] }>((reply) =>
      network.coordinator.signatures(key.id, 10, undefined, reply),
    );
    expect(listed).toMatchObject({ ok: { items: [{ id: again.id }] } });
  });

  it("waits for its signers to connect again before it refuses what it had accepted", () => {
    const network = new VirtualNetwork();
    const key = network.madeKey();
    network.coordinator.sign(network.request(key, body), () => {});
    network.intercept = () => undefined;
    network.pass(10);
    network.killCoordinator();
    network.intercept = ({ bytes }) => bytes;
    network.restartCoordinator(5000);
    network.pass(6000);
    expect(network.events.findLast((event) => String(event.type).startsWith("request."))?.type).toBe("request.signed");
  });

  it("goes on with every request and key but the one whose record is damaged", () => {
    const network = new VirtualNetwork();
    const [key, other] = [network.madeKey(), network.madeKey()];
    const disk = network.disks.get("coordinator")!;
    const place = `key ${key.id} 0`;
    const record = disk.get(place)!;
    const text = Buffer.from(record.value!).toString();
    const certificate = JSON.parse(text).certificate as string;
    const damaged = `${certificate.slice(0, -2)}${certificate.endsWith("00") ? "01" : "00"}`;
    disk.set(place, { ...record, value: Buffer.from(text.replace(certificate, damaged)) });
    network.killCoordinator();
    network.restartCoordinator();
    expect(network.sign(key, body)).toMatchObject({ error: { code: "failed" } });
    expect(network.sign(other, body)).toMatchObject({ ok: { status: "Signed" } });
  });
});

describe("a coordinator whose disk is full", () => {
  it("answers, and stores the end once there is room: the same external id then gives the same signature", () => {
    const network = new VirtualNetwork();
    const key = network.madeKey();
    network.fullDisks.add("coordinator");
    expect(network.sign(key, body)).toMatchObject({ error: { code: "failed" } });
    network.fullDisks.delete("coordinator");
    network.pass(2000);
    const first = network.sign(key, body);
    const second = network.sign(key, body);
    expect(first).toMatchObject({ ok: { status: "Signed" } });
    expect(second).toEqual(first);
    expect(network.events.filter((event) => event.type === "attempt.ended")).toHaveLength(1);
  });

  it("does not sign again under an external id whose record it cannot read", () => {
    const network = new VirtualNetwork();
    const key = network.madeKey();
    network.sign(key, body);
    network.damaged.add(`external-id ${key.id}/once 0`);
    expect(network.sign(key, body)).toMatchObject({ error: { code: "failed", field: "externalId" } });
  });
});
