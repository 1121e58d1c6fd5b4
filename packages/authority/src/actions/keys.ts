import { z } from "zod";
import { AuthorityError } from "../error.ts";
import { idOf } from "../log/identifiers.ts";
import { type Change, existing, type Judged, rule } from "../log/rule.ts";
import type { KeyEntity, Organisation } from "../log/state.ts";
import { id, nothing, words } from "./fields.ts";
import { checkOwner, checkSoleOwner, delegable } from "./ownership.ts";

/** What a key can be: scheme and curve. */
export const keySpec = {
  scheme: z.enum(["EdDSA", "Schnorr", "ECDSA"]),
  curve: z.enum(["ed25519", "secp256k1", "secp256r1"]),
};

const COMBINATIONS = ["EdDSA ed25519", "Schnorr secp256k1", "ECDSA secp256k1", "ECDSA secp256r1"];

/** What names the parent of a child. */
export const deriveFrom = z.strictObject({
  keyId: id,
  path: z
    .string()
    .max(200)
    .regex(/^m(\/(0|[1-9][0-9]{0,9})){1,10}$/, "a path such as m/44/60/0")
    .optional(),
});

const create = z.strictObject({
  ...keySpec,
  name: words(100).optional(),
  deriveFrom: deriveFrom.optional(),
  storeId: id.optional(),
  masterKey: z.boolean().optional(),
  delegateTo: id.optional(),
  delayDelegation: z.boolean().optional(),
  // Ours, beside what Dfns has: clients that know nothing of them lose nothing.
  minSigners: z.int().min(2).max(15).optional(),
  presign: z.int().min(0).max(4096).optional(),
});

/** A new key of an organisation, or of one of its end users. @throws AuthorityError */
export function newKey(
  { organisation, hash, time, actor }: Pick<Judged<unknown>, "organisation" | "hash" | "time" | "actor">,
  told: Pick<KeyEntity, "scheme" | "curve"> & Partial<Omit<KeyEntity, "scheme" | "curve">>,
  delegateTo: string | undefined,
): KeyEntity {
  if (!COMBINATIONS.includes(`${told.scheme} ${told.curve}`)) {
    const hint = `there are ${COMBINATIONS.join(", ")}`;
    throw new AuthorityError("invalid_input", `curve: ${told.curve} does not go with ${told.scheme}`, {
      field: "curve",
      hint,
    });
  }
  const owner = delegateTo ?? (actor?.user.kind === "EndUser" ? actor.user.id : undefined);
  if (owner !== undefined) delegable(organisation, owner);
  const key: KeyEntity = {
    ...{ id: idOf("key", hash), record: hash, minSigners: null, name: null, creator: actor?.user.id ?? "" },
    ...{ delegatedTo: owner ?? null, delayDelegation: false, derivedFrom: null, imported: false },
    ...{ causes: new Map(), exportedAt: null, archivedAt: null, created: time },
    ...told,
  };
  if (key.derivedFrom !== null) checkSoleOwner(organisation, key, key.delegatedTo);
  return key;
}

/** The key that an action names, in force, of whoever acts. @throws AuthorityError */
export function usableKey(
  { organisation, actor, params }: Pick<Judged<unknown>, "organisation" | "actor" | "params">,
  keyId = params.keyId,
): KeyEntity {
  const key = existing(organisation.keys, keyId, "key");
  if (key.archivedAt !== null) throw new AuthorityError("unknown_key", `key ${key.id} is archived`, { field: "keyId" });
  checkOwner(actor, key);
  return key;
}

/** The key that was made, of which this one is a child; itself for a key that was made. @throws AuthorityError `not_found` */
export function rootOf(organisation: Organisation, key: KeyEntity): KeyEntity {
  return key.derivedFrom === null ? key : existing(organisation.keys, key.derivedFrom.keyId, "key");
}

