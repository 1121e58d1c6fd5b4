import { AuthorityError } from "../error.ts";
import type { Actor } from "./authorise.ts";
import type { Organisation, User } from "./state.ts";

/** The permission of the first user: everything, for ever. */
export const FULL_ADMIN = "ManagedFullAdminAccess";
/** The permission of every end user: what it says, on what the user owns. */
export const END_USER = "ManagedDefaultEndUserAccess";
/** In a permission: every operation. */
export const EVERY_OPERATION = "*";

/** Whether an identity (`us-…` or `to-…`) was given an operation. */
function given(organisation: Organisation, identity: string, operation: string): boolean {
  for (const assignment of organisation.assignments.values()) {
    if (assignment.identity !== identity) continue;
    const permission = organisation.permissions.get(assignment.permission);
    if (permission === undefined || permission.isArchived) continue;
    if (permission.operations.includes(operation) || permission.operations.includes(EVERY_OPERATION)) return true;
  }
  return false;
}

function narrowed(organisation: Organisation, token: string): boolean {
  for (const assignment of organisation.assignments.values()) if (assignment.identity === token) return true;
  return false;
}

/**
 * Whether an actor may do an operation such as `Keys:Create`: its user was given it, and a token that was given permissions of its own was
 * given it as well, so that a token never does more than its user.
 */
export function mayDo(
  organisation: Organisation,
  { user, token }: Pick<Actor, "user" | "token">,
  operation: string,
): boolean {
  if (!given(organisation, user.id, operation)) return false;
  return token === null || !narrowed(organisation, token.id) || given(organisation, token.id, operation);
}

/** @throws AuthorityError `not_permitted` naming user kind, user id and operation */
export function checkMayDo(organisation: Organisation, actor: Pick<Actor, "user" | "token">, operation: string): void {
  if (mayDo(organisation, actor, operation)) return;
  const through = actor.token === null ? "" : ` through token ${actor.token.id}`;
  throw new AuthorityError("not_permitted", `${described(actor.user)}${through} is not permitted ${operation}`, {
    hint: `an administrator can assign a permission with ${operation} to ${actor.user.id}`,
  });
}

function described({ kind, id }: User): string {
  return `${kind} ${id}`;
}
