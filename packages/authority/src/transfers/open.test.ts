import { unhex } from "@quorate/orders";
import { describe, expect, it } from "vitest";
import { idOf } from "../log/identifiers.ts";
import { decodeLogRecord, encodeLogRecord, type LogRecord } from "../log/record.ts";
import { permitAdmitted } from "../log/signature-request.ts";
import { anybody, approval, FRIEND, filledIn, native, policyWorld, STRANGER } from "../testing/policies.ts";
import { callOf, isOpen } from "./open.ts";

const CALL = { kind: "Transaction", transaction: { to: FRIEND, value: "7", nonce: 3 } };
const PIECE = { kind: "Erc721", contract: STRANGER, to: FRIEND, tokenId: "5" };

/** A record that puts a transfer into the log, and what changes it on its way there. */
function scene() {
  const world = policyWorld();
  const { organisation, transfer } = world;
  const record = organisation.record(transfer(native("1000")));
  const change = (filled: string | undefined): LogRecord => {
    const { filled: _, ...action } = record.action;
    return { ...record, action: { ...action, ...(filled === undefined ? {} : { filled }) } };
  };
  return { ...world, record, change };
}

describe("the record of a request that leaves something open", () => {
  it("holds the transaction that was filled in, which is the one that is permitted; the user's signature says nothing of it", () => {
    const { organisation, record, change } = scene();
    const other = filledIn(native("1000"), "transfer", { nonce: 4n });
    const hash = organisation.follow(change(other));
    expect(permitAdmitted(organisation.state, idOf("xfr", hash), organisation.time).filled).toBe(other);
    expect(encodeLogRecord(record)).not.toEqual(encodeLogRecord(change(other)));
  });

  it("is remembered by its authorisation, so that the log takes no second filling of it", () => {
    const { organisation, record, change } = scene();
    organisation.follow(record);
    const { height, hash } = organisation.state.head;
    const again = {
      ...change(filledIn(native("1000"), "transfer", { nonce: 4n })),
      height: height + 1,
      previous: hash,
    };
    expect(() => organisation.follow(again)).toThrow(expect.objectContaining({ code: "already_used" }));
  });

  it.each<[string, string | undefined, string]>([
    ["absent", undefined, "filled: is missing"],
    ["for another amount", filledIn(native("1001")), "has value 1001, the user signed 1000"],
    ["for somebody else", filledIn(native("1000", STRANGER)), "another address than the user signed"],
    [
      "for another transfer",
      filledIn({ kind: "Erc20", contract: STRANGER, to: FRIEND, amount: "1" }),
      "the user signed",
    ],
    ["for another chain", filledIn(native("1000")).replace("83aa36a7", "83aa36a8"), "has chainId"],
    [
      "with more gas than the organisation pays for",
      filledIn(native("1000"), "transfer", { gas: 2_000_000n }),
      "at most",
    ],
    ["no transaction", "0x02c0", "has 0 fields"],
    ["of type 0", "0xc0", "has 0 fields"],
  ])("with a filling that is %s is refused by whoever judges it", (_, filled, message) => {
    const { organisation, change } = scene();
    expect(() => organisation.follow(change(filled))).toThrow(
      expect.objectContaining({ code: "invalid_input", message: expect.stringContaining(message) }),
    );
  });

  it.each(["", "02f0", "0x", "0x0", "0xAB", null])("with a filling written as %j is no record", (filled) => {
    const { change } = scene();
    const bytes = encodeLogRecord(change(filled as string));
    expect(() => decodeLogRecord(bytes)).toThrow(expect.objectContaining({ code: "bad_record" }));
  });

  it("is read back as it was written, with a filling of the largest call that a user may sign", () => {
    const { organisation, wallet } = scene();
    const body = { ...CALL, transaction: { ...CALL.transaction, data: `0x${"ab".repeat(25_000)}` } };
    const filled = filledIn(body, "transaction");
    const record = organisation.record({ method: "POST", path: `/wallets/${wallet}/transactions`, body, filled });
    expect(decodeLogRecord(encodeLogRecord(record))).toEqual(record);
    organisation.follow(record);
  });

  it("of one piece (ERC-721) is taken with the sender that it names, and no other word of the call changed", () => {
    const { organisation, transfer } = scene();
    const asked = transfer(PIECE);
    organisation.act({
      ...asked,
      filled: asked.filled.replace(/42842e0e(0{24})([0-9a-f]{40})/, `42842e0e$1${"11".repeat(20)}`),
    });
    for (const [from, to] of [
      [/42842e0e0/, "42842e0e1"],
      [/42842e0e/, "23b872dd"],
      [/5(c0)$/, "6$1"],
    ] as const) {
      const filled = asked.filled.replace(from, to);
      expect(filled).not.toBe(asked.filled);
      expect(() => organisation.act({ ...asked, filled })).toThrow("carries other data");
    }
  });

  it("is refused for a wallet on a chain where nobody fills in", () => {
    const { organisation, transfer } = scene();
    const hash = organisation.act({ method: "POST", path: "/wallets", body: { network: "SolanaDevnet" } });
    const asked = { ...transfer(native("1")), path: `/wallets/${idOf("wa", hash)}/transfers` };
    expect(() => organisation.act(asked)).toThrow("filled: is filled in for wallets on Ethereum");
  });
});

