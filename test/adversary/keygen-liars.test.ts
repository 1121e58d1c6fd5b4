import type { KeyRecord } from "@quorate/coordinator";
import type { OutcomeOf } from "@quorate/orders";
import { describe, expect, it } from "vitest";
import { forgedOutcome, readOutcome } from "../support/forged-order.ts";
import { VirtualNetwork } from "../support/virtual-network.ts";

const LIAR = "signer-1";

/** What signer-1 reports of key generations is changed. */
function lie(network: VirtualNetwork, instead: (said: OutcomeOf<"keygenDone">) => Parameters<typeof forgedOutcome>[2]) {
  network.intercept = ({ from, to, bytes }) => {
    if (from !== LIAR || to !== "coordinator") return bytes;
    const said = readOutcome(network, from, bytes);
    return said.kind === "keygenDone" ? forgedOutcome(network, from, instead(said)) : bytes;
  };
}

describe("a signer that lies about a key that was made", () => {
  it("cannot pass an earlier key off as the new one", () => {
    const network = new VirtualNetwork();
    const first = network.madeKey();
    const certificate = Buffer.from(first.certificate, "hex");
    lie(network, (said) => ({ ...said, certificate }));
    const second = network.createKey("EdDSA", "ed25519");
    if ("error" in second) throw second.error;
    expect(second.ok.publicKey).not.toBe(first.publicKey);
    expect(network.coordinator.keys()).toHaveLength(2);
    expect(network.events.some((event) => event.code === "bad_certificate" && event.peer === LIAR)).toBe(true);
  });

  it("cannot spoil the key with a certificate that is none, before or after the others report", () => {
    const network = new VirtualNetwork();
    lie(network, (said) => ({ ...said, certificate: new Uint8Array(100) }));
    expect(network.createKey("EdDSA", "ed25519")).toMatchObject({ ok: { scheme: "EdDSA" } });
  });

  it("cannot have an honest holder named on its word", () => {
    const network = new VirtualNetwork();
    lie(network, ({ executionId }) => {
      const code = "bad_share";
      return { kind: "aborted", executionId, code, culprits: [3], waitingFor: [], evidence: new Uint8Array() };
    });
    network.intercept = ((inner) => (message) => {
      // The others' reports are lost, so that the liar's word is all that there is.
      const theirs = message.to === "coordinator" && message.from !== LIAR;
      if (theirs && readOutcome(network, message.from, message.bytes).kind === "keygenDone") return undefined;
      return inner(message);
    })(network.intercept);
    const result = network.createKey("EdDSA", "ed25519");
    expect(result).toMatchObject({ error: { code: "failed", details: { culprits: [] } } });
    expect(network.events.find((event) => event.type === "keygen.failed")?.culprits).toEqual([]);
  });
});

describe("key generation", () => {
  it("makes two keys at once", () => {
    const network = new VirtualNetwork();
    const made: KeyRecord[] = [];
    const named = [
      network.namedKey({ scheme: "EdDSA", curve: "ed25519" }),
      network.namedKey({ scheme: "Schnorr", curve: "secp256k1" }),
    ];
    for (const id of named) {
      network.coordinator.makeKey(network.organisation.id, id, {}, (result) => {
        if ("ok" in result) made.push(result.ok);
      });
    }
    network.pass(1000);
    expect(made.map((key) => key.scheme).toSorted()).toEqual(["EdDSA", "Schnorr"]);
  });

  it("leaves a signer that crashed after its confirmation with a share that the certificate activates", () => {
    const network = new VirtualNetwork();
    let crashed = false;
    network.onWrite = (node, batch) => {
      if (crashed || node !== "signer-5" || batch[0]?.kind !== "certificate") return;
      crashed = true;
      network.kill("signer-5");
    };
    const result = network.createKey("EdDSA", "ed25519");
    if ("error" in result) throw result.error;
    expect(crashed).toBe(true);
    network.restart("signer-5");
    network.pass(100);
    for (const name of ["signer-1", "signer-2"]) network.kill(name);
    const body = { kind: "Message", message: "00" };
    expect(network.sign(result.ok, body)).toMatchObject({ ok: { status: "Signed" } });
  });

  it.each(["joined", "share"])(
    "fails with names when a signer crashes before it has stored its %s, and succeeds the next time",
    (kind) => {
      const network = new VirtualNetwork();
      network.onWrite = (node, batch) => {
        if (node === "signer-5" && batch[0]?.kind === kind) network.kill("signer-5");
      };
      const result = network.createKey("EdDSA", "ed25519");
      expect(result).toMatchObject({ error: { code: "failed", details: { culprits: [], silent: ["signer-5"] } } });
      expect(network.coordinator.keys()).toEqual([]);
      network.onWrite = () => {};
      network.restart("signer-5");
      expect(network.createKey("EdDSA", "ed25519")).toMatchObject({ ok: { scheme: "EdDSA" } });
    },
  );

  it("breaks only the key whose share or certificate is damaged at a signer", () => {
    const network = new VirtualNetwork();
    const keys = [network.madeKey(), network.madeKey(), network.madeKey(), network.madeKey()];
    const [wrong, flipped, unread, good] = keys.map((key) => key.keyId);
    const disk = network.disks.get("signer-5")!;
    network.kill("signer-5");
    const certificate = disk.get(`certificate ${wrong} 0`)!;
    disk.set(`certificate ${wrong} 0`, { ...certificate, value: disk.get(`certificate ${good} 0`)!.value });
    const share = disk.get(`share ${flipped} 0`)!;
    disk.set(`share ${flipped} 0`, { ...share, value: share.value!.map((byte, at) => (at === 60 ? byte ^ 1 : byte)) });
    disk.set(`share ${unread} 0`, { ...disk.get(`share ${unread} 0`)!, value: Uint8Array.of(1) });
    network.restart("signer-5");
    const seen = network.coordinator.peers().find((peer) => peer.node === "signer-5")!;
    expect(seen.brokenKeys.map((one) => one.keyId).toSorted()).toEqual([wrong, flipped, unread].toSorted());
    for (const name of ["signer-1", "signer-2"]) network.kill(name);
    expect(network.sign(keys[3]!, { kind: "Message", message: "00" })).toMatchObject({ ok: { status: "Signed" } });
    expect(network.sign(keys[0]!, { kind: "Message", message: "00" })).toMatchObject({
      error: { code: "quorum_unavailable" },
    });
  });
});
