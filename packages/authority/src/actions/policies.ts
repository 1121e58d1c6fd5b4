import { AuthorityError } from "../error.ts";
import { idOf } from "../log/identifiers.ts";
import { existing, type Judged, rule } from "../log/rule.ts";
import type { Organisation, Policy } from "../log/state.ts";
import { type PolicyBody, policyBody } from "../policies/schema.ts";
import { nothing } from "./fields.ts";

/** The most policies in force: each looks at every request. */
const MAX_POLICIES = 100;

function usablePolicy({ organisation, params }: Judged<unknown>): Policy {
  const policy = existing(organisation.policies, params.policyId, "policy");
  if (policy.archivedAt === null) return policy;
  throw new AuthorityError("conflict", `policy ${policy.id} is archived`, { field: "policyId" });
}

/** A policy that nobody can fulfil would hold everything for ever, unseen. @throws AuthorityError */
function checkApprovers(organisation: Organisation, { action }: PolicyBody): void {
  if (action.kind !== "RequestApproval") return;
  for (const [at, { approvers, quorum }] of action.approvalGroups.entries()) {
    const field = `action.approvalGroups.${at}`;
    const named = approvers.userId?.in;
    if (named === undefined) continue;
    const stranger = named.find((id) => organisation.users.get(id)?.isArchived !== false);
    if (stranger !== undefined) {
      throw new AuthorityError("invalid_input", `${field}.approvers: no user ${stranger}`, { field });
    }
    if (new Set(named).size >= quorum) continue;
    const problem = `${field}.quorum: ${new Set(named).size} approvers can never be ${quorum}`;
    throw new AuthorityError("invalid_input", problem, { field: `${field}.quorum` });
  }
}

/** @throws AuthorityError for wallets that do not exist: a policy on them would bind nothing */
function checkFilters(organisation: Organisation, { filters = {} }: PolicyBody): void {
  for (const id of filters.walletId?.in ?? []) {
    if (organisation.wallets.has(id)) continue;
    const field = "filters.walletId.in";
    throw new AuthorityError("invalid_input", `${field}: no wallet ${id}`, { field });
  }
}

/** Policies: made, changed, ended. */
export const policyRules = [
  rule({
    ...{ method: "POST", path: "/v2/policies", operation: "Policies:Create", signed: true },
    body: policyBody,
    judge({ organisation, body, hash, time }) {
      checkApprovers(organisation, body);
      checkFilters(organisation, body);
      const inForce = [...organisation.policies.values()].filter(({ archivedAt }) => archivedAt === null);
      if (inForce.length >= MAX_POLICIES) {
        throw new AuthorityError("conflict", `${MAX_POLICIES} policies are in force`, { hint: "archive one first" });
      }
      const { filters = {}, ...rest } = body;
      const policy = {
        ...{ id: idOf("plc", hash), ...rest, filters, archivedAt: null, created: time, updated: time },
      } as unknown as Policy;
      return () => organisation.policies.set(policy.id, policy);
    },
  }),
  rule({
    ...{ method: "PUT", path: "/v2/policies/:policyId", operation: "Policies:Update", signed: true },
    body: policyBody,
    judge(judged) {
      const policy = usablePolicy(judged);
      const { organisation, body, time } = judged;
      checkApprovers(organisation, body);
      checkFilters(organisation, body);
      const { name, rule, action, filters = {} } = body;
      return () => {
        Object.assign(policy, { name, rule, action, filters, updated: time });
      };
    },
  }),
  rule({
    ...{ method: "DELETE", path: "/v2/policies/:policyId", operation: "Policies:Archive", signed: true },
    body: nothing,
    judge(judged) {
      const policy = usablePolicy(judged);
      return () => {
        policy.archivedAt = judged.time;
        policy.updated = judged.time;
      };
    },
  }),
];
