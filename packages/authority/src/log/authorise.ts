import { hex } from "@quorate/orders";
import { verifyAssertion } from "../credentials/assertion.ts";
import { challengeOf } from "../credentials/client-data.ts";
import type { Assertion } from "../credentials/types.ts";
import { AuthorityError } from "../error.ts";
import {
  actionPath,
  authorisationId,
  bodyDigest,
  type Challenge,
  type Purpose,
  readChallenge,
  type UserRequest,
} from "./challenge.ts";
import { refsOf } from "./refs.ts";
import type { ApiToken, Credential, Organisation, User } from "./state.ts";

/** How far the clocks of a client, a coordinator and a signer may differ, milliseconds. */
export const CLOCK_SKEW_MS = 60_000;
/** The longest that a challenge may live, milliseconds: no signer remembers an authorisation for ever. */
export const MAX_CHALLENGE_MS = 3600_000;

/** Who acts. */
export interface Actor {
  readonly user: User;
  readonly credential: Credential;
  /** When the credential is the key of a token: that token. */
  readonly token: ApiToken | null;
}

/** A request with the authority behind it, all of it checked. */
export interface Authorised {
  readonly actor: Actor;
  readonly challenge: Challenge;
  /** Hex, 32 bytes: single use. */
  readonly id: string;
}

/**
 * Whether a user signed exactly this request: an active credential of an active user of this organisation signed a challenge that is for
 * this network and purpose, describes this method, path and body, names what the request refers to, and has not expired. Trusts nobody:
 * the challenge is taken from what was signed.
 *
 * @param network `networkId`
 * @param now milliseconds since 1970
 * @throws AuthorityError
 */
export function authorise(
  organisation: Organisation,
  network: string,
  request: UserRequest,
  assertion: Assertion,
  now: number,
  purpose: Purpose = "action",
): Authorised {
  const text = challengeOf(assertion.credentialAssertion.clientData);
  const challenge = readChallenge(text);
  checkChallenge(challenge, { organisation: organisation.id, network, request, now, purpose });
  const actor = actorOf(organisation, assertion, now);
  if (actor.credential.kind === "RecoveryKey") {
    throw new AuthorityError("wrong_purpose", "a RecoveryKey recovers its user, and does nothing else", {
      field: "kind",
    });
  }
  verifyAssertion({
    credential: actor.credential,
    assertion,
    challenge: text,
    relyingParty: organisation.settings.relyingParty,
  });
  const refs = refsOf(organisation, request);
  const named = challenge.refs ?? {};
  const ids = Object.keys(refs);
  if (ids.length !== Object.keys(named).length || ids.some((id) => refs[id] !== named[id])) {
    const problem = `the challenge does not name what stands behind ${ids.join(", ") || "its refs"} now`;
    throw new AuthorityError("bad_challenge", problem, { field: "refs", hint: "begin the action again" });
  }
  return { actor, challenge, id: hex(authorisationId(text)) };
}

/** Whether a challenge is for this network, organisation, purpose, request and time. @throws AuthorityError */
export function checkChallenge(
  challenge: Challenge,
  wanted: { organisation: string; network: string; request: UserRequest; now: number; purpose: Purpose },
): void {
  const { organisation, network, request, now, purpose } = wanted;
  if (challenge.purpose !== purpose) {
    throw new AuthorityError("wrong_purpose", `signed for purpose ${challenge.purpose}, ${purpose} is needed`);
  }
  const told: readonly (readonly [string, string, string])[] = [
    ["network", challenge.network, network],
    ["organisation", challenge.organisation, organisation],
    ["method", challenge.method, request.method],
    ["path", challenge.path, actionPath(request.path)],
    ["body", challenge.body, bodyDigest(request.body)],
  ];
  for (const [field, signed, asked] of told) {
    if (signed === asked) continue;
    throw new AuthorityError("no_authorisation", `${field}: the user signed ${signed}, asked is ${asked}`, { field });
  }
  const lateMs = now - challenge.expires;
  if (lateMs > CLOCK_SKEW_MS) throw new AuthorityError("expired", `the challenge expired ${lateMs} ms ago`);
  if (-lateMs > MAX_CHALLENGE_MS + CLOCK_SKEW_MS) {
    throw new AuthorityError("bad_challenge", "expires: is more than an hour away", { field: "expires" });
  }
}

/** The user, and the token where there is one, behind the credential of an assertion; all of them in force. @throws AuthorityError */
export function actorOf(organisation: Organisation, assertion: Assertion, now: number): Actor {
  const id = assertion.credentialAssertion.credId.replace(/=+$/, "");
  const uuid = organisation.credentialIds.get(id);
  const credential = uuid === undefined ? undefined : organisation.credentials.get(uuid);
  if (credential === undefined) {
    throw new AuthorityError("unknown_credential", `no credential ${id.slice(0, 64)} in this organisation`);
  }
  if (!credential.isActive || credential.isPending || credential.isArchived) {
    throw new AuthorityError("inactive_credential", `credential ${credential.uuid} is not active`);
  }
  const user = organisation.users.get(credential.user);
  if (user === undefined) throw new AuthorityError("unknown_user", `no user ${credential.user}`);
  if (!user.isActive || user.isArchived) throw new AuthorityError("inactive_user", `user ${user.id} is not active`);
  const token = credential.token === null ? null : (organisation.tokens.get(credential.token) ?? null);
  if (credential.token !== null) checkToken(token, credential.token, now);
  return { user, credential, token };
}

function checkToken(token: ApiToken | null, id: string, now: number): void {
  if (token === null || !token.isActive || token.isArchived) {
    throw new AuthorityError("inactive_credential", `token ${id} is not active`);
  }
  if (now > token.expires) throw new AuthorityError("expired", `token ${id} expired`);
}
