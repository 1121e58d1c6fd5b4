import { z } from "zod";
import { AuthorityError } from "../error.ts";
import { idOf } from "../log/identifiers.ts";
import { EVERY_OPERATION } from "../log/permissions.ts";
import { type Change, existing, type Judged, rule } from "../log/rule.ts";
import type { Organisation, Permission } from "../log/state.ts";
import { id, nothing, words } from "./fields.ts";
import { actorIn, checkAdminLeft, checkMayGrant, checkMayTouch, newAssignment, permissionIn } from "./grants.ts";

/** Unknown ones are taken too: the list grows with each release of the clients. */
const operation = z.union([z.string().regex(/^[A-Z][A-Za-z]*(:[A-Z][A-Za-z]*){1,3}$/), z.literal(EVERY_OPERATION)]);

const told = z.strictObject({ name: words(100), operations: z.array(operation).min(1).max(200) });

/** The permission that an action changes. @throws AuthorityError */
function changeable({ organisation, params }: Judged<unknown>): Permission {
  const permission = permissionIn(organisation, params.permissionId);
  if (!permission.isImmutable) return permission;
  throw new AuthorityError("conflict", `permission ${permission.id} is never changed`, {
    field: "permissionId",
    hint: "make another permission and assign that",
  });
}

function nameFree(organisation: Organisation, name: string, self?: Permission): void {
  for (const one of organisation.permissions.values()) {
    if (one === self || one.isArchived || one.name !== name) continue;
    throw new AuthorityError("conflict", `there is a permission ${name}`, { field: "name", hint: "take another name" });
  }
}

function update(judged: Judged<z.output<typeof told>>): Change {
  const { organisation, body, time } = judged;
  const permission = changeable(judged);
  nameFree(organisation, body.name, permission);
  // Whoever has the permission has at once what is added to it.
  const added = body.operations.filter((one) => !permission.operations.includes(one));
  checkMayGrant(organisation, actorIn(judged), added);
  if (permission.operations.includes(EVERY_OPERATION) && !body.operations.includes(EVERY_OPERATION)) {
    checkMayGrant(organisation, actorIn(judged), [EVERY_OPERATION]);
    checkAdminLeft(organisation, (one) => one.permission !== permission.id);
  }
  return () => {
    permission.name = body.name;
    permission.operations = [...new Set(body.operations)];
    permission.updated = time;
  };
}

function archive(judged: Judged<unknown>): Change {
  const { organisation, time } = judged;
  const permission = changeable(judged);
  if (permission.operations.includes(EVERY_OPERATION)) {
    checkMayGrant(organisation, actorIn(judged), [EVERY_OPERATION]);
  }
  checkAdminLeft(organisation, (one) => one.permission !== permission.id);
  return () => {
    permission.isArchived = true;
    permission.updated = time;
  };
}

/** The identity itself, in force; users are touched by those who may. @throws AuthorityError */
function checkIdentity(judged: Judged<unknown>, identity: string): void {
  const { organisation } = judged;
  const known = identity.startsWith("to-")
    ? existing(organisation.tokens, identity, "identity")
    : existing(organisation.users, identity, "identity");
  if (known.isArchived) throw new AuthorityError("not_found", `no identity ${identity}`, { field: "identityId" });
  const user =
    "kind" in known && "user" in known ? organisation.users.get(known.user) : organisation.users.get(known.id);
  if (user !== undefined) checkMayTouch(organisation, actorIn(judged), user);
}

function assign(judged: Judged<{ identityId: string }>): Change {
  const { organisation, body, params } = judged;
  const { identityId } = body;
  checkIdentity(judged, identityId);
  for (const one of organisation.assignments.values()) {
    if (one.identity !== identityId || one.permission !== params.permissionId) continue;
    throw new AuthorityError("conflict", `${identityId} has this permission: ${one.id}`, { field: "identityId" });
  }
  return newAssignment(judged, params.permissionId, identityId);
}

function revoke(judged: Judged<unknown>): Change {
  const { organisation, params } = judged;
  const one = existing(organisation.assignments, params.assignmentId, "assignment");
  if (one.permission !== params.permissionId) {
    throw new AuthorityError("not_found", `no assignment ${one.id} of this permission`, { field: "assignmentId" });
  }
  if (one.isImmutable) {
    throw new AuthorityError("conflict", `assignment ${one.id} is never changed`, {
      hint: "deactivate the user instead, once another has full access",
    });
  }
  const user = organisation.users.get(one.identity);
  if (user !== undefined) checkMayTouch(organisation, actorIn(judged), user);
  else checkNotWidened(organisation, one.identity);
  checkAdminLeft(organisation, ({ id }) => id !== one.id);
  return () => organisation.assignments.delete(one.id);
}

/** A token without a permission of its own does all that its user does. @throws AuthorityError `conflict` */
function checkNotWidened(organisation: Organisation, token: string): void {
  const count = [...organisation.assignments.values()].filter(({ identity }) => identity === token).length;
  if (count > 1) return;
  throw new AuthorityError("conflict", `without this permission token ${token} could do all that its user can`, {
    hint: "assign it another permission first, or delete the token",
  });
}

/** Permissions: made, changed, archived, given and taken. */
export const permissionRules = [
  rule({
    ...{ method: "POST", path: "/permissions", operation: "Permissions:Create", signed: true },
    body: told,
    judge({ organisation, body, hash, time }) {
      nameFree(organisation, body.name);
      const operations = [...new Set(body.operations)];
      const common = { isImmutable: false, isArchived: false, created: time, updated: time };
      const permission: Permission = { id: idOf("pm", hash), name: body.name, operations, ...common };
      return () => organisation.permissions.set(permission.id, permission);
    },
  }),
  rule({
    ...{ method: "PUT", path: "/permissions/:permissionId", operation: "Permissions:Update", signed: true },
    body: told,
    judge: update,
  }),
  rule({
    ...{ method: "PUT", path: "/permissions/:permissionId/archive", operation: "Permissions:Archive", signed: true },
    takesAway: true,
    // For good: to bring a permission back would be to give it again to all who had it.
    body: z.strictObject({
      isArchived: z.literal(true, "only true: make a new permission instead of bringing one back"),
    }),
    judge: archive,
  }),
  rule({
    ...{
      method: "POST",
      path: "/permissions/:permissionId/assignments",
      operation: "Permissions:Assign",
      signed: true,
    },
    body: z.strictObject({ identityId: id }),
    judge: assign,
  }),
  rule({
    ...{
      method: "DELETE",
      path: "/permissions/:permissionId/assignments/:assignmentId",
      operation: "Permissions:Revoke",
      signed: true,
    },
    takesAway: true,
    body: nothing,
    judge: revoke,
  }),
];
