import { hex } from "@quorate/orders";
import { describe, expect, it } from "vitest";
import { idOf } from "../log/identifiers.ts";
import { ecdsaPair } from "../testing/keys.ts";
import { approval, type Body, FRIEND, filledIn, native, policyWorld, STRANGER } from "../testing/policies.ts";
import { filledFor } from "../transfers/digests.ts";

describe("a policy that blocks", () => {
  it.each<[string, Body, Body, boolean]>([
    ["every request", { kind: "AlwaysTrigger" }, native("1"), true],
    [
      "a stranger",
      { kind: "TransactionRecipientWhitelist", configuration: { addresses: [FRIEND] } },
      native("1", STRANGER),
      true,
    ],
    [
      "a stranger, not a friend",
      { kind: "TransactionRecipientWhitelist", configuration: { addresses: [FRIEND.toLowerCase()] } },
      native("1"),
      false,
    ],
    [
      "the stranger that a token goes to",
      { kind: "TransactionRecipientWhitelist", configuration: { addresses: [FRIEND] } },
      { kind: "Erc20", contract: FRIEND, to: STRANGER, amount: "1" },
      true,
    ],
    [
      "a token's amount, which is not the chain's own",
      { kind: "TransactionAmountLimit", configuration: { limit: "100", currency: "NATIVE" } },
      { kind: "Erc20", contract: STRANGER, to: FRIEND, amount: "1" },
      true,
    ],
    [
      "more than a limit",
      { kind: "TransactionAmountLimit", configuration: { limit: "100", currency: "NATIVE" } },
      native("101"),
      true,
    ],
    [
      "more than a limit, not the limit",
      { kind: "TransactionAmountLimit", configuration: { limit: 100, currency: "NATIVE" } },
      native("100"),
      false,
    ],
    [
      "every request when none are allowed",
      { kind: "TransactionCountVelocity", configuration: { limit: 0, timeframe: 1 } },
      native("1"),
      true,
    ],
  ])("stops %s", (_, rule, body, stops) => {
    const { addPolicy, transfer, permit, passes } = policyWorld();
    const id = addPolicy(rule);
    if (stops) expect(() => permit(transfer(body))).toThrow(`policy ${id} blocks this`);
    else expect(passes(transfer(body))).toBe("transfer");
  });

  it.each<[string, string, Body]>([
    ["a bare hash", "signatures", { kind: "Hash", hash: "11".repeat(32) }],
    ["typed data", "signatures", { kind: "Eip712", types: {}, domain: {}, message: {} }],
    [
      "the call of a contract",
      "transactions",
      { kind: "Transaction", transaction: { to: FRIEND, data: "0x095ea7b3" } },
    ],
    ["what is no transaction", "transactions", { kind: "Transaction", transaction: "0x02c0" }],
  ])("with a limit stops %s, of which nobody can tell what it moves", (_, form, body) => {
    const { addPolicy, permit, wallet } = policyWorld();
    addPolicy({ kind: "TransactionAmountLimit", configuration: { limit: "100", currency: "NATIVE" } });
    const asked = { method: "POST", path: `/wallets/${wallet}/${form}`, body } as const;
    expect(() => permit(asked)).toThrow("cannot be read from the request");
  });

  it("reads recipient and amount out of a transaction in bytes, of a token's transfer as well", () => {
    const { addPolicy, permit, key } = policyWorld();
    addPolicy({ kind: "TransactionRecipientWhitelist", configuration: { addresses: [FRIEND] } });
    const filling = { nonce: 0n, gas: 1n, maxFeePerGas: 1n, maxPriorityFeePerGas: 1n };
    const wallet = { network: "EthereumSepolia" };
    const raw = (body: Body) => {
      const transaction = `0x${hex(filledFor("transfer", body, wallet, ecdsaPair(7).key, filling)!)}`;
      const sent = { kind: "Transaction", blockchainKind: "Evm", transaction };
      return { method: "POST", path: `/keys/${key}/signatures`, body: sent } as const;
    };
    expect(permit(raw(native("5"))).form).toBe("signature");
    expect(permit(raw({ kind: "Erc20", contract: STRANGER, to: FRIEND, amount: "1" })).form).toBe("signature");
    expect(() => permit(raw(native("5", STRANGER)))).toThrow("is not on the list");
    expect(() => permit(raw({ kind: "Erc20", contract: FRIEND, to: STRANGER, amount: "1" }))).toThrow(
      "is not on the list",
    );
  });
});

describe("a policy that reads transactions", () => {
  it("takes fees above the organisation's most for something moved, since a transaction can pay them to whoever made it", () => {
    const { organisation, addPolicy, permit, passes, key, wallet } = policyWorld();
    addPolicy({ kind: "TransactionAmountLimit", configuration: { limit: "100", currency: "NATIVE" } });
    const most = BigInt(organisation.state.settings.maxNetworkFee);
    const raw = (fee: bigint) => {
      const filling = { nonce: 0n, gas: 2n, maxFeePerGas: fee / 2n, maxPriorityFeePerGas: fee / 2n };
      const filled = filledFor("transfer", native("5"), { network: "EthereumSepolia" }, ecdsaPair(7).key, filling)!;
      const body = { kind: "Transaction", blockchainKind: "Evm", transaction: `0x${hex(filled)}` };
      return { method: "POST", path: `/keys/${key}/signatures`, body } as const;
    };
    expect(permit(raw(most)).form).toBe("signature");
    expect(() => permit(raw(most + 2n))).toThrow("cannot be read from the request");
    const fixed = (fee: bigint) => {
      const transaction = { to: FRIEND, value: "5", gasLimit: "2", maxFeePerGas: String(fee / 2n) };
      const body = { kind: "Transaction", transaction };
      const filled = filledIn(body, "transaction", { maxPriorityFeePerGas: 0n });
      return { method: "POST", path: `/wallets/${wallet}/transactions`, body, filled } as const;
    };
    expect(passes(fixed(most))).toBe("transaction");
    expect(() => permit(fixed(most + 2n))).toThrow("cannot be read from the request");
  });

  it("reads none of Ethereum for keys of other chains, to which the same bytes may be another transaction", () => {
    const { organisation, addPolicy, permit } = policyWorld();
    const hash = organisation.act({ method: "POST", path: "/wallets", body: { network: "SolanaDevnet" } });
    addPolicy({ kind: "TransactionRecipientWhitelist", configuration: { addresses: [FRIEND] } });
    const filling = { nonce: 0n, gas: 1n, maxFeePerGas: 1n, maxPriorityFeePerGas: 1n };
    const filled = filledFor("transfer", native("5"), { network: "EthereumSepolia" }, ecdsaPair(7).key, filling)!;
    const body = { kind: "Transaction", transaction: `0x${hex(filled)}` };
    const asked = { method: "POST", path: `/wallets/${idOf("wa", hash)}/signatures`, body } as const;
    expect(() => permit(asked)).toThrow("cannot be read from the request");
  });
});

