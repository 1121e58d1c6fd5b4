import { checkOwner } from "../actions/ownership.ts";
import type { Assertion } from "../credentials/types.ts";
import { AuthorityError } from "../error.ts";
import { evaluatePolicies } from "../policies/evaluate.ts";
import { type Authorised, authorise } from "./authorise.ts";
import { actionPath } from "./challenge.ts";
import { checkMayDo } from "./permissions.ts";
import { existing, matchPath } from "./rule.ts";
import type { AdmittedRequest, KeyEntity, Organisation, Wallet } from "./state.ts";

/** A user's signed request for a signature, as it reaches coordinator and signers. */
export interface SignatureAction {
  readonly method: string;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly assertion: Assertion;
}

/** A request for a signature that may be answered: with which key, and what it counts as. */
export interface PermittedSignature {
  readonly key: KeyEntity;
  readonly wallet: Wallet | null;
  readonly form: SignatureForm;
  /** Who asked. */
  readonly user: string;
  readonly token: string | null;
  /** Hex, 32 bytes: what a signer binds to the one digest that it answers. */
  readonly authorisation: string;
  /** Milliseconds since 1970: no signer begins it afterwards. */
  readonly expires: number;
}

/** What a path asks for: a signature, the signature of a transaction that is then sent, or a transfer that the coordinator fills in. */
export type SignatureForm = "signature" | "transaction" | "transfer";

const FORMS: readonly { readonly path: string; readonly form: SignatureForm; readonly operation: string }[] = [
  { path: "/keys/:keyId/signatures", form: "signature", operation: "Keys:Signatures:Create" },
  { path: "/wallets/:walletId/signatures", form: "signature", operation: "Keys:Signatures:Create" },
  { path: "/wallets/:walletId/transactions", form: "transaction", operation: "Wallets:Transactions:Create" },
  { path: "/wallets/:walletId/transfers", form: "transfer", operation: "Wallets:Transfers:Create" },
];

/** What a request asks to be signed with, by its path alone. @throws AuthorityError */
export function signatureTarget(organisation: Organisation, path: string) {
  for (const { path: pattern, form, operation } of FORMS) {
    const params = matchPath(pattern, actionPath(path));
    if (params === undefined) continue;
    const wallet = params.walletId === undefined ? null : existing(organisation.wallets, params.walletId, "wallet");
    const key = existing(organisation.keys, wallet?.key ?? params.keyId, "key");
    return { key, wallet, form, operation };
  }
  throw new AuthorityError("no_authorisation", `${path.slice(0, 100)} asks for no signature`, { field: "path" });
}

/**
 * Whether a user may have this signed, now and with this state of the log: signed by them, permitted to them, with a key of theirs that is
 * in force, and held back by no policy.
 *
 * @throws AuthorityError; `policy` also for what has to be admitted to the log first
 */
export function permitSignature(
  organisation: Organisation,
  network: string,
  action: SignatureAction,
  now: number,
): PermittedSignature {
  if (action.method !== "POST")
    throw new AuthorityError("no_authorisation", "method: a signature is asked for by POST");
  const authorised = authorise(organisation, network, action, action.assertion, now);
  const permitted = checkSignature(organisation, authorised, action, now);
  const verdict = evaluatePolicies(organisation, {
    ...permitted,
    actor: authorised.actor,
    body: action.body,
    time: now,
  });
  if (verdict.kind === "block")
    throw new AuthorityError("policy", `policy ${verdict.policy} blocks this: ${verdict.reason}`);
  if (verdict.kind === "hold" || verdict.kind === "count") {
    throw new AuthorityError(
      "policy",
      `policy ${verdict.policies.join(", ")} applies: it has to be admitted to the log first`,
    );
  }
  return permitted;
}

/** All but the policies. @throws AuthorityError */
export function checkSignature(
  organisation: Organisation,
  authorised: Authorised,
  action: Pick<SignatureAction, "path">,
  now: number,
): PermittedSignature {
  const { key, wallet, form, operation } = signatureTarget(organisation, action.path);
  checkMayDo(organisation, authorised.actor, operation);
  checkOwner(authorised.actor, key);
  checkInForce(organisation, key, wallet, now);
  const { actor, challenge, id } = authorised;
  return {
    key,
    wallet,
    form,
    user: actor.user.id,
    token: actor.token?.id ?? null,
    authorisation: id,
    expires: challenge.expires,
  };
}

/**
 * Whether a request that was admitted to the log may be answered now.
 *
 * @throws AuthorityError
 */
export function permitAdmitted(
  organisation: Organisation,
  requestId: string,
  now: number,
): PermittedSignature & { readonly request: AdmittedRequest } {
  const request = existing(organisation.requests, requestId, "request");
  if (request.status !== "Admitted")
    throw new AuthorityError("policy", `request ${request.id} is ${request.status.toLowerCase()}`);
  if (now > request.deadline) throw new AuthorityError("expired", `request ${request.id} expired`);
  const { key, wallet, form } = signatureTarget(organisation, request.path);
  checkInForce(organisation, key, wallet, now);
  return {
    key,
    wallet,
    form,
    user: request.initiator,
    token: null,
    authorisation: request.record,
    expires: request.deadline,
    request,
  };
}

function checkInForce(organisation: Organisation, key: KeyEntity, wallet: Wallet | null, now: number): void {
  const root = key.derivedFrom === null ? key : existing(organisation.keys, key.derivedFrom.keyId, "key");
  for (const one of [key, root]) {
    if (one.archivedAt !== null) throw new AuthorityError("unknown_key", `key ${one.id} is archived`);
    if (one.exportedAt !== null && !organisation.settings.exportedKeysSign) {
      const hint = "the organisation's setting exportedKeysSign decides whether exported keys still sign";
      throw new AuthorityError("unknown_key", `key ${one.id} was exported and no longer signs`, { hint });
    }
    const lockedUntil =
      one.delegatedTo === null ? null : (organisation.users.get(one.delegatedTo)?.lockedUntil ?? null);
    if (lockedUntil !== null && now < lockedUntil) {
      throw new AuthorityError(
        "locked",
        `the keys of ${one.delegatedTo} are locked after a recovery until ${isoDate(lockedUntil)}`,
      );
    }
  }
  if (wallet !== null && wallet.archivedAt !== null)
    throw new AuthorityError("unknown_key", `wallet ${wallet.id} is archived`);
}

/** ISO 8601 in UTC from milliseconds since 1970, by the civil calendar (the core has no clock to ask). */
export function isoDate(ms: number): string {
  const days = Math.floor(ms / 86_400_000);
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const doe = z - era * 146_097;
  const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365);
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const day = doy - Math.floor((153 * mp + 2) / 5) + 1;
  const month = mp < 10 ? mp + 3 : mp - 9;
  const year = yoe + era * 400 + (month <= 2 ? 1 : 0);
  const two = (value: number, width = 2) => String(value).padStart(width, "0");
  const rest = ms - days * 86_400_000;
  const time = `${two(Math.floor(rest / 3_600_000))}:${two(Math.floor(rest / 60_000) % 60)}:${two(Math.floor(rest / 1000) % 60)}`;
  return `${two(year, 4)}-${two(month)}-${two(day)}T${time}.${two(rest % 1000, 3)}Z`;
}
