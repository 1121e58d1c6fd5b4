import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { assetsApi, type ChainStub, chainStub, makeWallet, PUBLIC_KEY } from "../testing/assets.ts";
import type { Caller, GovernedApi } from "../testing/governed.ts";

const TO = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const TRANSFER = { kind: "Native", to: TO, amount: "1000" };
const MESSAGE = { kind: "Message", message: "0xc0ffee" };

let chain: ChainStub;
let api: GovernedApi;
let caller: Caller;

beforeEach(async () => {
  chain = await chainStub();
  ({ api, caller } = await assetsApi({ chains: new Map([["EthereumSepolia", chain.url]]) }));
});

afterEach(() => {
  api.stop();
  chain.close();
});

const refused = async (answer: Promise<{ status: number; body: { message: string } }>) => {
  const { status, body } = await answer;
  return [status, body.message];
};

describe("keys", () => {
  it("are made, shown with their wallets and store, renamed, listed and archived with their wallets", async () => {
    const made = await caller.act("POST", "/keys", { scheme: "ECDSA", curve: "secp256k1", name: "till" });
    const { id } = made.body;
    expect(made.body).toMatchObject({ name: "till", publicKey: PUBLIC_KEY, status: "Active", custodial: true });
    const wallet = await makeWallet(caller, { signingKey: { id } });
    const shown = (await caller.send("GET", `/keys/${id}`)).body;
    expect(shown).toMatchObject({ wallets: [{ id: wallet.id, network: "EthereumSepolia" }], store: { kind: "Mpc" } });
    expect((await caller.act("PUT", `/keys/${id}`, { name: null })).body).not.toHaveProperty("name");
    expect((await caller.send("GET", "/keys?limit=1&owner=")).body.items).toHaveLength(0);
    const gone = (await caller.act("DELETE", `/keys/${id}`)).body;
    expect(gone).toMatchObject({ status: "Archived", dateDeleted: expect.stringMatching(/Z$/) });
    expect((await caller.send("GET", `/wallets/${wallet.id}`)).body.status).toBe("Archived");
    expect(await refused(caller.act("POST", `/keys/${id}/signatures`, MESSAGE))).toEqual([
      404,
      `key ${id} is archived`,
    ]);
  });

  it("of one end user are not seen by another, nor by name of an owner who has none", async () => {
    const { id } = await makeWallet(caller);
    const key = [...api.organisation.keys.values()][0]!;
    key.delegatedTo = "us-somebody";
    const user = api.organisation.users.get(caller.userId)!;
    Object.assign(user, { kind: "EndUser" });
    expect((await caller.send("GET", `/wallets/${id}`)).status).toBe(404);
    expect((await caller.send("GET", "/keys")).body.items).toEqual([]);
    expect((await caller.send("GET", `/keys/${key.id}/signatures`)).status).toBe(404);
  });
});

describe("wallets", () => {
  it("have the address of their network, labels, and empty lists where nothing is watched", async () => {
    const wallet = await makeWallet(caller, { name: "hot", tags: ["a"], externalId: "7" });
    expect(wallet).toMatchObject({ name: "hot", tags: ["a"], externalId: "7", signingKey: { publicKey: PUBLIC_KEY } });
    expect(wallet.address).toMatch(/^0x[0-9a-fA-F]{40}$/);
    expect((await caller.act("PUT", `/wallets/${wallet.id}/tags`, { tags: ["b"] })).body).toEqual({});
    expect((await caller.send("GET", "/wallets")).body.items).toMatchObject([{ id: wallet.id, tags: ["a", "b"] }]);
    const assets = await caller.send("GET", `/wallets/${wallet.id}/assets`);
    expect(assets.body).toEqual({ walletId: wallet.id, network: "EthereumSepolia", assets: [] });
  });

  it("sign with the chain of their network; the signature is listed by wallet and by key", async () => {
    const { id, signingKey } = await makeWallet(caller);
    const answer = (await caller.act("POST", `/wallets/${id}/signatures`, MESSAGE)).body;
    expect(answer).toMatchObject({ walletId: id, keyId: signingKey.id, network: "EthereumSepolia", status: "Signed" });
    expect(answer.signature.encoded).toMatch(/^0x[0-9a-f]{128}(1b|1c)$/);
    for (const path of [`/wallets/${id}`, `/keys/${signingKey.id}`]) {
      expect((await caller.send("GET", `${path}/signatures`)).body.items).toMatchObject([{ id: answer.id }]);
      expect((await caller.send("GET", `${path}/signatures/${answer.id}`)).body.id).toBe(answer.id);
    }
    expect((await caller.send("GET", `/wallets/${id}/transfers`)).body.items).toEqual([]);
    expect((await caller.send("GET", `/wallets/${id}/transfers/${answer.id}`)).status).toBe(404);
  });
});