describe("filters", () => {
  it("bind the wallet's key however it is asked: by key, by another wallet, by a twin of its child", () => {
    const { organisation, addPolicy, permit, wallet, key } = policyWorld();
    const act = (path: string, body: Body) => organisation.act({ method: "POST", path, body });
    const second = idOf("wa", act("/wallets", { network: "PolygonAmoy", signingKey: { id: key } }));
    const child = { scheme: "ECDSA", curve: "secp256k1", deriveFrom: { keyId: key, path: "m/7" } };
    const twins = [act("/keys", child), act("/keys", child)].map((hash) => idOf("key", hash));
    const third = idOf("wa", act("/wallets", { network: "Base", signingKey: { id: twins[0] } }));
    addPolicy({ kind: "AlwaysTrigger" }, { kind: "Block" }, { filters: { walletId: { in: [wallet, third] } } });
    const body = { kind: "Hash", hash: "11".repeat(32) };
    for (const path of [`/keys/${key}`, `/wallets/${wallet}`, `/wallets/${second}`, `/keys/${twins[1]}`]) {
      expect(() => permit({ method: "POST", path: `${path}/signatures`, body }), path).toThrow("blocks this");
    }
    const other = idOf("key", act("/keys", { scheme: "ECDSA", curve: "secp256k1" }));
    expect(permit({ method: "POST", path: `/keys/${other}/signatures`, body }).key.id).toBe(other);
  });

  it.each<[Body, boolean]>([
    [{ hasAny: ["cold", "hot"] }, true],
    [{ hasAny: ["cold"] }, false],
    [{ hasAll: ["hot"] }, true],
    [{ hasAll: ["hot", "cold"] }, false],
  ])("by label %o cover a wallet labelled hot: %s", (walletTags, covered) => {
    const { addPolicy, permit, passes, transfer } = policyWorld();
    addPolicy({ kind: "AlwaysTrigger" }, { kind: "Block" }, { filters: { walletTags } });
    if (covered) expect(() => permit(transfer(native("1")))).toThrow("blocks this");
    else expect(passes(transfer(native("1")))).toBe("transfer");
  });
});

describe("a policy is refused", () => {
  const LIMIT = { kind: "TransactionAmountLimit", configuration: { limit: 1, currency: "USD" } };
  it.each<[string, string, Body, Body, Body]>([
    ["in dollars", "there are no prices here", LIMIT, { kind: "Block" }, {}],
    [
      "on changes of policies",
      "Wallets:Sign only",
      { kind: "AlwaysTrigger" },
      { kind: "Block" },
      { activityKind: "Policies:Modify" },
    ],
    [
      "with a rule that is not there",
      "there are AlwaysTrigger",
      { kind: "ChainalysisTransactionPrescreening" },
      { kind: "Block" },
      {},
    ],
    ["with an action that is not there", "there are Block", { kind: "AlwaysTrigger" }, { kind: "Shrug" }, {}],
    [
      "with approvers that do not exist",
      "no user us-x",
      { kind: "AlwaysTrigger" },
      approval({ quorum: 1, approvers: { userId: { in: ["us-x"] } } }),
      {},
    ],
    [
      "on wallets that do not exist",
      "no wallet wa-x",
      { kind: "AlwaysTrigger" },
      { kind: "Block" },
      { filters: { walletId: { in: ["wa-x"] } } },
    ],
    [
      "that looks back for more than a month",
      "timeframe",
      { kind: "TransactionCountVelocity", configuration: { limit: 1, timeframe: 43_201 } },
      { kind: "Block" },
      {},
    ],
  ])("%s", (_, message, rule, action, more) => {
    const { addPolicy } = policyWorld();
    expect(() => addPolicy(rule, action, more)).toThrow(message);
  });

  it("when its approvers can never be enough", () => {
    const { addPolicy, ann } = policyWorld();
    const group = { quorum: 2, approvers: { userId: { in: [ann.id, ann.id] } } };
    expect(() => addPolicy({ kind: "AlwaysTrigger" }, approval(group))).toThrow("1 approvers can never be 2");
  });

  it("once it is archived", () => {
    const { organisation, addPolicy, transfer, passes } = policyWorld();
    const id = addPolicy({ kind: "AlwaysTrigger" });
    organisation.act({ method: "DELETE", path: `/v2/policies/${id}` });
    expect(passes(transfer(native("1")))).toBe("transfer");
    expect(() => organisation.act({ method: "DELETE", path: `/v2/policies/${id}` })).toThrow("is archived");
  });
});
