import type { KeyRecord, RequestRecord } from "@quorate/coordinator";
import type { OutcomeOf } from "@quorate/orders";
import { describe, expect, it } from "vitest";
import { forgedOutcome, readOutcome } from "../support/forged-order.ts";
import { VirtualNetwork } from "../support/virtual-network.ts";

const message = { kind: "Message", message: "0x00", blockchainKind: "Evm" };
const digest = { kind: "Hash", hash: "11".repeat(32) };

type Shares = OutcomeOf<"ecdsaShares">["shares"];
type Lie = (shares: Shares, liar: string) => Shares;

/** Other scalars: nobody can tell from the shares whose is wrong. Each liar changes another bit, or two might cancel out. */
const wrong: Lie = (shares, liar) => {
  const bit = 1 << Number(liar.at(-1));
  return shares.map((one) => ({ ...one, w: one.w.map((byte, at) => (at === 31 ? byte ^ bit : byte)) }));
};

/** A network with an ECDSA key, and signers in it that change their shares before they send them. */
function networkWith(liars: readonly string[], lie: Lie = wrong): { network: VirtualNetwork; key: KeyRecord } {
  const network = new VirtualNetwork({ pairs: "stored" });
  const key = network.madeKey("ECDSA");
  network.intercept = ({ from, to, bytes }) => {
    if (!liars.includes(from) || to !== "coordinator") return bytes;
    const said = readOutcome(network, from, bytes);
    if (said.kind !== "ecdsaShares") return bytes;
    return forgedOutcome(network, from, { ...said, shares: lie(said.shares, from) });
  };
  return { network, key };
}

function signed(network: VirtualNetwork, key: KeyRecord, body: Readonly<Record<string, unknown>>): RequestRecord {
  const result = network.sign(key, body);
  if ("error" in result) throw result.error;
  return result.ok;
}

const LIARS = [
  ...[1, 2, 3, 4, 5].map((one) => [`signer-${one}`]),
  ["signer-1", "signer-2"],
  ["signer-1", "signer-3"], // is found out last
  ["signer-2", "signer-5"],
];

describe("an ECDSA signature that a signer spoils", () => {
  it.each(LIARS.map((liars) => [liars.join(" and "), liars] as const))(
    "is made without it before long, and nobody is named: %s",
    (_, liars) => {
      const { network, key } = networkWith(liars);
      const record = signed(network, key, digest);
      const spoilt = record.attempts.filter(({ signers }) => signers.some((name) => liars.includes(name)));
      expect(record.attempts.at(-1)).toMatchObject({ result: "signed" });
      expect(record.attempts.length - spoilt.length).toBe(1);
      expect(new Set(record.attempts.map(({ signers }) => signers.join())).size).toBe(record.attempts.length);
      if (liars.length === 1) expect(record.attempts.length).toBeLessThanOrEqual(3);
      expect(record.attempts.flatMap(({ culprits }) => culprits)).toEqual([]);
      expect(network.coordinator.peers().filter(({ guilty }) => guilty)).toEqual([]);
      const again = signed(network, key, digest);
      expect(again.attempts).toHaveLength(1); // it is remembered who was in company that failed
    },
  );

  it("is made without who shows another nonce point", () => {
    const lie: Lie = (shares) => shares.map((one) => ({ ...one, bigR: Uint8Array.of(2, ...one.u) }));
    const { network, key } = networkWith(["signer-2"], lie);
    expect(signed(network, key, digest).attempts).toMatchObject([
      { result: "different nonce points shown", culprits: [] },
      { result: "signed", signers: ["signer-1", "signer-4", "signer-5"] },
    ]);
    network.finished<KeyRecord>((reply) => network.coordinator.fillPresignatures(key, 1, reply));
    network.pass(20_000);
    expect(signed(network, key, message).attempts).toMatchObject([{ form: "one-round", result: "signed" }]);
  });

  it("names who sends what is no scalar", () => {
    const lie: Lie = (shares) => shares.map((one) => ({ ...one, u: new Uint8Array(32).fill(255) }));
    const { network, key } = networkWith(["signer-2"], lie);
    expect(signed(network, key, digest).attempts).toMatchObject([
      { culprits: [{ node: "signer-2", reason: "a share that is no scalar" }] },
      { result: "signed", signers: ["signer-1", "signer-3", "signer-4"] },
    ]);
  });

  it("names who sends shares for fewer digests than were asked for", () => {
    const { network, key } = networkWith(["signer-2"], () => []);
    expect(signed(network, key, digest).attempts).toMatchObject([
      { culprits: [{ node: "signer-2", reason: "wrong number of shares" }] },
      { result: "signed" },
    ]);
  });

  it("burns its presignature, and leaves every other set its own", () => {
    const { network, key } = networkWith(["signer-2"]);
    network.finished<KeyRecord>((reply) => network.coordinator.fillPresignatures(key, 2, reply));
    network.pass(20_000);
    const record = signed(network, key, message);
    expect(
      record.attempts.map(({ form, signers }) => `${form} ${signers.map((name) => name.at(-1)).join("")}`),
    ).toEqual(["one-round 123", "one-round 145"]);
    expect(record.attempts[0]?.result).toContain("no signature");
    expect(network.coordinator.presignatures().totals).toMatchObject({ burnt: 1, used: 1 });
  });

  it("is never released, not if all who can sign spoil it", () => {
    const { network, key } = networkWith(["signer-1", "signer-2", "signer-3"]);
    for (const name of ["signer-4", "signer-5"]) network.kill(name);
    expect(network.sign(key, digest)).toMatchObject({ error: { code: "failed" } });
    network.restart("signer-4");
    network.restart("signer-5");
    expect(network.sign(key, digest)).toMatchObject({ error: { code: "failed" } }); // three of five are too many
  });
});