describe("a transfer", () => {
  it("is filled in from the chain, signed, sent, and confirmed once the chain says so", async () => {
    const { id } = await makeWallet(caller);
    const answer = (await caller.act("POST", `/wallets/${id}/transfers`, TRANSFER)).body;
    const hash = `0x${"ab".repeat(32)}`;
    expect(answer).toMatchObject({ walletId: id, status: "Broadcasted", txHash: hash, requestBody: TRANSFER });
    expect(chain.sent).toEqual([answer.signedData]);
    const path = `/wallets/${id}/transfers/${answer.id}`;
    expect((await caller.send("GET", path)).body.status).toBe("Broadcasted");
    chain.answers.eth_getTransactionReceipt = { status: "0x1", gasUsed: "0x5208", effectiveGasPrice: "0x2" };
    expect((await caller.send("GET", path)).body).toMatchObject({ status: "Confirmed", fee: "42000" });
    expect(chain.sent).toHaveLength(1);
  });

  it("that the chain does not take fails with what the chain says, and is not sent again by who looks", async () => {
    chain.answers.eth_sendRawTransaction = new Error("insufficient funds");
    const { id } = await makeWallet(caller);
    const answer = (await caller.act("POST", `/wallets/${id}/transfers`, TRANSFER)).body;
    expect(answer).toMatchObject({ status: "Failed", reason: expect.stringContaining("insufficient funds") });
    await caller.send("GET", `/wallets/${id}/transfers/${answer.id}`);
    expect(chain.sent).toHaveLength(1);
  });

  it("on a network without a node is refused, with the option that names one", async () => {
    const { id } = await makeWallet(caller, { network: "Base" });
    const { status, body } = await caller.act("POST", `/wallets/${id}/transfers`, TRANSFER);
    expect([status, body.error.details.hint]).toEqual([400, expect.stringContaining("--chain Base=http")]);
    const raw = { kind: "Transaction", transaction: "0x02c0" };
    expect((await caller.act("POST", `/wallets/${id}/transactions`, raw)).body.error.details.hint).toContain(
      "--chain Base",
    );
    expect(api.authority.asked).toEqual([]);
  });

  it("that costs more in fees than the organisation pays is refused, with the setting that says so, before it is in the log", async () => {
    chain.answers.eth_getBlockByNumber = { number: "0x1", baseFeePerGas: "0xffffffffffff" };
    const { id } = await makeWallet(caller);
    const { height } = api.organisation.head;
    const { status, body } = await caller.act("POST", `/wallets/${id}/transfers`, TRANSFER);
    expect([status, body.error.details.hint]).toEqual([422, expect.stringContaining("maxNetworkFee")]);
    expect(api.organisation.head.height).toBe(height);
  });

  it("stands in the log with what was filled in, which is what is signed", async () => {
    const { id } = await makeWallet(caller);
    const answer = (await caller.act("POST", `/wallets/${id}/transfers`, TRANSFER)).body;
    const logged = api.organisation.requests.get(answer.id);
    expect(logged).toMatchObject({ status: "Admitted", filled: expect.stringMatching(/^0x02e[0-9a-f]+$/) });
    expect(api.authority.asked.at(-1)?.authority).toMatchObject({ kind: "admitted", requestId: answer.id });
  });

  it("that is asked for twice at once under one external id is one transfer, whoever was first", async () => {
    const { id } = await makeWallet(caller);
    const body = { ...TRANSFER, externalId: "order-7" };
    const { authority } = api;
    const act = authority.act.bind(authority);
    const waiting: Parameters<typeof act>[] = [];
    authority.act = (...call) => {
      if (waiting.push(call) === 2) for (const one of waiting) act(...one);
    };
    const actions = await Promise.all([1, 2].map(() => caller.signed("POST", `/wallets/${id}/transfers`, body)));
    const send = (action: string) => {
      return caller.send("POST", `/wallets/${id}/transfers`, body, { "x-dfns-useraction": action });
    };
    const [one, other] = await Promise.all(actions.map(send));
    expect([one!.status, other!.status]).toEqual([200, 200]);
    expect(one!.body.id).toBe(other!.body.id);
    expect(api.organisation.requests.size).toBe(1);
  });
});

