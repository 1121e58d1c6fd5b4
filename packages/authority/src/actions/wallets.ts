import { z } from "zod";
import { AuthorityError } from "../error.ts";
import type { Actor } from "../log/authorise.ts";
import { idOf } from "../log/identifiers.ts";
import { checkMayDo } from "../log/permissions.ts";
import { type Change, existing, type Judged, rule } from "../log/rule.ts";
import type { KeyEntity, Wallet } from "../log/state.ts";
import { type KeySpec, keySpecsOf } from "../wallet-network.ts";
import { externalId, id, words } from "./fields.ts";
import { childOf, delegateKey, deriveFrom, keySpec, newKey, usableKey } from "./keys.ts";

/** The most labels that a wallet carries. */
const MAX_TAGS = 100;
const tags = z.array(words(50)).min(1).max(10);
/** The name of a network: not a closed list, since only addresses and transactions depend on knowing it. */
export const network = z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,49}$/, "the name of a network such as EthereumSepolia");

const create = z.strictObject({
  network,
  signingKey: z
    .strictObject({
      id: id.optional(),
      scheme: keySpec.scheme.optional(),
      curve: keySpec.curve.optional(),
      storeId: id.optional(),
      deriveFrom: deriveFrom.optional(),
    })
    .optional(),
  name: words(100).optional(),
  tags: z.array(words(50)).max(10).optional(),
  externalId: externalId.optional(),
  delegateTo: id.optional(),
  delayDelegation: z.boolean().optional(),
});
type Create = z.output<typeof create>;

/** The wallet that an action names, and its key; both in force, of whoever acts. @throws AuthorityError */
export function usableWallet(judged: Pick<Judged<unknown>, "organisation" | "actor" | "params">) {
  const wallet = existing(judged.organisation.wallets, judged.params.walletId, "wallet");
  if (wallet.archivedAt !== null)
    throw new AuthorityError("unknown_key", `wallet ${wallet.id} is archived`, { field: "walletId" });
  return { wallet, key: usableKey(judged, wallet.key) };
}

/** A new wallet; one of a key on a network. @throws AuthorityError */
export function newWallet(
  { organisation, hash, time }: Pick<Judged<unknown>, "organisation" | "hash" | "time">,
  key: KeyEntity,
  told: Pick<Wallet, "network"> & Partial<Wallet>,
): Wallet {
  checkSpec(told.network, key);
  for (const wallet of organisation.wallets.values()) {
    if (wallet.key !== key.id || wallet.network !== told.network || wallet.archivedAt !== null) continue;
    const hint = "a key has one wallet on each network: use that one";
    throw new AuthorityError("conflict", `key ${key.id} has wallet ${wallet.id} on ${told.network}`, {
      field: "signingKey.id",
      hint,
    });
  }
  return {
    ...{ id: idOf("wa", hash), key: key.id, name: null, externalId: null, tags: [], archivedAt: null, created: time },
    ...told,
  };
}

function sameSpec(one: KeySpec, other: KeySpec): boolean {
  return one.scheme === other.scheme && one.curve === other.curve;
}

/** @throws AuthorityError unless such keys have addresses on the network, or nothing is known of it */
function checkSpec(network: string, key: KeySpec): void {
  const specs = keySpecsOf(network);
  if (specs.length === 0 || specs.some((one) => sameSpec(one, key))) return;
  const hint = `${network} takes ${specs.map(({ scheme, curve }) => `${scheme} ${curve}`).join(", or ")}`;
  const problem = `signingKey: ${key.scheme} ${key.curve} is no key of ${network}`;
  throw new AuthorityError("invalid_input", problem, { field: "signingKey", hint });
}

/** The key that a wallet gets when its request names none. @throws AuthorityError */
function specOf({ network, signingKey: { scheme, curve } = {} }: Create): KeySpec {
  const specs = keySpecsOf(network);
  const spec = specs.find((one) => (scheme ?? one.scheme) === one.scheme && (curve ?? one.curve) === one.curve);
  if (spec !== undefined) return spec;
  if (scheme !== undefined && curve !== undefined) return { scheme, curve };
  const problem =
    specs.length === 0 ? `which key goes with ${network} is not known here` : `no key of ${network} is like that`;
  throw new AuthorityError("invalid_input", `signingKey: ${problem}`, {
    field: "signingKey",
    hint: "say signingKey.scheme and signingKey.curve",
  });
}

