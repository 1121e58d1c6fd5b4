import { AuthorityError } from "../error.ts";
import type { Actor } from "../log/authorise.ts";
import { existing } from "../log/rule.ts";
import type { KeyEntity, Organisation } from "../log/state.ts";

/**
 * Whose a key is: one that was given to an end user obeys that user alone; all others are the organisation's, and no end user's.
 *
 * @throws AuthorityError `not_permitted` with the cause
 */
export function checkOwner(actor: Pick<Actor, "user"> | null, key: KeyEntity): void {
  const isEndUser = actor?.user.kind === "EndUser";
  if (key.delegatedTo === null && !isEndUser) return;
  if (key.delegatedTo !== null && key.delegatedTo === actor?.user.id) return;
  const whose = key.delegatedTo === null ? "is not delegated to anybody" : `is delegated to ${key.delegatedTo}`;
  const hint =
    key.delegatedTo === null
      ? "make the key with delegateTo, or with delayDelegation and delegate it later"
      : "its owner signs: use the delegated client with that user's credential";
  throw new AuthorityError("not_permitted", `key ${key.id} ${whose}: ${actor?.user.id ?? "nobody"} cannot use it`, {
    hint,
  });
}

/** @throws AuthorityError unless keys can be given to this user */
export function delegable(organisation: Organisation, userId: string): void {
  const user = existing(organisation.users, userId, "user");
  if (user.kind === "EndUser" && !user.isArchived) return;
  const hint = "register the user with POST /auth/registration/delegated first";
  throw new AuthorityError("invalid_input", `delegateTo: ${userId} is no end user`, { field: "delegateTo", hint });
}
