import { z } from "zod";
import { AuthorityError } from "../error.ts";
import type { Actor } from "../log/authorise.ts";
import { existing, rule } from "../log/rule.ts";
import type { Approval } from "../log/state.ts";
import { approvalStatus, isApproved, mayDecide } from "../policies/approval.ts";
import { words } from "./fields.ts";
import { ADMITTED_MS } from "./signatures.ts";

const decision = z.strictObject({ value: z.enum(["Approved", "Denied"]), reason: words(500).optional() });

/** @throws AuthorityError unless this user may decide this now, for the first time */
function checkDecidable(approval: Approval, user: string, time: number): void {
  const status = approvalStatus(approval, time);
  if (status === "Expired") throw new AuthorityError("expired", `approval ${approval.id} expired`);
  if (status !== "Pending") {
    throw new AuthorityError("conflict", `approval ${approval.id} is ${status.toLowerCase()} already`);
  }
  if (approval.decisions.some((one) => one.user === user)) {
    throw new AuthorityError("conflict", `${user} has decided on approval ${approval.id}`);
  }
  if (approval.groups.some((group) => mayDecide(group, user, approval.initiator))) return;
  const own =
    user === approval.initiator ? "; who asks does not approve, unless the policy has initiatorCanApprove" : "";
  throw new AuthorityError("not_permitted", `${user} is no approver of ${approval.id}${own}`, {
    hint: "the policy's approvalGroups name who is",
  });
}

/** Decisions on what policies hold. Their challenge names the activity itself, by its digest. */
export const approvalRules = [
  rule({
    ...{ method: "POST", path: "/v2/policy-approvals/:approvalId/decisions", signed: true },
    operation: "PolicyApprovals:Approve",
    body: decision,
    judge({ organisation, params, body, time, ...judged }) {
      const approval = existing(organisation.approvals, params.approvalId, "approval");
      const { user } = judged.actor as Actor;
      checkDecidable(approval, user.id, time);
      const decided = { user: user.id, value: body.value, reason: body.reason ?? null, date: time };
      const decisions = [...approval.decisions, decided];
      const status =
        body.value === "Denied" ? "Denied" : isApproved({ ...approval, decisions }) ? "Approved" : "Pending";
      const request = [...organisation.requests.values()].find((one) => one.approval === approval.id);
      return () => {
        approval.decisions.push(decided);
        Object.assign(approval, { status, updated: time, resolved: status === "Pending" ? null : time });
        if (request === undefined || status === "Pending") return;
        request.status = status === "Approved" ? "Admitted" : "Denied";
        if (status === "Approved") request.deadline = time + ADMITTED_MS;
      };
    },
  }),
];
