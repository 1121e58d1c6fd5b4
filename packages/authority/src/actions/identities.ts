import { AuthorityError } from "../error.ts";
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
