import { H } from "@quorate/curves";
import { hex } from "@quorate/orders";
import { canonicalJson } from "../canonical-json.ts";
import { actionPath, type UserRequest } from "./challenge.ts";
import type { Organisation, Permission, Policy } from "./state.ts";

/** Digests by id of what stands behind the ids that a request names. */
export type Refs = Readonly<Record<string, string>>;

/**
 * What the challenge of a request must name besides the request itself: the held activity of an approval that is decided, the credential
 * that is activated, the user to whom a key is given, the policy that is changed, the permission that is given and to whom. Ids alone would let whoever keeps the list swap what they mean.
 */
export function refsOf(organisation: Organisation, { method, path, body }: UserRequest): Refs {
  const plain = actionPath(path);
  const decided = method === "POST" ? /^\/v2\/policy-approvals\/([^/]+)\/decisions$/.exec(plain)?.[1] : undefined;
  const approval = decided === undefined ? undefined : organisation.approvals.get(decided);
  if (approval !== undefined) return { [approval.id]: approval.digest };
  const uuid = plain === "/auth/credentials/activate" ? memberOf(body, "credentialUuid") : undefined;
  const credential = uuid === undefined ? undefined : organisation.credentials.get(uuid);
  if (credential !== undefined) return { [credential.uuid]: credential.fingerprint };
  const grant = grantOf(organisation, plain, body);
  if (grant !== undefined) return grant;
  const recipient = method === "POST" ? recipientOf(plain, body) : undefined;
  if (recipient !== undefined && organisation.users.has(recipient)) {
    return { [recipient]: userDigest(organisation, recipient) };
  }
  return {};
}

/** What is given by an action on permissions, and to whom; which policy is changed or ended. `undefined` for all other actions. */
function grantOf(organisation: Organisation, path: string, body: unknown): Refs | undefined {
  const { policies, permissions } = organisation;
  const policy = policies.get(/^\/v2\/policies\/([^/]+)$/.exec(path)?.[1] ?? "");
  if (policy !== undefined) return { [policy.id]: policyDigest(policy) };
  const isMade = path === "/auth/pats" || path === "/auth/service-accounts";
  const given = isMade ? memberOf(body, "permissionId") : /^\/permissions\/([^/]+)(\/|$)/.exec(path)?.[1];
  const permission = permissions.get(given ?? "");
  if (permission === undefined) return undefined;
  const identity = /\/assignments$/.test(path) ? (memberOf(body, "identityId") ?? "") : "";
  const whom = identityDigest(organisation, identity);
  return {
    [permission.id]: permissionDigest(permission),
    ...(whom === undefined ? {} : { [identity]: whom }),
  };
}

function identityDigest(organisation: Organisation, identity: string): string | undefined {
  if (organisation.users.has(identity)) return userDigest(organisation, identity);
  const token = organisation.tokens.get(identity);
  return token && named("token", [token.id, token.user, token.credential]);
}

/** Names what a policy says. Hex, 32 bytes. */
export function policyDigest({ id, name, activityKind, rule, action, filters }: Policy): string {
  return named("policy", { id, name, activityKind, rule, action, filters });
}

/** Names what a permission gives. Hex, 32 bytes. */
export function permissionDigest({ id, name, operations }: Pick<Permission, "id" | "name" | "operations">): string {
  return named("permission", { id, name, operations });
}

function named(kind: string, value: unknown): string {
  return hex(H("authority/v1", kind, Buffer.from(canonicalJson(value))));
}

/** Names a user with the credentials that act for it now. Hex, 32 bytes. */
export function userDigest(organisation: Organisation, userId: string): string {
  const fingerprints = [...organisation.credentials.values()]
    .filter((one) => one.user === userId && one.isActive && !one.isPending && !one.isArchived && one.token === null)
    .map((one) => one.fingerprint)
    .sort();
  const username = organisation.users.get(userId)?.username ?? "";
  return named("user", [userId, username, fingerprints]);
}

function recipientOf(path: string, body: unknown): string | undefined {
  if (/^\/keys\/[^/]+\/delegate$/.test(path)) return memberOf(body, "delegateTo");
  if (/^\/wallets\/[^/]+\/delegate$/.test(path)) return memberOf(body, "userId");
  return path === "/keys" || path === "/wallets" ? memberOf(body, "delegateTo") : undefined;
}

function memberOf(body: unknown, name: string): string | undefined {
  const value: unknown = typeof body === "object" && body !== null ? Reflect.get(body, name) : undefined;
  return typeof value === "string" ? value : undefined;
}