describe("a policy", () => {
  const policy = (rule: object, action: object) => ({ name: "limit", activityKind: "Wallets:Sign", rule, action });
  const held = policy(
    { kind: "AlwaysTrigger" },
    { kind: "RequestApproval", approvalGroups: [{ quorum: 1, approvers: {} }] },
  );

  it("holds a transfer until somebody else approves; then it is for the signers", async () => {
    const { id } = await makeWallet(caller);
    const { id: policyId } = (await caller.act("POST", "/v2/policies", held)).body;
    const answer = (await caller.act("POST", `/wallets/${id}/transfers`, TRANSFER)).body;
    expect(answer).toMatchObject({ status: "Pending", approvalId: expect.stringMatching(/^ap-/) });
    expect(chain.sent).toEqual([]);
    const path = `/v2/policy-approvals/${answer.approvalId}`;
    const shown = (await caller.send("GET", path)).body;
    expect(shown).toMatchObject({
      status: "Pending",
      policyEvaluations: [{ policyId, triggered: true }],
      decisions: [],
    });
    expect(await refused(caller.act("POST", `${path}/decisions`, { value: "Approved" }))).toEqual([
      403,
      expect.stringContaining("who asks does not approve"),
    ]);
    const other = await api.serviceAccount(["PolicyApprovals:Approve"]);
    expect((await other.act("POST", `${path}/decisions`, { value: "Approved" })).body.status).toBe("Approved");
    expect(api.organisation.requests.get(answer.id)?.status).toBe("Admitted");
    const list = (await caller.send("GET", "/v2/policy-approvals?status=Approved")).body;
    expect(list.items).toMatchObject([{ id: answer.approvalId }]);
  });

  it("gives the same request for the same external id and body, and a conflict for another body", async () => {
    const { id } = await makeWallet(caller);
    await caller.act("POST", "/v2/policies", held);
    const body = { ...TRANSFER, externalId: "order-1" };
    const first = (await caller.act("POST", `/wallets/${id}/transfers`, body)).body;
    expect((await caller.act("POST", `/wallets/${id}/transfers`, body)).body.id).toBe(first.id);
    const { status, body: other } = await caller.act("POST", `/wallets/${id}/transfers`, { ...body, amount: "2" });
    expect([status, other.error.details.duplicate]).toEqual([409, { id: first.id, externalId: "order-1" }]);
  });

  it("that blocks answers 403 with the policy's reason, and 400 what this version does not evaluate", async () => {
    const { id } = await makeWallet(caller);
    const list = { kind: "TransactionRecipientWhitelist", configuration: { addresses: [] } };
    await caller.act("POST", "/v2/policies", policy(list, { kind: "Block" }));
    expect(await refused(caller.act("POST", `/wallets/${id}/transfers`, TRANSFER))).toEqual([
      403,
      expect.stringContaining("is not on the list"),
    ]);
    const chainalysis = policy({ kind: "ChainalysisTransactionPrescreening" }, { kind: "Block" });
    expect((await caller.act("POST", "/v2/policies", chainalysis)).status).toBe(400);
  });
});

describe("what users trip on", () => {
  it.each<[string, number, string, (caller: Caller) => ReturnType<Caller["act"]>]>([
    [
      "a key that cannot be delegated",
      409,
      "delayDelegation",
      async (one) => one.act("POST", `/keys/${(await makeWallet(one)).signingKey.id}/delegate`, { delegateTo: "us-x" }),
    ],
    [
      "a message on a key without a chain",
      400,
      "blockchainKind",
      async (one) => one.act("POST", `/keys/${(await makeWallet(one)).signingKey.id}/signatures`, MESSAGE),
    ],
    [
      "a kind that this key does not sign",
      400,
      "signs kind",
      async (one) => one.act("POST", `/wallets/${(await makeWallet(one)).id}/signatures`, { kind: "Bip322" }),
    ],
    ["a wallet that is not there", 404, "", (one) => one.act("POST", "/wallets/wa-x/signatures", MESSAGE)],
  ])("says of %s what would work", async (_, status, hint, attempt) => {
    const answer: { status: number; body: { error: { details: { hint?: string } } } } = await attempt(caller);
    expect(answer.status).toBe(status);
    expect(answer.body.error.details.hint ?? "").toContain(hint);
  });

  it("says of a permission that is missing which, and to whom it could be given", async () => {
    const { id } = await makeWallet(caller);
    const other = await api.serviceAccount(["Wallets:Read"]);
    const { status, body } = await other.act("POST", `/wallets/${id}/signatures`, MESSAGE);
    expect(status).toBe(403);
    expect(body.message).toBe(
      `ServiceAccount ${other.userId} through token ${[...api.organisation.tokens.keys()].at(-1)} is not permitted Keys:Signatures:Create`,
    );
  });
});
