import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Application } from "../application.ts";
import { fullAccess, newPem, unique } from "../material.ts";
import { refused } from "../refusals.ts";
import { application } from "../started.ts";

type Client = ReturnType<Application["client"]>;
type NewPolicy = Parameters<Client["policies"]["createPolicy"]>[0]["body"];

const message = () => ({ kind: "Message" as const, message: randomBytes(8).toString("hex") });

/** A wallet of its own, so that a policy on it concerns no other test. */
async function guarded(client: Client, action: object, rule: object = { kind: "AlwaysTrigger" }) {
  const wallet = await client.wallets.createWallet({ body: { network: "EthereumSepolia" } });
  const filters = { walletId: { in: [wallet.id] } };
  const body = { name: unique("policy"), activityKind: "Wallets:Sign", rule, action, filters } as unknown as NewPolicy;
  return {
    walletId: wallet.id,
    keyId: wallet.signingKey.id,
    policy: await client.policies.createPolicy({ body }),
    body,
  };
}

/** Another administrator. */
async function second(app: Application): Promise<{ id: string; client: Client }> {
  const pair = newPem();
  const { auth } = app.client(app.admin);
  const account = await auth.createServiceAccount({
    body: { name: unique("approver"), publicKey: pair.publicKey, permissionId: await fullAccess(app) },
  });
  const { accessToken, credId } = account.accessTokens[0]!;
  const client = app.client({ token: accessToken!, credId, privateKey: pair.privateKey });
  return { id: account.userInfo.userId, client };
}

const approvalBy = (id: string) => ({
  kind: "RequestApproval",
  approvalGroups: [{ name: "four eyes", quorum: 1, approvers: { userId: { in: [id] } } }],
});

describe("8 policies", () => {
  it("POST, GET, PUT, DELETE /v2/policies: a policy from beginning to end", async () => {
    const client = application().client(application().admin);
    const { policy, body, walletId } = await guarded(client, { kind: "Block" });
    expect(policy).toMatchObject({ ...body, id: expect.stringMatching(/^plc-/), status: "Active" });
    const policyId = policy.id;
    expect(await client.policies.getPolicy({ policyId })).toMatchObject({ id: policyId });
    expect((await client.policies.listPolicies({ query: { limit: "100" } })).items.map(({ id }) => id)).toContain(
      policyId,
    );
    await refused(client.wallets.generateSignature({ walletId, body: message() }), 403, /policy/i);
    const loosened = { ...body, action: { kind: "NoAction" } } as unknown as NewPolicy;
    expect(await client.policies.updatePolicy({ policyId, body: loosened })).toMatchObject({
      action: { kind: "NoAction" },
    });
    expect(await client.wallets.generateSignature({ walletId, body: message() })).toMatchObject({ status: "Signed" });
    expect(await client.policies.archivePolicy({ policyId })).toMatchObject({ status: "Archived" });
  });

  it("POST /v2/policies: a rule that no signer could check is refused by 400", async () => {
    const { policies } = application().client(application().admin);
    const rule = { kind: "ChainalysisTransactionPrescreening", configuration: {} };
    const body = {
      name: unique("policy"),
      activityKind: "Wallets:Sign",
      rule,
      action: { kind: "Block" },
    } as unknown as NewPolicy;
    await refused(policies.createPolicy({ body }), 400, /rule/);
  });

  it("TransactionCountVelocity: what is over the limit is held or blocked, whoever signs", async () => {
    const client = application().client(application().admin);
    const rule = { kind: "TransactionCountVelocity", configuration: { limit: 2, timeframe: 60 } };
    const { walletId } = await guarded(client, { kind: "Block" }, rule);
    const sign = () => client.wallets.generateSignature({ walletId, body: message() });
    for (const _ of [1, 2]) expect(await sign()).toMatchObject({ status: "Signed" });
    await refused(sign(), 403);
  });
});

describe("8 policies", () => {
  it("RequestApproval: 200 with status Pending and approvalId, Signed once approved, by whom it names only", async () => {
    const app = application();
    const client = app.client(app.admin);
    const approver = await second(app);
    const { walletId, keyId, policy } = await guarded(client, approvalBy(approver.id));
    const pending = await client.wallets.generateSignature({ walletId, body: message() });
    expect(pending).toMatchObject({ status: "Pending", approvalId: expect.stringMatching(/^ap-/) });
    const approvalId = (pending as { approvalId?: string }).approvalId!;
    const approval = await client.policies.getApproval({ approvalId });
    expect(approval).toMatchObject({
      status: "Pending",
      activity: { kind: "Wallets:Sign" },
      policyEvaluations: [{ policyId: policy.id, triggered: true }],
      decisions: [],
    });
    const listed = await approver.client.policies.listApprovals({
      query: { status: "Pending", limit: "100" } as never,
    });
    expect(listed.items.map(({ id }) => id)).toContain(approvalId);
    await refused(client.policies.createApprovalDecision({ approvalId, body: { value: "Approved" } }), 403);
    const decided = await approver.client.policies.createApprovalDecision({
      approvalId,
      body: { value: "Approved", reason: "seen" },
    });
    expect(decided).toMatchObject({
      status: "Approved",
      decisions: [{ userId: approver.id, value: "Approved", reason: "seen" }],
    });
    await expect
      .poll(async () => (await client.keys.getSignature({ keyId, signatureId: pending.id })).status, {
        timeout: 20_000,
      })
      .toBe("Signed");
  });

  it("a decision of Denied: the request is Rejected and is never signed", async () => {
    const app = application();
    const client = app.client(app.admin);
    const approver = await second(app);
    const { walletId, keyId } = await guarded(client, approvalBy(approver.id));
    const pending = await client.wallets.generateSignature({ walletId, body: message() });
    const approvalId = (pending as { approvalId?: string }).approvalId!;
    await approver.client.policies.createApprovalDecision({ approvalId, body: { value: "Denied" } });
    expect(await client.keys.getSignature({ keyId, signatureId: pending.id })).toMatchObject({ status: "Rejected" });
    await refused(approver.client.policies.createApprovalDecision({ approvalId, body: { value: "Approved" } }), 409);
  });
});

describe("8 policies", () => {
  it("POST /v2/policies: activities that signers do not hold back are refused by 400, so that nothing is promised", async () => {
    const client = application().client(application().admin);
    for (const activityKind of ["Policies:Modify", "Permissions:Assign", "Permissions:Modify"]) {
      const body = { name: unique("policy"), activityKind, rule: { kind: "AlwaysTrigger" }, action: { kind: "Block" } };
      await refused(client.policies.createPolicy({ body: body as unknown as NewPolicy }), 400, /activityKind/);
    }
  });
});
