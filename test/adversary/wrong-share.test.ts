import type { RequestRecord } from "@quorate/coordinator";
import { networkHash, type OrderOf, type OutcomeOf, type ShareEvidence, signShareStatement } from "@quorate/orders";
import { describe, expect, it } from "vitest";
import { forgeOrder, ordersTo, outcomesOf } from "../support/forged-order.ts";
import { Liar } from "../support/liar.ts";
import { VirtualNetwork } from "../support/virtual-network.ts";

const body = { kind: "Message", message: "68656c6c6f" };

/** A network in which signer-1 can be made malicious, with a key made while it was honest. */
function networkWithKey() {
  const misbehaviour = new Liar();
  const network = new VirtualNetwork({ behaviours: { "signer-1": misbehaviour } });
  return { network, key: network.madeKey(), misbehaviour };
}

/** What signer-4 finds when it is shown this evidence. */
function verdictOn(network: VirtualNetwork, evidence: ShareEvidence): boolean {
  forgeOrder(network, "signer-4", { kind: "evidence", executionId: new Uint8Array(16), evidence });
  const outcomes = outcomesOf(network, "signer-4");
  return outcomes.findLast((one): one is OutcomeOf<"verdict"> => one.kind === "verdict")!.guilty;
}

describe("a signer that sends wrong shares", () => {
  it("is named, every other signer verifies it, and the request succeeds without it", () => {
    const { network, key, misbehaviour } = networkWithKey();
    misbehaviour.begin("wrong-share");
    const result = network.sign(key, body);
    network.pass(100);
    if ("error" in result) throw result.error;
    expect(result.ok.status).toBe("Signed");
    const stored = network.finished<RequestRecord>((reply) => network.coordinator.signature(result.ok.id, reply));
    if ("error" in stored) throw stored.error;
    const [first, second] = stored.ok.attempts;
    const verifiedBy = ["signer-2", "signer-3", "signer-4", "signer-5"];
    expect(first?.culprits).toEqual([{ node: "signer-1", reason: "wrong signature share", verifiedBy }]);
    expect(second?.signers).not.toContain("signer-1");
  });

  it("is named in the two-round form as well", () => {
    const { network, key, misbehaviour } = networkWithKey();
    misbehaviour.begin("wrong-share");
    network.forgetCommitments();
    const result = network.sign(key, body);
    if ("error" in result) throw result.error;
    expect(result.ok.attempts[0]?.form).toBe("two-round");
    const blamed = result.ok.attempts.flatMap((attempt) => attempt.culprits.map((culprit) => culprit.node));
    expect(blamed).toEqual(["signer-1"]);
  });

  it("is the last choice for the requests that follow", () => {
    const { network, key, misbehaviour } = networkWithKey();
    misbehaviour.begin("wrong-share");
    network.sign(key, body);
    expect(network.sign(key, body)).toMatchObject({ ok: { attempts: [{ result: "signed" }] } });
  });
});

describe("a coordinator that makes evidence up", () => {
  /** What an honest signer really signed, as evidence would show it. */
  function honestShare() {
    const { network, key } = networkWithKey();
    network.sign(key, body);
    const sent = ordersTo(network, "signer-1").findLast((one): one is OrderOf<"sign"> => one.kind === "sign")!;
    const outcomes = outcomesOf(network, "signer-1");
    const answer = outcomes.findLast((one): one is OutcomeOf<"shares"> => one.kind === "shares")!;
    const { keyId, epoch } = sent;
    const answered = {
      keyId,
      epoch,
      path: [],
      message: Buffer.from("hello"),
      merkleRoot: null,
      commitments: sent.commitments[0]!,
    };
    const evidence: ShareEvidence = { package: answered, share: answer.shares[0]! };
    return { network, evidence };
  }

  it("convinces nobody with a share that is right", () => {
    const { network, evidence } = honestShare();
    expect(verdictOn(network, evidence)).toBe(false);
  });

  it("convinces nobody with a share that it changed", () => {
    const { network, evidence } = honestShare();
    const share = evidence.share.share.slice();
    share[16]! ^= 1;
    expect(verdictOn(network, { ...evidence, share: { ...evidence.share, share } })).toBe(false);
  });

  it("convinces nobody with another message or other commitments", () => {
    const { network, evidence } = honestShare();
    const other = { ...evidence.package, message: Buffer.from("other") };
    expect(verdictOn(network, { ...evidence, package: other })).toBe(false);
    const [first, ...rest] = evidence.package.commitments;
    const swapped = { ...evidence.package, commitments: [{ ...first!, hiding: first!.binding }, ...rest] };
    expect(verdictOn(network, { ...evidence, package: swapped })).toBe(false);
  });
});

describe("a signer that signs anything at all", () => {
  it("is not convicted by a package that no honest signer answers", () => {
    const { network, key } = networkWithKey();
    network.sign(key, body);
    const sent = ordersTo(network, "signer-1").findLast((one): one is OrderOf<"sign"> => one.kind === "sign")!;
    const { keyId, epoch } = sent;
    const genuine = {
      keyId,
      epoch,
      path: [],
      message: Buffer.from("x"),
      merkleRoot: null,
      commitments: sent.commitments[0]!,
    };
    const [first, ...rest] = genuine.commitments;
    const hash = networkHash(network.file);
    const verdicts = [
      genuine,
      { ...genuine, epoch: 1 },
      { ...genuine, path: [1] },
      { ...genuine, commitments: [{ ...first!, signature: new Uint8Array(64) }, ...rest] },
      { ...genuine, commitments: genuine.commitments.slice(1) },
    ].map((answered) => {
      const share = signShareStatement(network.identityOf("signer-1"), hash, answered, 1, new Uint8Array(32));
      return verdictOn(network, { package: answered, share });
    });
    expect(verdicts).toEqual([true, false, true, false, false]);
  });
});

describe("a signer that takes orders and stays silent", () => {
  it("costs one attempt, is suspect and not guilty", () => {
    const { network, key, misbehaviour } = networkWithKey();
    misbehaviour.begin("silent");
    const result = network.sign(key, body);
    expect(result).toMatchObject({ ok: { status: "Signed", attempts: [{ culprits: [] }, { result: "signed" }] } });
    const silent = network.coordinator.peers().find((peer) => peer.node === "signer-1");
    expect(silent).toMatchObject({ suspect: true, guilty: false });
  });
});
