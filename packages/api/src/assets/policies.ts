import { type Approval, approvalStatus, idOf, type Organisation } from "@quorate/authority";
import { InputError } from "@quorate/orders";
import type { Endpoints } from "../access/endpoints.ts";
import { pageOf } from "../paging.ts";
import { type ApiContext, segment } from "../routes.ts";
import { approvalShape, policyShape } from "./shapes.ts";

const FILTERS = ["status", "initiatorId", "approverId"];

function policyOf({ policies }: Organisation, c: ApiContext) {
  const id = segment(c, "policyId");
  const policy = policies.get(id);
  if (policy !== undefined) return policy;
  throw new InputError("not_found", `no policy ${id.slice(0, 64)}`, { field: "policyId" });
}

function approvalOf({ approvals }: Organisation, c: ApiContext): Approval {
  const id = segment(c, "approvalId");
  const approval = approvals.get(id);
  if (approval !== undefined) return approval;
  throw new InputError("not_found", `no approval ${id.slice(0, 64)}`, { field: "approvalId" });
}

/** Policies and what they hold, as Dfns has them. */
export function policyEndpoints(endpoints: Endpoints): void {
  const path = "/v2/policies";
  endpoints.read(path, "Policies:Read", (c, { organisation }) => {
    const status = c.req.query("status");
    const shown = [...organisation.policies.values()]
      .map(policyShape)
      .filter((one) => (status ?? one.status) === one.status);
    return pageOf(c, "policies", shown, (one) => one, ["status"]);
  });
  endpoints.read(`${path}/:policyId`, "Policies:Read", (c, { organisation }) => policyShape(policyOf(organisation, c)));
  endpoints.logged("POST", path, (_, { session: { organisation }, committed }) => {
    return policyShape(organisation.policies.get(idOf("plc", committed.hash))!);
  });
  endpoints.logged("PUT", `${path}/:policyId`, (c, { session }) => policyShape(policyOf(session.organisation, c)));
  endpoints.logged("DELETE", `${path}/:policyId`, (c, { session }) => policyShape(policyOf(session.organisation, c)));
  approvalEndpoints(endpoints);
}

function approvalEndpoints(endpoints: Endpoints): void {
  const { now, hooks } = endpoints.access;
  const path = "/v2/policy-approvals";
  endpoints.read(path, "PolicyApprovals:Read", (c, { organisation }) => {
    const [status, initiator, approver] = FILTERS.map((name) => c.req.query(name));
    const shown = [...organisation.approvals.values()].filter(
      (one) =>
        (status === undefined || approvalStatus(one, now()) === status) &&
        (initiator === undefined || one.initiator === initiator) &&
        (approver === undefined || one.groups.some(({ approvers }) => approvers?.includes(approver) ?? true)),
    );
    return pageOf(c, "approvals", shown, (one) => approvalShape(one, now()), FILTERS);
  });
  endpoints.read(`${path}/:approvalId`, "PolicyApprovals:Read", (c, { organisation }) => {
    return approvalShape(approvalOf(organisation, c), now());
  });
  endpoints.logged("POST", `${path}/:approvalId/decisions`, (c, { session: { organisation } }) => {
    const shape = approvalShape(approvalOf(organisation, c), now());
    if (shape.status !== "Pending") hooks.publish(organisation.id, "policy.approval.resolved", { approval: shape });
    return shape;
  });
}
