import { H } from "@quorate/curves";
import { hex } from "@quorate/orders";
import { canonicalJson } from "../canonical-json.ts";
import type { Approval, Organisation } from "../log/state.ts";
import type { ApprovalGroup, PolicyAction } from "./schema.ts";

const MINUTE_MS = 60_000;

/** What an approver's challenge names under the approval's id: hex, 32 bytes, of the very activity that is approved. */
export function activityDigest(activity: Approval["activity"]): string {
  return hex(H("authority/v1", "activity", Buffer.from(canonicalJson(activity))));
}

/** Where an approval stands at a time, milliseconds since 1970: nothing in the log says that one expired. */
export function approvalStatus({ status, expires }: Approval, now: number): Approval["status"] | "Expired" {
  return status === "Pending" && expires !== null && now > expires ? "Expired" : status;
}

/** Who must agree by these policies, and until when. */
export function demands(organisation: Organisation, policies: readonly string[], time: number) {
  const actions = policies
    .map((id) => organisation.policies.get(id)?.action as unknown as PolicyAction)
    .filter((action) => action.kind === "RequestApproval");
  const timeouts = actions.flatMap(({ autoRejectTimeout }) => autoRejectTimeout ?? []);
  return {
    groups: actions.flatMap(({ approvalGroups }) => approvalGroups.map(groupOf)),
    expires: timeouts.length === 0 ? null : time + Math.min(...timeouts) * MINUTE_MS,
  };
}

function groupOf({ name, quorum, approvers, initiatorCanApprove = false }: ApprovalGroup) {
  return { name: name ?? null, quorum, approvers: approvers.userId?.in ?? null, initiatorCanApprove };
}

type Group = Approval["groups"][number];

/** Whether a user counts in a group. */
export function mayDecide(group: Group, user: string, initiator: string): boolean {
  if (user === initiator && !group.initiatorCanApprove) return false;
  return group.approvers === null || group.approvers.includes(user);
}

/** Whether all groups have their quorum; a decision counts in each group of its user. */
export function isApproved({ groups, decisions, initiator }: Pick<Approval, "groups" | "decisions" | "initiator">) {
  const approved = decisions.filter(({ value }) => value === "Approved");
  return groups.every(
    (group) => approved.filter(({ user }) => mayDecide(group, user, initiator)).length >= group.quorum,
  );
}
