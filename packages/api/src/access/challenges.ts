import { randomBytes } from "node:crypto";
import {
  type Actor,
  type Assertion,
  AuthorityError,
  authorise,
  bodyDigest,
  type Challenge,
  type Credential,
  challengeOf,
  challengeText,
  type Organisation,
  type Purpose,
  refsOf,
  type UserRequest,
} from "@quorate/authority";
import { InputError } from "@quorate/orders";
import type { Access } from "./access.ts";
import { isUsable, type Session } from "./session.ts";

/** How long a user has to sign, milliseconds: people fetch their devices. */
export const CHALLENGE_MS = 10 * 60_000;

/** A challenge that was given out. */
export interface Outstanding {
  readonly organisation: string;
  readonly purpose: Purpose;
  readonly text: string;
  /** Who asked for it, or is to answer it; `null` when that shows with the answer. */
  readonly user: string | null;
  /** The token that it was given to. */
  readonly token: string | null;
  readonly request: UserRequest;
}

/** Makes a challenge and remembers it. @returns the id under which it is answered */
export async function newChallenge(
  access: Access,
  organisation: Organisation,
  purpose: Purpose,
  told: Pick<Outstanding, "user" | "token" | "request"> & { readonly about?: string },
): Promise<{ readonly identifier: string; readonly text: string }> {
  const { user, token, request, about } = told;
  const expires = access.now() + CHALLENGE_MS;
  const refs = purpose === "action" ? refsOf(organisation, request) : {};
  const challenge: Challenge = {
    ...{ v: 1, network: access.network, organisation: organisation.id, purpose },
    ...{ method: request.method as Challenge["method"], path: request.path, body: bodyDigest(request.body) },
    ...{ nonce: randomBytes(16).toString("base64url"), expires },
    ...(about === undefined ? {} : { user: about }),
    ...(Object.keys(refs).length === 0 ? {} : { refs }),
  };
  const text = challengeText(challenge);
  const identifier = randomBytes(32).toString("base64url");
  const value: Outstanding = { organisation: organisation.id, purpose, text, user, token, request };
  // Anybody may begin a login in somebody's name: that displaces other logins only.
  await access.records.put({
    kind: "challenge",
    id: identifier,
    scope: `${purpose}/${user ?? "anyone"}`,
    value,
    expires,
  });
  return { identifier, text };
}

/** The challenge of that id, for as long as it can be answered. @throws InputError 400 */
export async function outstanding(access: Access, identifier: string, purpose: Purpose): Promise<Outstanding> {
  const found = (await access.records.get("challenge", identifier))?.value as Outstanding | undefined;
  if (found?.purpose === purpose) return found;
  throw new InputError("invalid_input", "challengeIdentifier: no such challenge is open, or it has expired", {
    field: "challengeIdentifier",
    hint: "begin again",
  });
}

/**
 * Whether a user agreed to what it was asked, over the very challenge that it was given: one that was answered before, for the same, is no
 * answer.
 *
 * @returns who signed
 * @throws AuthorityError
 */
export function answeredBy(
  access: Access,
  organisation: Organisation,
  given: Outstanding,
  assertion: Assertion,
): Actor {
  if (challengeOf(assertion.credentialAssertion.clientData) !== given.text) {
    throw new AuthorityError("bad_challenge", "another challenge was signed than the one that is answered", {
      field: "challengeIdentifier",
      hint: "sign the challenge that came with this identifier",
    });
  }
  return authorise(organisation, access.network, given.request, assertion, access.now(), given.purpose).actor;
}

/** What the challenge answers of section "user action signing" have in common: who may answer, and how. */
export function challengeAnswer(
  organisation: Organisation,
  { identifier, text }: { identifier: string; text: string },
  credentials: readonly Credential[],
  isWrappedShown = true,
) {
  const { relyingParty } = organisation.settings;
  const of = (kind: Credential["kind"]) => credentials.filter((one) => one.kind === kind);
  const allowed = ({ credentialId }: Credential) => ({ type: "public-key", id: credentialId });
  const wrapped = (one: Credential) => ({ ...allowed(one), encryptedPrivateKey: one.encryptedPrivateKey ?? "" });
  const kinds = [...new Set(credentials.map((one) => one.kind))];
  return {
    challenge: text,
    challengeIdentifier: identifier,
    supportedCredentialKinds: kinds.map((kind) => ({ kind, factor: "first", requiresSecondFactor: false })),
    allowCredentials: {
      key: of("Key").map(allowed),
      webauthn: of("Fido2").map(allowed),
      passwordProtectedKey: isWrappedShown ? of("PasswordProtectedKey").map(wrapped) : [],
    },
    userVerification: relyingParty.userVerification ? "required" : "preferred",
    attestation: "none",
    externalAuthenticationUrl: "",
    rp: { id: relyingParty.id, name: relyingParty.name },
  };
}

/** With what a caller signs actions: a token with its own key, a user that logged in with all that act for it. */
export function signingCredentials({ organisation, user, token }: Session): readonly Credential[] {
  if (token !== null) return [organisation.credentials.get(token.credential)].filter(isUsable);
  return userCredentials(organisation, user.id);
}

/** The credentials that act for a user: not those of its tokens, and not the ones that only recover. */
export function userCredentials(organisation: Organisation, userId: string): readonly Credential[] {
  return [...organisation.credentials.values()].filter(
    (one) => one.user === userId && one.token === null && one.kind !== "RecoveryKey" && isUsable(one),
  );
}