/** Where a child lies, told from the key that was made: at the next free index unless it is said where. @throws AuthorityError */
export function childOf(
  judged: Pick<Judged<unknown>, "organisation" | "actor" | "params">,
  told: z.output<typeof deriveFrom>,
): { readonly parent: KeyEntity; readonly derivedFrom: NonNullable<KeyEntity["derivedFrom"]> } {
  const parent = usableKey(judged, told.keyId);
  const { keyId, path: above } = parent.derivedFrom ?? { keyId: parent.id, path: "m" };
  const path = told.path === undefined ? nextBelow(judged.organisation, keyId, above) : `${above}${told.path.slice(1)}`;
  return { parent, derivedFrom: { keyId, path } };
}

function nextBelow({ keys }: Organisation, root: string, above: string): string {
  const children = [...keys.values()].flatMap(({ derivedFrom }) =>
    derivedFrom?.keyId === root ? derivedFrom.path : [],
  );
  const taken = new Set(children);
  let index = 0;
  while (taken.has(`${above}/${index}`)) index += 1;
  return `${above}/${index}`;
}

/** Gives a key to an end user, for good; its wallets go with it. @throws AuthorityError */
export function delegateKey(organisation: Organisation, key: KeyEntity, recipient: string): Change {
  if (key.delegatedTo !== null || !key.delayDelegation) {
    const problem = key.delegatedTo === null ? "was not made to be delegated" : "is delegated already";
    const hint = "make the key with delayDelegation: true, or with delegateTo at once";
    throw new AuthorityError("conflict", `key ${key.id} ${problem}`, { field: "keyId", hint });
  }
  delegable(organisation, recipient);
  checkSoleOwner(organisation, key, recipient);
  return () => {
    key.delegatedTo = recipient;
  };
}

/** Keys: made, named, archived, given to an end user. */
export const keyRules = [
  rule({
    ...{ method: "POST", path: "/keys", operation: "Keys:Create", signed: true },
    body: create,
    judge(judged) {
      const { organisation, body } = judged;
      const { scheme, curve, name = null, minSigners = null, deriveFrom, delegateTo, delayDelegation = false } = body;
      if (body.masterKey === true) {
        throw new AuthorityError("invalid_input", "masterKey: every key can have children here", {
          field: "masterKey",
          hint: "leave it out",
        });
      }
      if (delegateTo !== undefined && delayDelegation) {
        throw new AuthorityError("invalid_input", "delayDelegation: does not go with delegateTo", {
          field: "delayDelegation",
        });
      }
      const child = deriveFrom === undefined ? undefined : childOf(judged, deriveFrom);
      if (child !== undefined && (child.parent.scheme !== scheme || child.parent.curve !== curve)) {
        const problem = `scheme: a child of ${child.parent.id} is ${child.parent.scheme} ${child.parent.curve} as well`;
        throw new AuthorityError("invalid_input", problem, { field: "scheme" });
      }
      const derivedFrom = child?.derivedFrom ?? null;
      const key = newKey(judged, { scheme, curve, name, minSigners, delayDelegation, derivedFrom }, delegateTo);
      return () => organisation.keys.set(key.id, key);
    },
  }),
  rule({
    ...{ method: "PUT", path: "/keys/:keyId", operation: "Keys:Update", signed: true },
    body: z.strictObject({ name: words(100).nullable() }),
    judge(judged) {
      const key = usableKey(judged);
      return () => {
        key.name = judged.body.name;
      };
    },
  }),
  rule({
    ...{ method: "DELETE", path: "/keys/:keyId", operation: "Keys:Delete", signed: true },
    takesAway: true,
    body: nothing,
    judge(judged) {
      const key = usableKey(judged);
      return () => {
        key.archivedAt = judged.time;
        for (const wallet of judged.organisation.wallets.values()) {
          if (wallet.key === key.id) wallet.archivedAt = judged.time;
        }
      };
    },
  }),
  rule({
    ...{ method: "POST", path: "/keys/:keyId/delegate", operation: "Keys:Delegate", signed: true },
    body: z.strictObject({ delegateTo: id }),
    judge(judged) {
      return delegateKey(judged.organisation, usableKey(judged), judged.body.delegateTo);
    },
  }),
];
