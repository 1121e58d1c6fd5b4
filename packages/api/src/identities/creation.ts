import {
  type Assertion,
  challengeOf,
  idOf,
  type LoggedAction,
  type Organisation,
  parseAssertion,
  parseAttestation,
  type User,
} from "@quorate/authority";
import { InputError } from "@quorate/orders";
import type { Access } from "../access/access.ts";
import type { Committed } from "../access/authority.ts";
import { CHALLENGE_MS, newChallenge } from "../access/challenges.ts";
import { organisationOf } from "../access/session.ts";
import { bearerText, unauthorized } from "../auth.ts";
import type { JsonObject } from "../input.ts";
import { type ApiContext, ask } from "../routes.ts";

/** WebAuthn, section 5.8.5: what is offered to a browser. ES256, EdDSA, RS256. */
const ALGORITHMS = [-7, -8, -257];

/** Somebody who completes a registration or a recovery. */
export interface Newcomer {
  readonly organisation: Organisation;
  readonly user: User;
  /** The challenge that was given, over which the new credentials are made. */
  readonly text: string;
  /** Of the temporary token. */
  readonly id: string;
}

interface Temporary {
  readonly user: string;
  readonly purpose: "registration" | "recovery";
  readonly text: string;
}

/** What browsers and key signers need to make a credential for a user over a challenge. */
export function creationShape({ settings, ...organisation }: Organisation, user: User, text: string) {
  const { relyingParty } = settings;
  const known = [...organisation.credentials.values()].filter(
    (one) => one.user === user.id && one.kind === "Fido2" && !one.isArchived,
  );
  return {
    user: { id: user.id, name: user.username, displayName: user.username },
    challenge: text,
    rp: { id: relyingParty.id, name: relyingParty.name },
    authenticatorSelection: {
      residentKey: "required",
      requireResidentKey: true,
      userVerification: relyingParty.userVerification ? "required" : "preferred",
    },
    attestation: "none",
    pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: "public-key", alg })),
    excludeCredentials: known.map(({ credentialId }) => ({ type: "public-key", id: credentialId })),
    otpUrl: "",
  };
}

/** Begins a registration or a recovery: its challenge, and the token that completes it. */
export async function beginCreation(
  access: Access,
  organisation: Organisation,
  user: User,
  purpose: Temporary["purpose"],
  path: string,
) {
  const request = { method: "POST", path, body: {} };
  const { text } = await newChallenge(access, organisation, purpose, {
    user: user.id,
    token: null,
    request,
    about: user.id,
  });
  const [id, expires] = [access.newId("to"), access.now() + CHALLENGE_MS];
  const value: Temporary = { user: user.id, purpose, text };
  await access.records.put({ kind: "temporary", id, scope: user.id, value, expires });
  const claims = { organisation: organisation.id, user: user.id, username: user.username, id, expires };
  return {
    temporaryAuthenticationToken: await access.tokens.sign({ ...claims, kind: "Temp" }),
    ...creationShape(organisation, user, text),
    supportedCredentialKinds: {
      firstFactor: ["Fido2", "Key", "PasswordProtectedKey"],
      secondFactor: ["Fido2", "Key", "PasswordProtectedKey"],
    },
  };
}

/** Who completes what was begun. @throws HttpError 401 */
export async function newcomerOf(access: Access, c: ApiContext, purpose: Temporary["purpose"]): Promise<Newcomer> {
  const claims = await access.tokens.read(bearerText(c));
  const given = (await access.records.get("temporary", claims.id))?.value as Temporary | undefined;
  if (claims.kind !== "Temp" || given?.purpose !== purpose || given.user !== claims.user) {
    throw unauthorized(`this token completes no ${purpose}`);
  }
  const organisation = organisationOf(access, claims.organisation);
  const user = organisation.users.get(claims.user);
  if (user === undefined) throw unauthorized("the token is of a user that is not here");
  return { organisation, user, text: given.text, id: claims.id };
}

/** @throws InputError unless each of the new credentials was made over the challenge that was given */
export function checkMadeOver(text: string, told: JsonObject): void {
  for (const name of ["firstFactorCredential", "secondFactorCredential", "recoveryCredential"]) {
    if (told[name] === undefined && name !== "firstFactorCredential") continue;
    const { clientData } = parseAttestation(told[name], name).credentialInfo;
    if (challengeOf(clientData) === text) continue;
    throw new InputError("invalid_input", `${name}: was made over another challenge`, {
      field: name,
      hint: "begin again",
    });
  }
}

/** Proposes an action that nobody signs to the log. A body's `endorsement` goes beside it: it vouches for the rest. */
export function actUnsigned(
  { authority }: Access,
  organisation: Organisation,
  path: string,
  { endorsement, ...body }: JsonObject,
): Promise<Committed> {
  const vouched: Assertion | null = endorsement === undefined ? null : parseAssertion(endorsement, "endorsement");
  const action: LoggedAction = { method: "POST", path, body, proof: null, endorsement: vouched };
  return ask<Committed>((reply) => authority.act(organisation.id, action, reply));
}

/** The answer of a completed registration or recovery. */
export function createdShape(organisation: Organisation, user: User, { hash }: Committed) {
  const first = organisation.credentials.get(idOf("cr", hash))!;
  return {
    credential: { uuid: first.uuid, kind: first.kind, name: first.name },
    user: { id: user.id, username: user.username, orgId: organisation.id },
  };
}
