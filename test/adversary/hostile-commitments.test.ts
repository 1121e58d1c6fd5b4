import { decode, encode, list } from "@quorate/curves";
import {
  type CommitmentScope,
  networkHash,
  type PublishedCommitment,
  publishedCommitment,
  signCommitment,
  unhex,
} from "@quorate/orders";
import { type Step, tamper, tampered } from "@quorate/protocol";
import type { Behaviour } from "@quorate/signer";
import { describe, expect, it } from "vitest";
import { forgedOutcome, readOutcome } from "../support/forged-order.ts";
import { VirtualNetwork } from "../support/virtual-network.ts";

const LIAR = "signer-1";
const body = { kind: "Message", message: "68656c6c6f" };

/** A network in which signer-1 publishes commitments that it signed, but that are worth nothing. */
function publishing(edit: (one: PublishedCommitment) => PublishedCommitment, epoch = 0) {
  const network = new VirtualNetwork();
  network.intercept = ({ from, to, bytes }) => {
    if (from !== LIAR || to !== "coordinator") return bytes;
    const said = readOutcome(network, from, bytes);
    if (said.kind !== "commitments") return bytes;
    const scope = { networkHash: networkHash(network.file), keyId: said.keyId, epoch };
    const commitments = said.commitments.map((one) => signCommitment(network.identityOf(LIAR), scope, edit(one)));
    return forgedOutcome(network, from, { ...said, epoch, commitments });
  };
  return network;
}

describe("published commitments", () => {
  const identityPoint = Uint8Array.from([1, ...new Array(31).fill(0)]);
  it.each([
    ["that are no point", (one: PublishedCommitment) => ({ ...one, hiding: new Uint8Array(32).fill(255) })],
    ["of the wrong length", (one: PublishedCommitment) => ({ ...one, binding: one.binding.slice(1) })],
    ["that are the identity", (one: PublishedCommitment) => ({ ...one, hiding: identityPoint })],
    ["in the name of another", (one: PublishedCommitment) => ({ ...one, identifier: 2 })],
  ])("%s are not kept, so that no honest signer has to refuse a list with them", (_, edit) => {
    const network = publishing(edit);
    const key = network.madeKey();
    expect(network.coordinator.commitmentLevels(key)[LIAR]).toBe(0);
    expect(network.events.some((event) => event.code === "bad_commitment" && event.peer === LIAR)).toBe(true);
    expect(network.sign(key, body)).toMatchObject({ ok: { status: "Signed", attempts: [{ result: "signed" }] } });
  });

  it("signed for another epoch are not kept", () => {
    const network = publishing((one) => one, 1);
    const key = network.madeKey();
    expect(network.coordinator.commitmentLevels(key)[LIAR]).toBe(0);
  });
});

describe("commitments exchanged for one request", () => {
  const codec = list(publishedCommitment, 64);
  const everybody = [1, 2, 3, 4, 5];

  /** signer-1 sends signer-3 something else than the rest, perhaps signed. */
  function exchanging(other: (one: PublishedCommitment) => PublishedCommitment, sign: boolean) {
    let scope: CommitmentScope | undefined;
    const behaviour: Behaviour = {
      protocol(name, protocol) {
        if (name !== "commitments") return protocol;
        return tamper(protocol, (step: Step) => {
          if (step.kind !== "broadcast") return step;
          const edited = decode(codec, step.body).map((one) => {
            return sign ? signCommitment(network.identityOf(LIAR), scope!, other(one)) : other(one);
          });
          return tampered(step, everybody, (to, honest) => (to === 3 ? encode(codec, edited) : honest));
        });
      },
    };
    const network = new VirtualNetwork({ behaviours: { [LIAR]: behaviour } });
    const key = network.madeKey();
    scope = { networkHash: networkHash(network.file), keyId: unhex(key.keyId), epoch: 0 };
    network.forgetCommitments();
    const result = network.sign(key, body);
    if ("error" in result) throw result.error;
    expect(result.ok.status).toBe("Signed");
    expect(result.ok.attempts[0]).toMatchObject({ form: "two-round", signers: [LIAR, "signer-2", "signer-3"] });
    return result.ok.attempts;
  }

  it("that are not signed keep the one who sent them from signing together with the one who got them", () => {
    const attempts = exchanging((one) => ({ ...one, signature: new Uint8Array(64) }), false);
    expect(attempts[0]?.result).toContain("stopped: malformed, because of signer-1");
    expect(attempts.at(-1)?.signers).not.toEqual(expect.arrayContaining([LIAR, "signer-3"]));
    expect(attempts.flatMap((attempt) => attempt.culprits)).toEqual([]);
  });

  it("that differ from one receiver to the next have nobody honest blamed, also when their ids are the same", () => {
    const attempts = exchanging((one) => ({ ...one, hiding: one.binding }), true);
    expect(attempts[0]?.result).toContain("different commitments shown by signer-3 and signer-1");
    expect(attempts.flatMap((attempt) => attempt.culprits)).toEqual([]);
  });
});
