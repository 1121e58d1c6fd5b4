import type { SignerFault } from "@quorate/faults";
import { describe, expect, it } from "vitest";
import { Liar } from "../support/liar.ts";
import { VirtualNetwork } from "../support/virtual-network.ts";

/** Tries to make a key while signer-2 misbehaves. */
function attempt(kind: SignerFault["kind"]) {
  const misbehaviour = new Liar();
  const network = new VirtualNetwork({ behaviours: { "signer-2": misbehaviour } });
  misbehaviour.begin(kind);
  const result = network.createKey("EdDSA", "ed25519");
  network.pass(5000);
  return { network, result, misbehaviour };
}

/** Which culprits each honest signer named, by identifier. */
function blamedBy(network: VirtualNetwork) {
  const aborted = network.events.filter((event) => event.type === "session.aborted" && event.node !== "signer-2");
  return aborted.map((event) => ({ by: event.node, culprits: event.culprits }));
}

describe("a participant that equivocates when a key is made", () => {
  it("makes everyone abort and is named by every honest signer; nobody honest is blamed", () => {
    const { network, result } = attempt("equivocate");
    expect(result).toMatchObject({ error: { code: "failed", details: { culprits: ["signer-2"] } } });
    const blamed = blamedBy(network);
    expect(blamed.map((one) => one.by).toSorted()).toEqual(["signer-1", "signer-3", "signer-4", "signer-5"]);
    for (const one of blamed) expect(one.culprits).toEqual([2]);
  });

  it("leaves no key behind, and the next attempt without it succeeds", () => {
    const { network, misbehaviour } = attempt("equivocate");
    expect(network.coordinator.keys()).toEqual([]);
    misbehaviour.clear();
    expect(network.createKey("EdDSA", "ed25519")).toMatchObject({ ok: { scheme: "EdDSA" } });
  });
});

describe("a participant that deals a wrong share", () => {
  it("is named to all by the signed share that its victim shows", () => {
    const { network, result } = attempt("bad-share");
    expect(result).toMatchObject({ error: { details: { abort: "bad_share", culprits: ["signer-2"] } } });
    for (const one of blamedBy(network)) expect(one.culprits).toEqual([2]);
  });
});
