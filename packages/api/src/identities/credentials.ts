import {
  CREDENTIAL_CODE_PATH,
  CREDENTIAL_PATH,
  type Credential,
  challengeOf,
  idOf,
  type Organisation,
  parseAttestation,
  type User,
} from "@quorate/authority";
import { InputError } from "@quorate/orders";
import { z } from "zod";
import type { Access } from "../access/access.ts";
import { newChallenge, outstanding } from "../access/challenges.ts";
import type { Endpoints } from "../access/endpoints.ts";
import { HttpError } from "../errors.ts";
import { checked, type JsonObject, readObject } from "../input.ts";
import type { ApiContext } from "../routes.ts";
import { endCodes, newCode, readCode } from "./codes.ts";
import { actUnsigned, creationShape } from "./creation.ts";
import { credentialShape } from "./shapes.ts";

/** How long a code may live, milliseconds. */
const MAX_CODE_MS = 24 * 3600_000;

const kind = z.enum(
  ["Key", "PasswordProtectedKey", "RecoveryKey", "Fido2"],
  "Key, PasswordProtectedKey, RecoveryKey or Fido2",
);
const init = z.object({ kind });
const initWithCode = z.object({ credentialKind: kind, code: z.string().min(1).max(100) });
const creation = z.looseObject({ challengeIdentifier: z.string().min(1).max(200) });
const which = z.object({ credentialUuid: z.string().min(1).max(64) });
/** Until when a code for a further credential is good. */
export const codeLife = z.object({ expiration: z.union([z.string().max(40), z.number()]) });

async function begin(access: Access, organisation: Organisation, user: User, kind: Credential["kind"], path: string) {
  const request = { method: "POST", path, body: {} };
  const told = { user: user.id, token: null, request, about: user.id };
  const { identifier, text } = await newChallenge(access, organisation, "credential", told);
  const { authenticatorSelection, excludeCredentials, otpUrl: _, ...shape } = creationShape(organisation, user, text);
  const passkey = kind === "Fido2" ? { authenticatorSelection, excludeCredentials } : {};
  return { kind, challengeIdentifier: identifier, temporaryAuthenticationToken: "", ...shape, ...passkey };
}

/** Checks that a credential answers a challenge that was given for it here. @throws InputError */
async function answered(access: Access, body: JsonObject, path: string) {
  const { challengeIdentifier, credentialName: _, ...attestation } = checked(creation, body);
  const given = await outstanding(access, challengeIdentifier, "credential");
  const { clientData } = parseAttestation(attestation, "body").credentialInfo;
  if (given.request.path === path && challengeOf(clientData) === given.text) return given;
  throw new InputError("invalid_input", "the credential was made over another challenge", {
    field: "credentialInfo.clientData",
    hint: "begin again",
  });
}

/** When a code ends: at the time that its user says, in a day at most. */
function expiryOf(access: Access, { expiration }: z.output<typeof codeLife>): number {
  const at = typeof expiration === "number" ? expiration * (expiration < 1e11 ? 1000 : 1) : Date.parse(expiration);
  const now = access.now();
  if (at > now && at <= now + MAX_CODE_MS) return at;
  throw new InputError("invalid_input", "expiration: is not within the next 24 hours", { field: "expiration" });
}

async function verifyWithCode(access: Access, c: ApiContext) {
  const body = await readObject(c);
  const given = await answered(access, body, CREDENTIAL_CODE_PATH);
  const organisation = access.authority.organisation(given.organisation);
  const { hash } = await actUnsigned(access, organisation, CREDENTIAL_CODE_PATH, body);
  await access.records.take("challenge", checked(creation, body).challengeIdentifier);
  await endCodes(access, "credential", organisation.id, given.user ?? "");
  return credentialShape(organisation, organisation.credentials.get(idOf("cr", hash))!);
}

/** Credentials of users, as Dfns has them. One that a code added waits until another activates it. */
export function credentialEndpoints(endpoints: Endpoints): void {
  const { access } = endpoints;
  endpoints.read(CREDENTIAL_PATH, null, (_, { organisation, user }) => {
    const own = [...organisation.credentials.values()].filter(
      (one) => one.user === user.id && one.token === null && !one.isArchived,
    );
    return { items: own.map((one) => credentialShape(organisation, one)) };
  });
  endpoints.bearer("POST", `${CREDENTIAL_PATH}/init`, async (c, { organisation, user }) => {
    return begin(access, organisation, user, checked(init, await readObject(c)).kind, CREDENTIAL_PATH);
  });
  endpoints.logged(
    "POST",
    CREDENTIAL_PATH,
    async (_, { session: { organisation }, committed, action }) => {
      await access.records.take("challenge", checked(creation, action.body).challengeIdentifier);
      return credentialShape(organisation, organisation.credentials.get(idOf("cr", committed.hash))!);
    },
    async ({ action }) => void (await answered(access, action.body, CREDENTIAL_PATH)),
  );
  for (const verb of ["activate", "deactivate"]) {
    endpoints.logged("PUT", `${CREDENTIAL_PATH}/${verb}`, (_, { action }) => {
      return { message: `credential ${checked(which, action.body).credentialUuid}: ${verb}d` };
    });
  }
  endpoints.action("POST", `${CREDENTIAL_PATH}/code`, null, async (_, { session, action }) => {
    const { organisation, user, token } = session;
    if (token !== null) throw new HttpError("forbidden", "a token adds no credentials", "log in, and sign yourself");
    const expires = expiryOf(access, checked(codeLife, action.body));
    const code = await newCode(access, "credential", organisation, user, expires);
    return { code, expiration: new Date(expires).toISOString() };
  });
  endpoints.open("POST", `${CREDENTIAL_PATH}/code/init`, async (c) => {
    const { credentialKind, code } = checked(initWithCode, await readObject(c));
    const owner = await readCode(access, "credential", code);
    const organisation = access.authority.organisation(owner.organisation);
    const user = organisation.users.get(owner.user);
    if (user === undefined) throw new HttpError("forbidden", "the code is of nobody", "ask for a new one");
    return begin(access, organisation, user, credentialKind, CREDENTIAL_CODE_PATH);
  });
  endpoints.open("POST", CREDENTIAL_CODE_PATH, (c) => verifyWithCode(access, c));
}
