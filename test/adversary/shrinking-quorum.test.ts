import type { RequestRecord, Result } from "@quorate/coordinator";
import { describe, expect, it } from "vitest";
import { VirtualNetwork } from "../support/virtual-network.ts";

const body = { kind: "Message", message: "68656c6c6f" };

describe("a request whose signers go away while it runs", () => {
  it("is refused within two seconds, with the names of those who are missing", () => {
    const network = new VirtualNetwork();
    const key = network.madeKey();
    let end: Result<RequestRecord> | undefined;
    network.coordinator.sign(network.request(key, body), (result) => {
      end = result;
    });
    network.intercept = ({ to, bytes }) => (to === "coordinator" ? undefined : bytes);
    network.pass(10);
    const gone = network.now;
    for (const name of ["signer-1", "signer-2", "signer-3"]) network.kill(name);
    network.until(() => end !== undefined);
    expect(network.now - gone).toBeLessThan(2000);
    const missing = ["signer-1", "signer-2", "signer-3"].map((node) => ({ node, reason: "unreachable" }));
    expect(end).toMatchObject({ error: { code: "quorum_unavailable", details: { missing } } });
  });

  it("goes on at once when one of its signers runs anew and knows of no order", () => {
    const network = new VirtualNetwork();
    const key = network.madeKey();
    network.intercept = ({ to, bytes }) => (to === "signer-1" ? undefined : bytes);
    let end: Result<RequestRecord> | undefined;
    network.coordinator.sign(network.request(key, body), (result) => {
      end = result;
    });
    network.pass(10);
    network.intercept = ({ bytes }) => bytes;
    const before = network.now;
    network.coordinator.peer("signer-1", { connected: true, instance: "anew", rttMs: 2 });
    network.until(() => end !== undefined);
    expect(end).toMatchObject({ ok: { status: "Signed" } });
    expect(network.now - before).toBeLessThan(500);
  });
});

describe("the supply of commitments", () => {
  it("recovers from a demand that was lost", () => {
    const network = new VirtualNetwork();
    const key = network.madeKey();
    network.intercept = ({ from, to, bytes }) => (from === "signer-1" && to === "coordinator" ? undefined : bytes);
    network.forgetCommitments();
    network.pass(10_000);
    network.intercept = ({ bytes }) => bytes;
    network.signers.get("signer-1")!.peer("coordinator", { connected: false });
    network.signers.get("signer-1")!.peer("coordinator", { connected: true, instance: "coordinator-1", rttMs: 2 });
    network.pass(100);
    expect(network.coordinator.commitmentLevels(key)["signer-1"]).toBeGreaterThan(0);
  });
});

describe("a key that a signer learns late to be active", () => {
  it("is used from then on, without a new connection", () => {
    const network = new VirtualNetwork();
    let lost = 0;
    network.intercept = ({ from, to, bytes }) => {
      // Nobody's confirmation reaches signer-5, which has staged its share by then.
      const late = to === "signer-5" && from !== "coordinator" && bytes[21] === 4;
      if (late) lost += 1;
      return late ? undefined : bytes;
    };
    const result = network.createKey("EdDSA", "ed25519");
    expect(lost).toBeGreaterThan(0);
    if ("error" in result) throw result.error;
    network.intercept = ({ bytes }) => bytes;
    network.pass(100);
    for (const name of ["signer-1", "signer-2"]) network.kill(name);
    expect(network.sign(result.ok, body)).toMatchObject({ ok: { status: "Signed" } });
  });
});
