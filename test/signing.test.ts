import type { KeyRecord } from "@quorate/coordinator";
import { describe, expect, it } from "vitest";
import { VirtualNetwork } from "./support/virtual-network.ts";

const hello = { kind: "Message", message: Buffer.from("hello").toString("hex") };

describe("signing with honest signers", () => {
  it("makes a key and signs in one round", () => {
    const network = new VirtualNetwork();
    const key = network.madeKey();
    const result = network.sign(key, hello);
    expect(result).toMatchObject({ ok: { status: "Signed", attempts: [{ form: "one-round" }] } });
  });
});

describe("a link between two signers that is not up yet", () => {
  it("does not keep a key from being made: what was lost is sent again once it is", () => {
    const network = new VirtualNetwork();
    const between = new Set(["signer-2", "signer-3"]);
    let up = false;
    network.intercept = ({ from, to, bytes }) => (!up && between.has(from) && between.has(to) ? undefined : bytes);
    const id = network.namedKey({ scheme: "EdDSA", curve: "ed25519" });
    const result = network.finished<KeyRecord>((reply) => {
      network.coordinator.makeKey(network.organisation.id, id, {}, reply);
      network.pass(50);
      up = true;
      for (const [one, other] of [
        ["signer-2", "signer-3"],
        ["signer-3", "signer-2"],
      ] as const) {
        network.signers.get(one)?.peer(other, { connected: true, instance: "1", rttMs: 2 });
      }
    });
    expect(result).toMatchObject({ ok: { scheme: "EdDSA" } });
  });
});

describe("commitments that signatures use up", () => {
  /** A network with a key, and how many commitments of it lie ready of the signer that has the fewest. */
  function stocked() {
    const network = new VirtualNetwork();
    const key = network.madeKey();
    const left = () => Math.min(...Object.values(network.coordinator.commitmentLevels(key)));
    const sign = () => expect(network.sign(key, hello)).toMatchObject({ ok: { attempts: [{ form: "one-round" }] } });
    sign();
    network.pass(1000);
    return { network, sign, left, full: left() };
  }

  it("are replaced once nobody has asked for anything for half a second", () => {
    const { network, sign, left, full } = stocked();
    sign();
    network.pass(400);
    sign();
    network.pass(400);
    expect(left()).toBe(full - 2);
    network.pass(200);
    expect(left()).toBe(full);
  });

  it("are replaced six at a time before that, also while more are asked for all the time", () => {
    const { network, sign, left, full } = stocked();
    const levels = Array.from({ length: 60 }, () => {
      sign();
      network.pass(15);
      return left();
    });
    expect(Math.min(...levels)).toBeGreaterThan(full - 8);
    network.pass(1000);
    expect(left()).toBeGreaterThanOrEqual(full);
  });

  it("are not replaced with the shares of before, when those are replaced meanwhile", () => {
    const { network, sign } = stocked();
    sign();
    const [key] = network.coordinator.keys();
    expect(network.refreshKey(key!)).toMatchObject({ ok: { epoch: 1 } });
    network.pass(1000);
    expect(network.events.filter((event) => event.code === "bad_commitment")).toEqual([]);
  });
});
