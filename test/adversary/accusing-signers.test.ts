import type { KeyRecord } from "@quorate/coordinator";
import type { Outcome, OutcomeOf } from "@quorate/orders";
import { describe, expect, it } from "vitest";
import { forgedOutcome, readOutcome } from "../support/forged-order.ts";
import { VirtualNetwork } from "../support/virtual-network.ts";

const body = { kind: "Message", message: "68656c6c6f" };
const LIARS = ["signer-1", "signer-2"];
const NOBODY = { waitingFor: [], culprits: [], evidence: new Uint8Array() };

/** A network of five in which two signers, the cheapest, say something else than their shares. */
function network(instead: (answer: OutcomeOf<"shares">, from: string, count: number) => Outcome | undefined) {
  const network = new VirtualNetwork();
  const key = network.madeKey();
  let count = 0;
  network.intercept = ({ from, to, bytes }) => {
    if (!LIARS.includes(from) || to !== "coordinator") return bytes;
    const said = readOutcome(network, from, bytes);
    if (said.kind !== "shares") return bytes;
    const other = instead(said, from, count++);
    return other === undefined ? undefined : forgedOutcome(network, from, other);
  };
  return { network, key };
}

/** Signs in the two-round form. */
function signed({ network, key }: { network: VirtualNetwork; key: KeyRecord }) {
  network.forgetCommitments();
  const result = network.sign(key, body);
  if ("error" in result) throw result.error;
  expect(result.ok.status).toBe("Signed");
  const culprits = result.ok.attempts.flatMap((attempt) => attempt.culprits.map((one) => one.node));
  return { attempts: result.ok.attempts, culprits };
}

describe("two malicious signers of five", () => {
  it("cannot stop a request by accusing one honest signer after another, and nobody is blamed on their word", () => {
    const { culprits } = signed(
      network(({ executionId }, _, count) => {
        const accused = 3 + (count % 3);
        return { kind: "aborted", executionId, code: "malformed", ...NOBODY, culprits: [accused] };
      }),
    );
    expect(culprits).toEqual([]);
  });

  it("cannot stop a request by saying that honest signers do not answer them", () => {
    const { culprits } = signed(
      network(({ executionId }) => {
        return { kind: "aborted", executionId, code: "timeout", ...NOBODY, waitingFor: [3, 4, 5] };
      }),
    );
    expect(culprits).toEqual([]);
  });

  it("cannot stop a request by stopping for no reason", () => {
    const { attempts } = signed(
      network(({ executionId }) => ({ kind: "aborted", executionId, code: "defect", ...NOBODY })),
    );
    expect(attempts.length).toBeLessThan(8);
  });

  it.each(["unknown_nonce", "busy", "invalid_order"] as const)("cannot stop a request by refusing: %s", (code) => {
    const { attempts } = signed(network(({ executionId }) => ({ kind: "refused", executionId, code, detail: "" })));
    expect(attempts.length).toBeLessThan(8);
  });

  it("cannot stop a request by saying everything but their shares", () => {
    const { attempts } = signed(
      network(() => ({ kind: "verdict", executionId: new Uint8Array(16), identifier: 1, guilty: false })),
    );
    expect(attempts.length).toBeLessThan(8);
  });

  it("cannot have an honest signer blamed by showing another genuine commitment of it", () => {
    const stock = new Map<number, OutcomeOf<"commitments">["commitments"][number]>();
    const lying = network((answer) => ({
      ...answer,
      packages: answer.packages.map((one) => {
        return { ...one, commitments: one.commitments.map((each) => stock.get(each.identifier) ?? each) };
      }),
    }));
    for (const { from, to, bytes } of lying.network.traffic) {
      if (from !== "signer-3" || to !== "coordinator") continue;
      const said = readOutcome(lying.network, from, bytes);
      if (said.kind === "commitments") stock.set(3, said.commitments[0]!);
    }
    expect(stock.size).toBe(1);
    expect(signed(lying).culprits).toEqual([]);
  });
});
