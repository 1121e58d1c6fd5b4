import { AuthorityError } from "../error.ts";
import type { Actor } from "../log/authorise.ts";
import { idOf } from "../log/identifiers.ts";
import { checkMayDo, END_USER, EVERY_OPERATION } from "../log/permissions.ts";
import { type Change, existing, type Judged } from "../log/rule.ts";
import type { Assignment, Organisation, Permission, User } from "../log/state.ts";

/** Who signed; rules whose actions are signed always have one. */
export function actorIn({ actor }: Pick<Judged<unknown>, "actor">): Actor {
  if (actor === null) throw new AuthorityError("no_authorisation", "nobody signed this action");
  return actor;
}

/** What an identity was given, by permissions in force. */
export function operationsOf(organisation: Organisation, identity: string): ReadonlySet<string> {
  const operations = new Set<string>();
  for (const { identity: of, permission } of organisation.assignments.values()) {
    const { isArchived = true, operations: given = [] } = organisation.permissions.get(permission) ?? {};
    if (of === identity && !isArchived) for (const operation of given) operations.add(operation);
  }
  return operations;
}

/** Nobody gives what it does not have: else whoever may assign could do everything. @throws AuthorityError `not_permitted` */
export function checkMayGrant(organisation: Organisation, actor: Actor, operations: Iterable<string>): void {
  for (const operation of operations) checkMayDo(organisation, actor, operation);
}

/** Nobody but an administrator acts upon an administrator. @throws AuthorityError `not_permitted` */
export function checkMayTouch(organisation: Organisation, actor: Actor, user: User): void {
  if (operationsOf(organisation, user.id).has(EVERY_OPERATION)) checkMayDo(organisation, actor, EVERY_OPERATION);
}

/** The permission of that id, in force. @throws AuthorityError */
export function permissionIn(organisation: Organisation, id: string | undefined): Permission {
  const permission = existing(organisation.permissions, id, "permission");
  if (!permission.isArchived) return permission;
  throw new AuthorityError("conflict", `permission ${permission.id} is archived`, { field: "permissionId" });
}

/**
 * Gives a new identity a permission; nothing for none.
 *
 * @throws AuthorityError unless the actor may assign, and has itself what the permission gives
 */
export function newAssignment(judged: Judged<unknown>, permissionId: string | undefined, identity: string): Change {
  if (permissionId === undefined) return () => {};
  const { organisation } = judged;
  const permission = permissionIn(organisation, permissionId);
  checkMayDo(organisation, actorIn(judged), "Permissions:Assign");
  checkMayGrant(organisation, actorIn(judged), permission.operations);
  return assignment(judged, permission, identity);
}

/** The assignment itself, whoever may make it. */
export function assignment(
  { organisation, hash, time }: Judged<unknown>,
  permission: Permission,
  identity: string,
): Change {
  const made = { id: idOf("as", hash), permission: permission.id, identity, isImmutable: false, created: time };
  return () => organisation.assignments.set(made.id, made);
}

/** What every end user is given. */
export function endUserPermission(organisation: Organisation): Permission {
  for (const one of organisation.permissions.values()) if (one.isImmutable && one.name === END_USER) return one;
  throw new AuthorityError("bad_record", "the log has no permission of end users");
}

/** Who has every operation, and can act. */
function admins(organisation: Organisation, isLeft: (assignment: Assignment) => boolean): number {
  const found = new Set<string>();
  for (const one of organisation.assignments.values()) {
    const user = organisation.users.get(one.identity);
    const { isArchived = true, operations = [] } = organisation.permissions.get(one.permission) ?? {};
    if (user === undefined || !user.isActive || user.isArchived || !user.isRegistered) continue;
    if (!isArchived && operations.includes(EVERY_OPERATION) && isLeft(one)) found.add(user.id);
  }
  return found.size;
}

/** An organisation that nobody administers is lost. @param isLeft which assignments there still are @throws AuthorityError `conflict` */
export function checkAdminLeft(organisation: Organisation, isLeft: (assignment: Assignment) => boolean): void {
  if (admins(organisation, isLeft) > 0) return;
  throw new AuthorityError("conflict", "nobody would be left to administer the organisation", {
    hint: "give another user full access first",
  });
}

/** As `checkAdminLeft`, for a user that goes. @throws AuthorityError `conflict` */
export function checkNotLastAdmin(organisation: Organisation, userId: string): void {
  checkAdminLeft(organisation, ({ identity }) => identity !== userId);
}
