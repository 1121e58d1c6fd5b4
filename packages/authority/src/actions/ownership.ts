import { AuthorityError } from "../error.ts";
import type { Actor } from "../log/authorise.ts";
import { existing } from "../log/rule.ts";
import type { KeyEntity, Organisation } from "../log/state.ts";
import { isSameKey } from "../policies/evaluate.ts";

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

/**
 * Whether a key can be somebody's alone. The same child made twice is one key; who holds the key above could compute it; and a key that
 * was exported is held by whoever it was sealed to.
 *
 * @param owner `null` for the organisation
 * @throws AuthorityError `conflict`
 */
export function checkSoleOwner(organisation: Organisation, key: KeyEntity, owner: string | null): void {
  for (const other of organisation.keys.values()) {
    if (other.id === key.id || other.delegatedTo === owner || !isSameKey(other, key)) continue;
    throw new AuthorityError("conflict", `key ${other.id} is the same key, and of another owner`, {
      field: "deriveFrom",
      hint: "derive another path",
    });
  }
  const root = key.derivedFrom === null ? key : existing(organisation.keys, key.derivedFrom.keyId, "key");
  if (root.exportedAt !== null && root.delegatedTo !== owner) {
    throw new AuthorityError("conflict", `key ${root.id} was exported: whoever has it would have what is given away`, {
      hint: "make a new key",
    });
  }
  checkChildrenOwned(organisation, key, owner);
}

/** Whoever has a key whole has all its children. @throws AuthorityError `conflict` where one of them is not the owner's */
export function checkChildrenOwned({ keys }: Organisation, key: KeyEntity, owner: string | null): void {
  for (const child of keys.values()) {
    if (child.derivedFrom?.keyId !== key.id || child.delegatedTo === owner) continue;
    throw new AuthorityError(
      "conflict",
      `its child ${child.id} is of another owner, who would lose it to whoever has key ${key.id}`,
    );
  }
}

/** @throws AuthorityError unless keys can be given to this user */
export function delegable(organisation: Organisation, userId: string): void {
  const user = existing(organisation.users, userId, "user");
  if (user.kind === "EndUser" && !user.isArchived) return;
  const hint = "register the user with POST /auth/registration/delegated first";
  throw new AuthorityError("invalid_input", `delegateTo: ${userId} is no end user`, { field: "delegateTo", hint });
}
