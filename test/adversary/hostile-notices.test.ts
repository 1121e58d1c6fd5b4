import { bytes, decode, encode, struct, union } from "@quorate/curves";
import { type AbortCode, decodeEvidence, encodeEvidence, tamper, tampered } from "@quorate/protocol";
import type { Behaviour } from "@quorate/signer";
import { describe, expect, it } from "vitest";
import { authorityOf, logOf, signaturePath } from "../support/authorised-orders.ts";
import { forgeOrder } from "../support/forged-order.ts";
import { VirtualNetwork } from "../support/virtual-network.ts";

const LIAR = "signer-1";
const body = { kind: "Message", message: "68656c6c6f" };
const peerMessage = union({ frame: struct({ frame: bytes(1 << 16) }), notice: struct({ evidence: bytes(1 << 16) }) });

/** A network in which signer-1 breaks the exchange of commitments towards signer-3, and what is said of it is changed. */
function noticing(code: AbortCode, culprits?: readonly number[]) {
  const behaviour: Behaviour = {
    protocol: (name, protocol) =>
      tamper(protocol, (step) => {
        if (name !== "commitments" || step.kind !== "broadcast") return step;
        return tampered(step, [1, 2, 3, 4, 5], (to, honest) =>
          to === 3 ? Uint8Array.of(7) : to === 2 ? null : honest,
        );
      }),
  };
  const network = new VirtualNetwork({ behaviours: { [LIAR]: behaviour } });
  const key = network.madeKey();
  network.forgetCommitments();
  network.intercept = ({ from, to, bytes }) => {
    if (from !== "signer-3" || to !== "signer-2") return bytes;
    const said = decode(peerMessage, bytes);
    if (said.kind !== "notice") return bytes;
    const evidence = decodeEvidence(said.evidence);
    const edited = { ...evidence, code, culprits: culprits ?? evidence.culprits };
    return encode(peerMessage, { kind: "notice", evidence: encodeEvidence(edited) });
  };
  const result = network.sign(key, body);
  const aborted = network.events.filter((one) => one.type === "session.aborted" && one.node === "signer-2");
  return { result, aborted };
}

describe("a notice that a session stopped", () => {
  it("has the guilty named by everyone when its evidence proves it", () => {
    expect(noticing("malformed").aborted[0]).toMatchObject({ code: "malformed", culprits: [1] });
  });

  it("with a code that blames nobody, or that the evidence does not prove, names its sender as the one that left", () => {
    for (const code of ["timeout", "bad_share", "equivocation"] as const) {
      const { aborted, result } = noticing(code);
      expect(aborted[0]).toMatchObject({ code: "stopped", culprits: [], waitingFor: [3] });
      expect(result).toMatchObject({ ok: { status: "Signed" } });
    }
  });

  it("against somebody honest blames nobody", () => {
    expect(noticing("malformed", [2]).aborted[0]).toMatchObject({ code: "stopped", culprits: [] });
  });
});

describe("a flood of early frames", () => {
  it("from one peer displaces nothing of what others sent", () => {
    const network = new VirtualNetwork();
    const key = network.madeKey();
    const held: { to: string; bytes: Uint8Array }[] = [];
    network.intercept = ({ from, to, bytes }) => {
      // The orders to signer-3 are late: its peers' frames come first, and a flood between.
      if (from !== "coordinator" || to !== "signer-3") return bytes;
      held.push({ to, bytes });
      return undefined;
    };
    network.forgetCommitments();
    network.coordinator.sign(network.request(key, body), () => {});
    network.pass(20);
    const signer = network.signers.get("signer-3")!;
    for (let at = 0; at < 500; at++) {
      const frame = new Uint8Array(200).fill(at);
      frame[1] = at >> 8;
      signer.receive("signer-5", encode(peerMessage, { kind: "frame", frame }));
    }
    network.intercept = ({ bytes }) => bytes;
    for (const { bytes } of held) signer.receive("coordinator", bytes);
    network.pass(1000);
    const signed = network.events.find((event) => event.type === "request.signed");
    expect(signed).toMatchObject({ attempts: 1, signers: ["signer-1", "signer-2", "signer-3"] });
  });
});

describe("a refusal that quotes what a user sent", () => {
  it("is well-formed text of bounded length, wherever it is cut", () => {
    const network = new VirtualNetwork();
    const key = network.madeKey();
    const body = { kind: `a${"\u{1f600}".repeat(100)}` };
    forgeOrder(network, LIAR, {
      kind: "sign",
      requestId: "sig-1",
      executionId: new Uint8Array(16),
      keyId: Buffer.from(key.keyId, "hex"),
      authority: authorityOf(logOf(network), signaturePath(key), body),
      epoch: 0,
      path: [],
      request: new TextEncoder().encode(JSON.stringify(body)),
      deadline: 1_790_000_060_000,
      commitments: [],
    });
    const refused = network.events.findLast((event) => event.node === LIAR && event.type === "order.refused");
    expect(refused?.code).toBe("invalid_request");
  });
});