describe("the record of anything else", () => {
  const filled = filledIn(native("1"));

  it("brings nothing that was filled in: a request that says everything itself", () => {
    const { organisation, addPolicy, wallet } = scene();
    addPolicy({ kind: "TransactionCountVelocity", configuration: { limit: 9, timeframe: 10 } });
    const body = { kind: "Message", message: "00" };
    const asked = { method: "POST", path: `/wallets/${wallet}/signatures`, body } as const;
    expect(() => organisation.act({ ...asked, filled })).toThrow("the body says everything itself");
    organisation.act(asked);
  });

  it("brings nothing that was filled in: another action", () => {
    const { organisation } = scene();
    const asked = { method: "POST", path: "/wallets", body: { network: "EthereumSepolia" } } as const;
    expect(() => organisation.act({ ...asked, filled })).toThrow(expect.objectContaining({ code: "bad_record" }));
  });
});

describe("a request that leaves something open", () => {
  it("is not signed beside the log, whether or not a policy looks at it", () => {
    const { permit, needs, transfer, wallet } = scene();
    const call = { method: "POST", path: `/wallets/${wallet}/transactions`, body: CALL } as const;
    for (const asked of [transfer(native("1")), call]) {
      expect(needs(asked)).toBe(true);
      expect(() => permit(asked)).toThrow(expect.objectContaining({ code: "must_be_admitted" }));
    }
  });

  it("shows whoever approves it what was filled in", () => {
    const { organisation, addPolicy, transfer } = scene();
    addPolicy({ kind: "AlwaysTrigger" }, approval(anybody));
    const asked = transfer(native("1"));
    const held = organisation.state.approvals.get(idOf("ap", organisation.act(asked)));
    expect(held?.activity).toMatchObject({ body: asked.body, filled: asked.filled });
  });

  it("is one of whose four numbers a user named not all", () => {
    const numbers = { nonce: 0, gasLimit: 1, maxFeePerGas: 2, maxPriorityFeePerGas: 1 };
    const whole = { kind: "Evm", to: FRIEND, ...numbers };
    expect(isOpen("transaction", whole)).toBe(false);
    expect(callOf(whole)).toMatchObject({ to: unhex(FRIEND.slice(2).toLowerCase()), nonce: 0n, gas: 1n });
    for (const name of Object.keys(numbers))
      expect(isOpen("transaction", { ...whole, [name]: undefined }), name).toBe(true);
    expect(isOpen("signature", { kind: "Evm" })).toBe(false);
    expect(() => callOf({ kind: "Transaction", transaction: {}, gas: 1 })).toThrow("gas: there is no such field here");
  });
});
