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
