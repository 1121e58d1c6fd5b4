import type { Actor } from "../log/authorise.ts";
import type { SignatureForm } from "../log/signature-request.ts";
import type { AdmittedRequest, KeyEntity, Organisation, Policy, Wallet } from "../log/state.ts";
import { type Move, movesOf } from "./moves.ts";
import type { PolicyAction, PolicyFilters, PolicyRule } from "./schema.ts";

/** What a policy looks at: who wants what signed, with what, when. */
export interface Activity {
  readonly key: KeyEntity;
  readonly wallet: Wallet | null;
  readonly form: SignatureForm;
  readonly actor: Pick<Actor, "user">;
  readonly body: Readonly<Record<string, unknown>>;
  readonly time: number;
}

/** Of one policy: whether it applies, and why. */
export interface Evaluation {
  readonly policyId: string;
  readonly triggered: boolean;
  readonly reason: string;
}

/** `hold`: others must approve first; `count`: it counts against a limit, so that it has to be in the log before it is signed. */
export type Verdict = { readonly evaluations: readonly Evaluation[] } & (
  | { readonly kind: "pass" }
  | { readonly kind: "block"; readonly policy: string; readonly reason: string }
  | { readonly kind: "hold"; readonly policies: readonly string[] }
  | { readonly kind: "count"; readonly policies: readonly string[] }
);

const MINUTE_MS = 60_000;

/** What the policies of an organisation make of a request to sign. All of them look at it; the strictest decides. */
export function evaluatePolicies(organisation: Organisation, activity: Activity): Verdict {
  const looked = [...organisation.policies.values()]
    .filter((policy) => policy.archivedAt === null && covers(organisation, policy, activity.key))
    .map((policy) => ({ policy, ...judge(organisation, policy, activity) }));
  const evaluations = looked.map(({ policy, triggered, reason }) => ({ policyId: policy.id, triggered, reason }));
  const kindOf = ({ policy }: { policy: Policy }) => (policy.action as unknown as PolicyAction).kind;
  const block = looked.find((one) => one.triggered && kindOf(one) === "Block");
  if (block !== undefined) return { kind: "block", policy: block.policy.id, reason: block.reason, evaluations };
  const ids = (some: typeof looked) => some.map(({ policy }) => policy.id);
  const holding = looked.filter((one) => one.triggered && kindOf(one) === "RequestApproval");
  if (holding.length > 0) return { kind: "hold", policies: ids(holding), evaluations };
  const counting = looked.filter((one) => isVelocity(one.policy) && kindOf(one) !== "NoAction");
  if (counting.length > 0) return { kind: "count", policies: ids(counting), evaluations };
  return { kind: "pass", evaluations };
}

function ruleOf(policy: Policy): PolicyRule {
  return policy.rule as unknown as PolicyRule;
}

function isVelocity(policy: Policy): boolean {
  return ruleOf(policy).kind.endsWith("Velocity");
}

/** Whether two keys of the log are one and the same: the same child may have been made twice. */
export function isSameKey(one: KeyEntity, other: KeyEntity): boolean {
  if (one.id === other.id) return true;
  const [a, b] = [one.derivedFrom, other.derivedFrom];
  return a !== null && b !== null && a.keyId === b.keyId && a.path === b.path;
}

/**
 * Whether a policy is about a key: one with filters is about the keys of the wallets that they name, however the signature is asked for.
 * Otherwise a wallet's policy would not bind who asks its key, or another wallet of that key.
 */
function covers(organisation: Organisation, policy: Policy, key: KeyEntity): boolean {
  const { walletId, walletTags } = policy.filters as PolicyFilters;
  if (walletId === undefined && walletTags === undefined) return true;
  return [...organisation.wallets.values()].some((wallet) => {
    const own = organisation.keys.get(wallet.key);
    if (own === undefined || !isSameKey(own, key)) return false;
    if (walletId !== undefined && !walletId.in.includes(wallet.id)) return false;
    const { hasAny, hasAll } = walletTags ?? {};
    if (hasAny !== undefined && !hasAny.some((tag) => wallet.tags.includes(tag))) return false;
    return hasAll === undefined || hasAll.every((tag) => wallet.tags.includes(tag));
  });
}

/** Only keys of Ethereum sign its transactions: the bytes may be another transaction to a key of another kind. */
function movesWith(
  { settings }: Pick<Organisation, "settings">,
  { scheme, curve }: Pick<KeyEntity, "scheme" | "curve">,
  { form, body }: Pick<Activity, "form" | "body">,
): readonly Move[] | null {
  return scheme === "ECDSA" && curve === "secp256k1" ? movesOf(form, body, BigInt(settings.maxNetworkFee)) : null;
}

type Judgement = Pick<Evaluation, "triggered" | "reason">;
const UNREADABLE = { triggered: true, reason: "what it moves cannot be read from the request" };

function judge(organisation: Organisation, policy: Policy, activity: Activity): Judgement {
  const rule = ruleOf(policy);
  const moves = movesWith(organisation, activity.key, activity);
  switch (rule.kind) {
    case "AlwaysTrigger":
      return { triggered: true, reason: "applies to every request" };
    case "TransactionRecipientWhitelist":
      return whitelist(moves, rule.configuration.addresses);
    case "TransactionAmountLimit":
      return atMost(sumOf(moves), 0n, BigInt(rule.configuration.limit));
    case "TransactionAmountVelocity": {
      const { limit, timeframe } = rule.configuration;
      const before = within(organisation, activity, timeframe).map(
        (one) => sumOf(movesWith(organisation, activity.key, one)) ?? 0n,
      );
      const moved = before.reduce((sum, one) => sum + one, 0n);
      return atMost(sumOf(moves), moved, BigInt(limit));
    }
    case "TransactionCountVelocity": {
      const { limit, timeframe } = rule.configuration;
      const count = within(organisation, activity, timeframe).length + 1;
      return { triggered: count > limit, reason: `number ${count} in ${timeframe} minutes, ${limit} are allowed` };
    }
  }
}

function whitelist(moves: readonly Move[] | null, addresses: readonly string[]): Judgement {
  if (moves === null) return UNREADABLE;
  const allowed = new Set(addresses.map((one) => one.toLowerCase()));
  const stranger = moves.find(({ to }) => !allowed.has(to));
  if (stranger !== undefined) return { triggered: true, reason: `${stranger.to} is not on the list` };
  return { triggered: false, reason: "every recipient is on the list" };
}

/** Of the chain's own asset; `null` when something is moved of which no amount is known. */
function sumOf(moves: readonly Move[] | null): bigint | null {
  return (
    moves?.reduce<bigint | null>((sum, { native }) => (sum === null || native === null ? null : sum + native), 0n) ??
    null
  );
}

function atMost(amount: bigint | null, before: bigint, limit: bigint): Judgement {
  if (amount === null) return UNREADABLE;
  const total = before + amount;
  const sum = before === 0n ? `${total}` : `${amount} after ${before}`;
  return { triggered: total > limit, reason: `moves ${sum}, ${limit} are allowed` };
}

/** Earlier requests of the same key that were admitted, or may still be, by the times of the log. */
function within(organisation: Organisation, { key, time }: Activity, minutes: number) {
  return [...organisation.requests.values()]
    .filter(
      (one) => one.status !== "Denied" && one.created > time - minutes * MINUTE_MS && isOf(organisation, one, key),
    )
    .map((one) => ({ form: one.form, body: one.body }));
}

function isOf(organisation: Organisation, request: AdmittedRequest, key: KeyEntity): boolean {
  const own = organisation.keys.get(request.key);
  return own !== undefined && isSameKey(own, key);
}
