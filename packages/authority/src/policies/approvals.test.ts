import { describe, expect, it } from "vitest";
import { idOf } from "../log/identifiers.ts";
import { permitAdmitted, permitSignature } from "../log/signature-request.ts";
import { addEmployee } from "../testing/members.ts";
import { anybody, approval, MINUTE_MS, native, policyWorld } from "../testing/policies.ts";

describe("a policy that asks for approval", () => {
  it("holds a request in the log until its quorum approves exactly that, and lets it be signed for an hour", () => {
    const { organisation, addPolicy, transfer, permit, needs, decide, ann, bob } = policyWorld();
    addPolicy({ kind: "AlwaysTrigger" }, approval({ quorum: 2, approvers: { userId: { in: [ann.id, bob.id] } } }));
    const asked = transfer(native("1"));
    expect(needs(asked)).toBe(true);
    expect(() => permit(asked)).toThrow("has to be admitted to the log first");
    const hash = organisation.act(asked);
    const [id, held] = [idOf("xfr", hash), idOf("ap", hash)];
    const { state } = organisation;
    expect(state.approvals.get(held)).toMatchObject({ status: "Pending", evaluations: [{ triggered: true }] });
    expect(() => permitAdmitted(state, id, organisation.time)).toThrow("is pending");
    decide(held, ann.user);
    expect(() => permitAdmitted(state, id, organisation.time)).toThrow("is pending");
    expect(() => decide(held, ann.user)).toThrow("has decided");
    decide(held, bob.user);
    const permitted = permitAdmitted(state, id, organisation.time);
    expect(permitted).toMatchObject({ form: "transfer", bodyDigest: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(() => decide(held, ann.user)).toThrow("is approved already");
    expect(() => permitAdmitted(state, id, organisation.time + 61 * MINUTE_MS)).toThrow("expired");
  });

  it("binds the request that it held by the authorisation that its user signed, so that it is not signed beside the log", () => {
    const { organisation, addPolicy, transfer, decide, ann } = policyWorld();
    const policy = addPolicy({ kind: "AlwaysTrigger" }, approval(anybody));
    const asked = transfer(native("1"));
    organisation.time += 1000;
    const record = organisation.record(asked);
    const hash = organisation.follow(record);
    decide(idOf("ap", hash), ann.user);
    organisation.act({ method: "DELETE", path: `/v2/policies/${policy}` });
    const again = { ...asked, body: record.action.body, assertion: record.action.proof! };
    expect(() => permitSignature(organisation.state, organisation.network, again, organisation.time)).toThrow(
      "was used for a record",
    );
    const { authorisation } = permitAdmitted(organisation.state, idOf("xfr", hash), organisation.time);
    expect([...organisation.state.used.keys()]).toContain(authorisation);
  });

  it("takes no decision of whoever asked, unless it says so; nor of who is in no group; nor of who may not approve", () => {
    const { organisation, addPolicy, transfer, decide, ann, bob } = policyWorld();
    const policy = addPolicy(
      { kind: "AlwaysTrigger" },
      approval({ quorum: 1, approvers: { userId: { in: [ann.id] } } }),
    );
    const held = idOf("ap", organisation.act(transfer(native("1")), ann.user));
    expect(() => decide(held, ann.user)).toThrow("who asks does not approve");
    expect(() => decide(held, bob.user)).toThrow("is no approver");
    const carl = addEmployee(organisation, "carl@example.test", []);
    expect(() => decide(held, carl.user)).toThrow("is not permitted PolicyApprovals:Approve");
    const own = approval({ quorum: 1, approvers: { userId: { in: [ann.id] } }, initiatorCanApprove: true });
    const body = { name: "own", activityKind: "Wallets:Sign", rule: { kind: "AlwaysTrigger" }, action: own };
    organisation.act({ method: "PUT", path: `/v2/policies/${policy}`, body });
    const second = organisation.act(transfer(native("2")), ann.user);
    decide(idOf("ap", second), ann.user);
    expect(organisation.state.requests.get(idOf("xfr", second))?.status).toBe("Admitted");
  });

  it("counts a decision in each of its user's groups, and waits for all groups", () => {
    const { organisation, addPolicy, transfer, decide, ann, bob } = policyWorld();
    const both = { quorum: 1, approvers: { userId: { in: [ann.id, bob.id] } } };
    addPolicy({ kind: "AlwaysTrigger" }, approval(both, { quorum: 1, approvers: { userId: { in: [bob.id] } } }));
    const hash = organisation.act(transfer(native("1")));
    decide(idOf("ap", hash), ann.user);
    expect(organisation.state.requests.get(idOf("xfr", hash))?.status).toBe("Pending");
    decide(idOf("ap", hash), bob.user);
    expect(organisation.state.requests.get(idOf("xfr", hash))?.status).toBe("Admitted");
  });

  it("ends with one denial", () => {
    const { organisation, addPolicy, transfer, decide, ann, bob } = policyWorld();
    addPolicy({ kind: "AlwaysTrigger" }, approval({ quorum: 1, approvers: {} }));
    const hash = organisation.act(transfer(native("1")));
    decide(idOf("ap", hash), ann.user, "Denied");
    expect(() => decide(idOf("ap", hash), bob.user)).toThrow("is denied already");
    expect(() => permitAdmitted(organisation.state, idOf("xfr", hash), organisation.time)).toThrow("is denied");
  });

  it("takes no decision after its time, by the record's clock or by the signer's", () => {
    const { organisation, addPolicy, transfer, decide, ann } = policyWorld();
    addPolicy({ kind: "AlwaysTrigger" }, { ...approval(anybody), autoRejectTimeout: 5 });
    const held = idOf("ap", organisation.act(transfer(native("1"))));
    organisation.time += 5 * MINUTE_MS;
    expect(() => decide(held, ann.user)).toThrow(`approval ${held} expired`);
  });

  it("takes no decision whose challenge names another activity", () => {
    const { organisation, addPolicy, transfer, ann } = policyWorld();
    addPolicy({ kind: "AlwaysTrigger" }, approval(anybody));
    const held = idOf("ap", organisation.act(transfer(native("1"))));
    const asked = {
      method: "POST",
      path: `/v2/policy-approvals/${held}/decisions`,
      body: { value: "Approved" },
    } as const;
    const record = organisation.record(asked, ann.user, { refs: { [held]: "00".repeat(32) } });
    expect(() => organisation.follow(record)).toThrow("does not name what stands behind");
  });

  it("does not let sign what was asked by somebody who was deactivated, or may no longer, since", () => {
    const { organisation, addPolicy, transfer, decide, ann, bob } = policyWorld();
    addPolicy({ kind: "AlwaysTrigger" }, approval(anybody));
    const hash = organisation.act(transfer(native("1")), ann.user);
    decide(idOf("ap", hash), bob.user);
    const permit = () => permitAdmitted(organisation.state, idOf("xfr", hash), organisation.time);
    expect(permit().user).toBe(ann.id);
    const user = organisation.state.users.get(ann.id)!;
    user.isActive = false;
    expect(permit).toThrow("is not active");
    user.isActive = true;
    for (const one of organisation.state.assignments.values()) {
      if (one.identity === ann.id) organisation.state.assignments.delete(one.id);
    }
    expect(permit).toThrow("is not permitted Wallets:Transfers:Create");
  });
});
