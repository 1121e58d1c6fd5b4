import { describe, expect, it } from "vitest";
import { idOf } from "../log/identifiers.ts";
import { permitAdmitted } from "../log/signature-request.ts";
import { MINUTE_MS, native, policyWorld } from "../testing/policies.ts";

describe("a velocity", () => {
  it("counts requests in the log of the last minutes, and no older ones", () => {
    const { organisation, addPolicy, transfer, needs, permit } = policyWorld();
    const policy = addPolicy({ kind: "TransactionCountVelocity", configuration: { limit: 2, timeframe: 10 } });
    const asked = transfer(native("1"));
    expect(needs(asked)).toBe(true);
    expect(() => permit(asked)).toThrow("admitted to the log first");
    const first = organisation.act(asked);
    expect(permitAdmitted(organisation.state, idOf("xfr", first), organisation.time).form).toBe("transfer");
    organisation.act(asked);
    expect(() => organisation.act(asked)).toThrow(`policy ${policy} blocks this: number 3 in 10 minutes`);
    organisation.time += 10 * MINUTE_MS;
    organisation.act(asked);
  });

  it("adds up what earlier requests moved, of the same key only", () => {
    const { organisation, addPolicy, transfer } = policyWorld();
    addPolicy({
      kind: "TransactionAmountVelocity",
      configuration: { limit: "100", currency: "NATIVE", timeframe: 10 },
    });
    organisation.act(transfer(native("60")));
    expect(() => organisation.act(transfer(native("41")))).toThrow("moves 41 after 60, 100 are allowed");
    organisation.act(transfer(native("40")));
    const other = organisation.act({ method: "POST", path: "/wallets", body: { network: "EthereumSepolia" } });
    organisation.act({ ...transfer(native("100")), path: `/wallets/${idOf("wa", other)}/transfers` });
  });

  it("does not hold what has no consequence", () => {
    const { addPolicy, transfer, passes } = policyWorld();
    addPolicy({ kind: "TransactionCountVelocity", configuration: { limit: 0, timeframe: 10 } }, { kind: "NoAction" });
    expect(passes(transfer(native("1")))).toBe("transfer");
  });
});

describe("the log takes no request", () => {
  it("that no policy holds or counts, nor one that a policy blocks", () => {
    const { organisation, addPolicy, transfer, wallet } = policyWorld();
    const body = { kind: "Message", message: "00" };
    const message = { method: "POST", path: `/wallets/${wallet}/signatures`, body } as const;
    expect(() => organisation.act(message)).toThrow("is signed without the log");
    addPolicy({ kind: "AlwaysTrigger" });
    for (const asked of [message, transfer(native("1"))]) {
      expect(() => organisation.act(asked)).toThrow("blocks this");
    }
  });

  it("with the external id of an earlier one of its key", () => {
    const { organisation, addPolicy, transfer } = policyWorld();
    addPolicy({ kind: "TransactionCountVelocity", configuration: { limit: 9, timeframe: 10 } });
    const asked = transfer({ ...native("1"), externalId: "order-7" });
    const hash = organisation.act(asked);
    expect(() => organisation.act(asked)).toThrow(`externalId: request ${idOf("xfr", hash)} has it`);
  });

  it("of a user without the permission, and keeps none for more than a month or so", () => {
    const { organisation, addPolicy, transfer, bob } = policyWorld();
    addPolicy({ kind: "TransactionCountVelocity", configuration: { limit: 9, timeframe: 10 } });
    expect(() => organisation.act(transfer(native("1")), bob.user)).toThrow(
      "is not permitted Wallets:Transfers:Create",
    );
    const first = idOf("xfr", organisation.act(transfer(native("1"))));
    organisation.time += 32 * 24 * 60 * MINUTE_MS;
    organisation.act(transfer(native("1")));
    expect(organisation.state.requests.has(first)).toBe(false);
  });
});
