import { H } from "@quorate/curves";
import { hex } from "@quorate/orders";
import { canonicalJson } from "../canonical-json.ts";
import { actionPath, type UserRequest } from "./challenge.ts";
import type { Organisation } from "./state.ts";

/** Digests by id of what stands behind the ids that a request names. */
export type Refs = Readonly<Record<string, string>>;

/**
 * What the challenge of a request must name besides the request itself: the held activity of an approval that is decided, the credential
 * that is activated, the user to whom a key is given. Ids alone would let whoever keeps the list swap what they mean.
 */
export function refsOf(organisation: Organisation, { method, path, body }: UserRequest): Refs {
  const plain = actionPath(path);
  const decided = method === "POST" ? /^\/v2\/policy-approvals\/([^/]+)\/decisions$/.exec(plain)?.[1] : undefined;
  const approval = decided === undefined ? undefined : organisation.approvals.get(decided);
  if (approval !== undefined) return { [approval.id]: approval.digest };
  const uuid = plain === "/auth/credentials/activate" ? memberOf(body, "credentialUuid") : undefined;
  const credential = uuid === undefined ? undefined : organisation.credentials.get(uuid);
  if (credential !== undefined) return { [credential.uuid]: credential.fingerprint };
  const recipient = method === "POST" ? recipientOf(plain, body) : undefined;
  if (recipient !== undefined && organisation.users.has(recipient)) {
    return { [recipient]: userDigest(organisation, recipient) };
  }
  return {};
}

/** Names a user with the credentials that act for it now. Hex, 32 bytes. */
export function userDigest(organisation: Organisation, userId: string): string {
  const fingerprints = [...organisation.credentials.values()]
    .filter((one) => one.user === userId && one.isActive && !one.isPending && !one.isArchived && one.token === null)
    .map((one) => one.fingerprint)
    .sort();
  const username = organisation.users.get(userId)?.username ?? "";
  return hex(H("authority/v1", "user", new TextEncoder().encode(canonicalJson([userId, username, fingerprints]))));
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