/** A child is of its parent's kind. @throws AuthorityError when the request says otherwise */
function childSpec({ signingKey = {} }: Create, { scheme, curve }: KeyEntity): KeySpec {
  if ((signingKey.scheme ?? scheme) === scheme && (signingKey.curve ?? curve) === curve) return { scheme, curve };
  const field = "signingKey.scheme";
  throw new AuthorityError("invalid_input", `${field}: a child is ${scheme} ${curve}, as its parent is`, { field });
}

function reused(judged: Judged<Create>, keyId: string): KeyEntity {
  const { signingKey = {}, delegateTo, delayDelegation } = judged.body;
  const other = (["scheme", "curve", "storeId", "deriveFrom"] as const).find((name) => signingKey[name] !== undefined);
  const beside = other === undefined ? undefined : `signingKey.${other}`;
  const field = beside ?? (delegateTo !== undefined ? "delegateTo" : delayDelegation ? "delayDelegation" : undefined);
  if (field !== undefined) {
    const hint = "the key that signingKey.id names has its kind and its owner already: leave it out";
    throw new AuthorityError("invalid_input", `${field}: does not go with signingKey.id`, { field, hint });
  }
  checkMayDo(judged.organisation, judged.actor as Actor, "Keys:Reuse");
  return usableKey(judged, keyId);
}

function createWallet(judged: Judged<Create>): Change {
  const { organisation, body } = judged;
  const { network, signingKey, name = null, externalId = null, delegateTo, delayDelegation = false } = body;
  if (delegateTo !== undefined && delayDelegation) {
    const field = "delayDelegation";
    throw new AuthorityError("invalid_input", `${field}: does not go with delegateTo`, { field });
  }
  const told = { network, name, externalId, tags: [...new Set(body.tags ?? [])] };
  if (signingKey?.id !== undefined) {
    const wallet = newWallet(judged, reused(judged, signingKey.id), told);
    return () => organisation.wallets.set(wallet.id, wallet);
  }
  const from = signingKey?.deriveFrom;
  const child = from === undefined ? undefined : childOf(judged, from);
  const spec = child === undefined ? specOf(body) : childSpec(body, child.parent);
  const derivedFrom = child?.derivedFrom ?? null;
  const key = newKey(judged, { ...spec, delayDelegation, derivedFrom }, delegateTo);
  const wallet = newWallet(judged, key, told);
  return () => {
    organisation.keys.set(key.id, key);
    organisation.wallets.set(wallet.id, wallet);
  };
}

function tagged(wallet: Wallet, tags: readonly string[]): Change {
  if (tags.length > MAX_TAGS) {
    throw new AuthorityError("conflict", `tags: a wallet has at most ${MAX_TAGS}`, { field: "tags" });
  }
  return () => {
    wallet.tags = tags;
  };
}

/** Wallets: made, named, labelled, given to an end user. They end with their key. */
export const walletRules = [
  rule({
    ...{ method: "POST", path: "/wallets", operation: "Wallets:Create", signed: true },
    body: create,
    judge: createWallet,
  }),
  rule({
    ...{ method: "PUT", path: "/wallets/:walletId", operation: "Wallets:Update", signed: true },
    body: z.strictObject({ name: words(100).nullable().optional(), externalId: externalId.nullable().optional() }),
    judge(judged) {
      const { wallet } = usableWallet(judged);
      const { name, externalId } = judged.body;
      return () => {
        if (name !== undefined) wallet.name = name;
        if (externalId !== undefined) wallet.externalId = externalId;
      };
    },
  }),
  rule({
    ...{ method: "PUT", path: "/wallets/:walletId/tags", operation: "Wallets:Tags:Add", signed: true },
    body: z.strictObject({ tags }),
    judge(judged) {
      const { wallet } = usableWallet(judged);
      return tagged(wallet, [...new Set([...wallet.tags, ...judged.body.tags])]);
    },
  }),
  rule({
    ...{ method: "DELETE", path: "/wallets/:walletId/tags", operation: "Wallets:Tags:Delete", signed: true },
    body: z.strictObject({ tags }),
    judge(judged) {
      const { wallet } = usableWallet(judged);
      const { tags } = judged.body;
      return tagged(
        wallet,
        wallet.tags.filter((one) => !tags.includes(one)),
      );
    },
  }),
  rule({
    ...{ method: "POST", path: "/wallets/:walletId/delegate", operation: "Wallets:Delegate", signed: true },
    body: z.strictObject({ userId: id }),
    judge(judged) {
      return delegateKey(judged.organisation, usableWallet(judged).key, judged.body.userId);
    },
  }),
];
