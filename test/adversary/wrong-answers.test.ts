import type { RequestRecord } from "@quorate/coordinator";
import type { OutcomeOf } from "@quorate/orders";
import { describe, expect, it } from "vitest";
import { forgedOutcome, readOutcome } from "../support/forged-order.ts";
import { Liar } from "../support/liar.ts";
import { VirtualNetwork } from "../support/virtual-network.ts";

const LIAR = "signer-1";
const body = { kind: "Message", message: "68656c6c6f" };
type Answer = OutcomeOf<"shares">;

/** A network in which signer-1 answers orders to sign with something else. */
function lying(edit: (answer: Answer) => Answer) {
  const network = new VirtualNetwork();
  const key = network.madeKey();
  network.intercept = ({ from, to, bytes }) => {
    if (from !== LIAR || to !== "coordinator") return bytes;
    const said = readOutcome(network, from, bytes);
    return said.kind === "shares" ? forgedOutcome(network, from, edit(said)) : bytes;
  };
  return { network, key };
}

function firstCulprits({ network, key }: ReturnType<typeof lying>) {
  const result = network.sign(key, body);
  if ("error" in result) throw result.error;
  expect(result.ok.status).toBe("Signed");
  return result.ok.attempts[0]?.culprits.map(({ node, reason }) => [node, reason]);
}

describe("an answer", () => {
  it("whose share is not signed by its sender names it, even if the share is right", () => {
    const unsigned = lying((answer) => {
      return { ...answer, shares: answer.shares.map((one) => ({ ...one, signature: new Uint8Array(64) })) };
    });
    expect(firstCulprits(unsigned)).toEqual([[LIAR, "share not signed by its sender"]]);
  });

  it("in another's name names its sender", () => {
    const foreign = lying((answer) => ({ ...answer, shares: answer.shares.map((one) => ({ ...one, identifier: 2 })) }));
    expect(firstCulprits(foreign)).toEqual([[LIAR, "share not signed by its sender"]]);
  });

  it("with fewer or more shares than digests names its sender", () => {
    for (const shares of [(all: Answer["shares"]) => all.slice(1), (all: Answer["shares"]) => [...all, ...all]]) {
      const other = lying((answer) => ({ ...answer, shares: shares(answer.shares) }));
      expect(firstCulprits(other)).toEqual([[LIAR, "wrong number of shares"]]);
    }
  });

  it("that shows other commitments than everybody's names its sender, in two rounds", () => {
    for (const change of [{ epoch: 1 }, { path: [0] }]) {
      const shown = lying((answer) => ({
        ...answer,
        packages: answer.packages.map((one) => ({ ...one, ...change })),
      }));
      shown.network.forgetCommitments();
      expect(firstCulprits(shown)).toEqual([[LIAR, "reported commitments that nobody signed"]]);
    }
  });

  it("that its sender did not sign is not heard", () => {
    const network = new VirtualNetwork();
    const holdings = { kind: "holdings", keys: [] } as const;
    network.coordinator.receive(LIAR, forgedOutcome(network, "signer-2", holdings));
    const forged = forgedOutcome(network, LIAR, holdings);
    network.coordinator.receive("signer-2", forged);
    network.coordinator.receive(LIAR, forged.slice(1));
    const refused = network.events.filter((one) => one.node === "coordinator" && one.type === "message.refused");
    expect(refused.map((one) => one.peer)).toEqual([LIAR, "signer-2", LIAR]);
  });
});

describe("with as many signers as must sign", () => {
  function scene() {
    const misbehaviour = new Liar();
    const network = new VirtualNetwork({
      signers: 3,
      minSigners: 3,
      behaviours: { [LIAR]: misbehaviour },
    });
    return { network, misbehaviour, key: network.madeKey() };
  }

  it("a request is not tried again with one that sent a wrong share", () => {
    const { network, misbehaviour, key } = scene();
    misbehaviour.begin("wrong-share");
    expect(network.sign(key, body)).toMatchObject({ error: { code: "quorum_unavailable" } });
    const ended = network.events.filter((one) => one.type === "attempt.ended");
    expect(ended).toHaveLength(1);
  });

  it("nothing is signed when one is away", () => {
    const { network, key } = scene();
    network.kill("signer-2");
    const given = () => network.traffic.filter(({ from }) => from === "coordinator").length;
    const before = given();
    expect(network.sign(key, body)).toMatchObject({ error: { code: "quorum_unavailable" } });
    expect(given()).toBe(before);
  });

  it("each commitment is used once: request after request is signed at the first try", () => {
    const { network, key } = scene();
    for (let at = 0; at < 5; at++) {
      const result = network.sign(key, body);
      const expected: Partial<RequestRecord> = { status: "Signed" };
      expect(result).toMatchObject({ ok: { ...expected, attempts: [{ form: "one-round", result: "signed" }] } });
    }
  });
});

describe("a participant that talks and never goes on", () => {
  it("does not keep a session open: the others stop in time, and blame nobody", () => {
    const network = new VirtualNetwork();
    const named = network.namedKey({ scheme: "EdDSA", curve: "ed25519" });
    const said: Uint8Array[] = [];
    network.intercept = ({ from, to, bytes }) => {
      if (from !== "signer-2" || to === "coordinator") return bytes;
      if (to === LIAR) said.push(bytes);
      return said.length > 1 ? undefined : bytes;
    };
    network.coordinator.makeKey(network.organisation.id, named, {}, () => {});
    for (let seconds = 0; seconds < 28; seconds++) {
      network.pass(1000);
      for (const bytes of said) network.signers.get(LIAR)!.receive("signer-2", bytes.slice(0, -1));
      network.signers.get(LIAR)!.receive("signer-2", said[0]!);
    }
    const aborted = network.events.filter((one) => one.type === "session.aborted" && one.node === LIAR);
    expect(aborted.map((one) => [one.code, one.culprits])).toEqual([["timeout", []]]);
  });
});
