import { AuthorityError } from "../error.ts";
import { idOf } from "../log/identifiers.ts";
import { EVERY_OPERATION } from "../log/permissions.ts";
import { type Change, existing, type Judged } from "../log/rule.ts";
import type { Organisation, User } from "../log/state.ts";

/** @throws AuthorityError `conflict` when somebody here has the name */
export function usernameFree(organisation: Organisation, username: string): void {
  for (const user of organisation.users.values()) {
    if (user.username !== username || user.isArchived) continue;
    throw new AuthorityError("conflict", `${username} exists already`, {
      field: "username",
      hint: "take another name",
    });
  }
}

/**
 * Gives an identity a permission; nothing for none. Nobody gives what it may not assign.
 *
 * @throws AuthorityError
 */
export function newAssignment(
  { organisation, hash, time }: Judged<unknown>,
  permissionId: string | undefined,
  identity: string,
): Change {
  if (permissionId === undefined) return () => {};
  const permission = existing(organisation.permissions, permissionId, "permission");
  if (permission.isArchived)
    throw new AuthorityError("conflict", `permission ${permission.id} is archived`, { field: "permissionId" });
  const assignment = { id: idOf("as", hash), permission: permission.id, identity, isImmutable: false, created: time };
  return () => organisation.assignments.set(assignment.id, assignment);
}

/** An organisation that nobody administers is lost. @throws AuthorityError `conflict` */
export function checkNotLastAdmin(organisation: Organisation, userId: string): void {
  const admins = new Set<string>();
  for (const { identity, permission } of organisation.assignments.values()) {
    const user = organisation.users.get(identity);
    if (user === undefined || !user.isActive || user.isArchived || !user.isRegistered) continue;
    if (organisation.permissions.get(permission)?.operations.includes(EVERY_OPERATION) === true) admins.add(identity);
  }
  if (!admins.has(userId) || admins.size > 1) return;
  throw new AuthorityError("conflict", `${userId} is the last administrator`, {
    hint: "give another user full access first",
  });
}

/** A user and all that acts for it end for good. */
export function retire(organisation: Organisation, user: User): void {
  user.isArchived = true;
  user.isActive = false;
  archiveCredentials(organisation, user.id);
}

/** All credentials and tokens of a user end for good. */
export function archiveCredentials(organisation: Organisation, userId: string): void {
  for (const credential of organisation.credentials.values()) {
    if (credential.user !== userId) continue;
    credential.isActive = false;
    credential.isArchived = true;
  }
  for (const token of organisation.tokens.values()) {
    if (token.user !== userId) continue;
    token.isActive = false;
    token.isArchived = true;
  }
}
