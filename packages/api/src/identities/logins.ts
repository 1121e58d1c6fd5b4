import { type Credential, parseAssertion } from "@quorate/authority";
import { z } from "zod";
import type { Access } from "../access/access.ts";
import { answeredBy, challengeAnswer, newChallenge, outstanding, userCredentials } from "../access/challenges.ts";
import type { Endpoints } from "../access/endpoints.ts";
import { logIn, logOut } from "../access/session.ts";
import { HttpError } from "../errors.ts";
import { checked, readObject, readOptionalObject } from "../input.ts";
import type { ApiContext } from "../routes.ts";
import { announceCode, endCodes, newCode, readCode } from "./codes.ts";
import { endUser } from "./recoveries.ts";
import { userNamed } from "./registrations.ts";

const PATH = "/auth/login";
const who = z.object({ orgId: z.string().max(64), username: z.string().min(1).max(100) });
const init = z.object({
  orgId: z.string().max(64),
  username: z.string().min(1).max(100).optional(),
  loginCode: z.string().min(1).max(100).optional(),
});
const answer = z.object({
  challengeIdentifier: z.string().min(1).max(200),
  firstFactor: z.unknown(),
  secondFactor: z.unknown().optional(),
});
/** Whom a service account logs in. */
export const delegatedLogin = z.object({ username: z.string().min(1).max(100) });
const ending = z.object({ allSessions: z.boolean().optional() });

/** `POST /auth/login/init`: somebody unknown answers alike, with nothing to sign with. A wrapped key is shown to who has the code. */
async function begin(access: Access, c: ApiContext) {
  const { orgId, username, loginCode } = checked(init, await readObject(c));
  const organisation = access.authority.organisation(orgId);
  const user = username === undefined ? undefined : userNamed(organisation, username);
  let isWrappedShown = false;
  if (loginCode !== undefined) {
    const code = await readCode(access, "login", loginCode);
    if (code.user !== user?.id || code.organisation !== orgId) {
      throw new HttpError("forbidden", "this code is not right, or has expired", "ask for a new one");
    }
    isWrappedShown = true;
  }
  const request = { method: "POST", path: PATH, body: {} };
  const told = { user: user?.id ?? null, token: null, request };
  const challenge = await newChallenge(access, organisation, "login", told);
  const credentials: readonly Credential[] = user === undefined ? [] : userCredentials(organisation, user.id);
  return challengeAnswer(organisation, challenge, credentials, isWrappedShown);
}

/** `POST /auth/login`. */
async function complete(access: Access, c: ApiContext) {
  const told = checked(answer, await readObject(c));
  const given = await outstanding(access, told.challengeIdentifier, "login");
  const organisation = access.authority.organisation(given.organisation);
  const factors = [parseAssertion(told.firstFactor)];
  if (told.secondFactor !== undefined) factors.push(parseAssertion(told.secondFactor, "secondFactor"));
  const actors = factors.map((one) => answeredBy(access, organisation, given, one));
  const [{ user, token, credential }] = actors as [(typeof actors)[number]];
  if (token !== null || actors.some((one) => one.user.id !== user.id) || (given.user ?? user.id) !== user.id) {
    throw new HttpError(
      "forbidden",
      "firstFactor: this credential does not log this user in",
      "sign with one of its own",
    );
  }
  if ((await access.records.take("challenge", told.challengeIdentifier)) === undefined) {
    throw new HttpError("bad_action", "the challenge was answered already", "begin the login again");
  }
  await endCodes(access, "login", organisation.id, user.id);
  return { token: await logIn(access, organisation, user, credential.uuid) };
}

/** Logging in and out, as Dfns has it. */
export function loginEndpoints(endpoints: Endpoints): void {
  const { access } = endpoints;
  endpoints.open("POST", `${PATH}/init`, (c) => begin(access, c));
  endpoints.open("POST", PATH, (c) => complete(access, c));
  endpoints.open("POST", `${PATH}/code`, async (c) => {
    const { orgId, username } = checked(who, await readObject(c));
    const organisation = access.authority.organisation(orgId);
    const user = userNamed(organisation, username);
    if (user?.isActive === true)
      announceCode(access, "login", user, await newCode(access, "login", organisation, user));
    return { message: "if there is such a user, a code was sent" };
  });
  endpoints.action("POST", `${PATH}/delegated`, "Auth:Login:Delegated", async (_, { session, action }) => {
    const { organisation, kind } = session;
    if (kind !== "ServiceAccount") throw new HttpError("forbidden", "only service accounts do this", "log in yourself");
    const user = endUser(organisation, checked(delegatedLogin, action.body).username);
    return { token: await logIn(access, organisation, user, null) };
  });
  endpoints.bearer("PUT", "/auth/logout", async (c, session) => {
    const { allSessions = false } = checked(ending, await readOptionalObject(c));
    await logOut(access, session, allSessions);
    return { message: "logged out" };
  });
}
