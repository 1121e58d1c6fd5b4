import { checkOwner } from "../actions/ownership.ts";
import type { Assertion } from "../credentials/types.ts";
import { AuthorityError } from "../error.ts";
import { evaluatePolicies } from "../policies/evaluate.ts";
import { remembered } from "../remembered.ts";
import { isOpen, mustBeAdmitted } from "../transfers/open.ts";
import { type Actor, authorise } from "./authorise.ts";
import { actionPath, bodyDigest } from "./challenge.ts";
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
  /** `bodyDigest` of the body that was signed, hex: nothing else is derived from. */
  readonly bodyDigest: string;
  /** The transaction that stands in the log for a body that leaves something open, hex behind 0x. */
  readonly filled: string | null;
  /** Hex, 32 bytes: what a signer binds to the one digest that it answers. The same for a request that was admitted to the log. */
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

/** The paths of requests for signatures. */
export const SIGNATURE_PATHS: readonly string[] = FORMS.map(({ path }) => path);

/** What a request asks to be signed with, by its path alone. @throws AuthorityError */
export function signatureTarget(organisation: Organisation, path: string) {
  const { params, form, operation } = formOf(path);
  const wallet = params.walletId === undefined ? null : existing(organisation.wallets, params.walletId, "wallet");
  const key = existing(organisation.keys, wallet?.key ?? params.keyId, "key");
  return { key, wallet, form, operation };
}

const formOf = remembered((path) => {
  for (const { path: pattern, form, operation } of FORMS) {
    const params = matchPath(pattern, actionPath(path));
    if (params !== undefined) return { params, form, operation };
  }
  throw new AuthorityError("no_authorisation", `${path.slice(0, 100)} asks for no signature`, { field: "path" });
});

/**
 * Whether a user may have this signed, now and with this state of the log: signed by them, permitted to them, with a key of theirs that is
 * in force, and held back by no policy.
 *
 * @throws AuthorityError; `policy` also for what has to be admitted to the log first, `must_be_admitted` where the body leaves something
 * open; InputError
 */
export function permitSignature(
  organisation: Organisation,
  network: string,
  action: SignatureAction,
  now: number,
): PermittedSignature {
  const { permitted, verdict } = judgeSignature(organisation, network, action, now);
  if (verdict.kind === "pass" && isOpen(permitted.form, action.body)) throw mustBeAdmitted();
  if (verdict.kind === "pass") return permitted;
  const named = verdict.policies.join(", ");
  throw new AuthorityError("policy", `policy ${named} applies: it has to be admitted to the log first`);
}

/** Whether a request has to be put into the log before it is signed. @throws AuthorityError when it may not be signed at all; InputError */
export function needsAdmission(
  organisation: Organisation,
  network: string,
  action: SignatureAction,
  now: number,
): boolean {
  const { permitted, verdict } = judgeSignature(organisation, network, action, now);
  return verdict.kind !== "pass" || isOpen(permitted.form, action.body);
}

function judgeSignature(organisation: Organisation, network: string, action: SignatureAction, now: number) {
  if (action.method !== "POST")
    throw new AuthorityError("no_authorisation", "method: a signature is asked for by POST");
  const authorised = authorise(organisation, network, action, action.assertion, now);
  if (organisation.used.has(authorised.id)) {
    throw new AuthorityError("already_used", "this authorisation was used for a record of the log");
  }
  const { actor, challenge, id } = authorised;
  const target = checkSignature(organisation, actor, action.path, now);
  const verdict = evaluatePolicies(organisation, { ...target, actor, body: action.body, time: now });
  if (verdict.kind === "block") throw blocked(verdict);
  const who = { user: actor.user.id, token: actor.token?.id ?? null };
  const permitted: PermittedSignature = {
    ...{ ...target, ...who, bodyDigest: challenge.body, filled: null, authorisation: id, expires: challenge.expires },
  };
  return { permitted, verdict };
}

/** The refusal of what a policy blocks. */
export function blocked(verdict: { readonly policy: string; readonly reason: string }): AuthorityError {
  return new AuthorityError("policy", `policy ${verdict.policy} blocks this: ${verdict.reason}`);
}

/** All but the policies: what is signed with which key, permitted to whoever asks, with a key of theirs that is in force. @throws AuthorityError */
export function checkSignature(
  organisation: Organisation,
  actor: Pick<Actor, "user" | "token">,
  path: string,
  now: number,
) {
  const { key, wallet, form, operation } = signatureTarget(organisation, path);
  checkMayDo(organisation, actor, operation);
  checkOwner(actor, key);
  checkInForce(organisation, key, wallet, now);
  return { key, wallet, form };
}

/**
 * Whether a request that was admitted to the log may be answered now: whoever asked for it still may.
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
  const target = checkSignature(organisation, initiatorOf(organisation, request, now), request.path, now);
  return {
    ...target,
    ...{ user: request.initiator, token: request.token, bodyDigest: bodyDigest(request.body) },
    ...{ filled: request.filled, authorisation: request.authorisation, expires: request.deadline, request },
  };
}

/** Days may lie between a request and its approval: whoever was deactivated since gets nothing signed. */
function initiatorOf(organisation: Organisation, request: AdmittedRequest, now: number): Pick<Actor, "user" | "token"> {
  const user = existing(organisation.users, request.initiator, "user");
  if (!user.isActive || user.isArchived) throw new AuthorityError("inactive_user", `user ${user.id} is not active`);
  const token = request.token === null ? null : existing(organisation.tokens, request.token, "token");
  if (token !== null && (!token.isActive || token.isArchived || now > token.expires)) {
    throw new AuthorityError("inactive_credential", `token ${token.id} is not active`);
  }
  return { user, token };
}

function checkInForce(organisation: Organisation, key: KeyEntity, wallet: Wallet | null, now: number): void {
  const root = key.derivedFrom === null ? key : existing(organisation.keys, key.derivedFrom.keyId, "key");
  for (const one of [key, root]) {
    if (one.archivedAt !== null) throw new AuthorityError("unknown_key", `key ${one.id} is archived`);
    if (one.exportedAt !== null && !organisation.settings.exportedKeysSign) {
      const hint = "the organisation's setting exportedKeysSign decides whether exported keys still sign";
      throw new AuthorityError("unknown_key", `key ${one.id} was exported and no longer signs`, { hint });
    }
    checkUnlocked(organisation, one, now);
  }
  if (wallet !== null && wallet.archivedAt !== null)
    throw new AuthorityError("unknown_key", `wallet ${wallet.id} is archived`);
}

/** After a recovery the keys of a user do nothing for a while, nor leave: a key that is exported signs elsewhere. @throws AuthorityError `locked` */
export function checkUnlocked({ users }: Organisation, { delegatedTo }: KeyEntity, now: number): void {
  const lockedUntil = delegatedTo === null ? null : (users.get(delegatedTo)?.lockedUntil ?? null);
  if (lockedUntil === null || now >= lockedUntil) return;
  const problem = `the keys of ${delegatedTo} are locked after a recovery until ${isoDate(lockedUntil)}`;
  throw new AuthorityError("locked", problem);
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
