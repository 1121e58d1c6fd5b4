import { checkMayDo, type KeyEntity, type Organisation, type Wallet } from "@quorate/authority";
import type { KeyRecord } from "@quorate/coordinator";
import { InputError } from "@quorate/orders";
import type { Access } from "../access/access.ts";
import type { Session } from "../access/session.ts";

/** Whether a caller sees a key: an end user sees its own, all others those of the organisation and of its end users. */
export function sees({ user }: Pick<Session, "user">, key: KeyEntity): boolean {
  return user.kind !== "EndUser" || key.delegatedTo === user.id;
}

/** A key of the caller's organisation. @throws InputError `not_found`, also for what the caller does not see */
export function keyOf(session: Session, id: string): KeyEntity {
  const key = session.organisation.keys.get(id);
  if (key !== undefined && sees(session, key)) return key;
  throw new InputError("not_found", `no key ${id.slice(0, 64)}`, { field: "keyId" });
}

/** A wallet of the caller's organisation, and its key. @throws InputError `not_found` */
export function walletOf(session: Session, id: string): { readonly wallet: Wallet; readonly key: KeyEntity } {
  const wallet = session.organisation.wallets.get(id);
  const key = wallet === undefined ? undefined : session.organisation.keys.get(wallet.key);
  if (wallet !== undefined && key !== undefined && sees(session, key)) return { wallet, key };
  throw new InputError("not_found", `no wallet ${id.slice(0, 64)}`, { field: "walletId" });
}

/** What the signers made for a key; `undefined` while there is nothing: the log knows of it before they have made it. */
export function madeFor({ authority }: Access, key: Pick<KeyEntity, "id">): KeyRecord | undefined {
  try {
    return authority.key(key.id);
  } catch (error) {
    if (error instanceof InputError && error.code === "not_found") return undefined;
    throw error;
  }
}

/** Whose things are asked for: `owner` of the query, by id or by name. */
export function ownedBy(organisation: Organisation, owner: string | undefined): (key: KeyEntity) => boolean {
  if (owner === undefined) return () => true;
  const user = [...organisation.users.values()].find((one) => one.id === owner || one.username === owner);
  return (key) => user !== undefined && key.delegatedTo === user.id;
}

/** @throws AuthorityError `not_permitted` */
export function mayRead(session: Session, operation: string): void {
  checkMayDo(session.organisation, session, operation);
}
