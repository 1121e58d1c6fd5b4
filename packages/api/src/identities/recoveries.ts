import { type Credential, type Organisation, RECOVERY_PATH, type User } from "@quorate/authority";
import { InputError } from "@quorate/orders";
import { z } from "zod";
import type { Access } from "../access/access.ts";
import type { Endpoints } from "../access/endpoints.ts";
import { isUsable } from "../access/session.ts";
import { unauthorized } from "../auth.ts";
import { HttpError } from "../errors.ts";
import { checked, type JsonObject, readObject } from "../input.ts";
import type { ApiContext } from "../routes.ts";
import { date } from "../shapes.ts";
import { announceCode, endCodes, newCode, readCode } from "./codes.ts";
import { actUnsigned, beginCreation, checkMadeOver, createdShape, newcomerOf } from "./creation.ts";
import { userNamed } from "./registrations.ts";

const name = z.string().min(1).max(100);
const who = z.object({ orgId: z.string().max(64), username: name });
const withCode = who.extend({
  verificationCode: z.string().min(1).max(100),
  credentialId: z.string().min(1).max(1368),
});
/** Whose recovery a service account begins. */
export const delegatedRecovery = z.object({ username: name, credentialId: z.string().min(1).max(1368) });
const completion = z.object({
  recovery: z.looseObject({ kind: z.string() }),
  newCredentials: z.record(z.string(), z.unknown()),
});

/** The recovery key of a user, by the id that its client gave it. @throws HttpError 401 for what recovers nothing */
function recoveryKey(organisation: Organisation, user: User, credentialId: string): Credential {
  const uuid = organisation.credentialIds.get(credentialId.replace(/=+$/, ""));
  const credential = uuid === undefined ? undefined : organisation.credentials.get(uuid);
  if (isUsable(credential) && credential.user === user.id && credential.kind === "RecoveryKey") return credential;
  throw unauthorized("credentialId: is no recovery key of this user");
}

async function begin(access: Access, organisation: Organisation, user: User, credentialId: string) {
  const { credentialId: id, encryptedPrivateKey } = recoveryKey(organisation, user, credentialId);
  const challenge = await beginCreation(access, organisation, user, "recovery", RECOVERY_PATH);
  return { ...challenge, allowedRecoveryCredentials: [{ id, encryptedRecoveryKey: encryptedPrivateKey ?? "" }] };
}

async function beginWithCode(access: Access, c: ApiContext) {
  const { orgId, username, verificationCode, credentialId } = checked(withCode, await readObject(c));
  const organisation = access.authority.organisation(orgId);
  const code = await readCode(access, "recovery", verificationCode);
  const user = organisation.users.get(code.user);
  if (code.organisation !== orgId || user === undefined || user.username !== username) {
    throw new HttpError("forbidden", "this code is not right, or has expired", "ask for a new one");
  }
  return begin(access, organisation, user, credentialId);
}

async function complete(access: Access, c: ApiContext) {
  const { organisation, user, text, id } = await newcomerOf(access, c, "recovery");
  const body: JsonObject = await readObject(c);
  const { recovery, newCredentials } = checked(completion, body);
  if (recovery.kind !== "RecoveryKey")
    throw unauthorized(`recovery.kind: a ${recovery.kind.slice(0, 30)} recovers nothing`);
  checkMadeOver(text, newCredentials);
  const committed = await actUnsigned(access, organisation, RECOVERY_PATH, body);
  await access.records.take("temporary", id);
  await access.records.end("session", `${organisation.id}/${user.id}`);
  await endCodes(access, "recovery", organisation.id, user.id);
  notice(access, user);
  return createdShape(organisation, user, committed);
}

/** For the administrators: whoever recovers might not be the user. */
function notice({ options, now }: Access, { id, username, lockedUntil }: User): void {
  const about = { node: options.network.coordinator.name, at: now(), user: id, username };
  const locked = lockedUntil === null ? {} : { lockedUntil: date(lockedUntil) };
  options.events.publish({ type: "api.user_recovered", ...about, ...locked });
}

/** The end user that a service account acts for. @throws InputError, HttpError */
export function endUser(organisation: Organisation, username: string): User {
  const user = userNamed(organisation, username);
  if (user === undefined) throw new InputError("not_found", `no user ${username}`, { field: "username" });
  if (!user.isActive) throw new HttpError("bad_action", `user ${user.id} is not active`, "activate the user first");
  if (user.kind === "EndUser") return user;
  throw new HttpError("forbidden", `${user.kind} ${user.id} is no end user`, "only end users are acted for");
}

/** New credentials for those who lost theirs, as Dfns has them. */
export function recoveryEndpoints(endpoints: Endpoints): void {
  const { access } = endpoints;
  endpoints.open("POST", "/auth/recover/user/code", async (c) => {
    const { orgId, username } = checked(who, await readObject(c));
    const organisation = access.authority.organisation(orgId);
    const user = userNamed(organisation, username);
    if (user?.isActive === true && user.isRegistered) {
      announceCode(access, "recovery", user, await newCode(access, "recovery", organisation, user));
    }
    return { message: "if there is such a user, a code was sent" };
  });
  endpoints.open("POST", "/auth/recover/user/init", (c) => beginWithCode(access, c));
  endpoints.action("POST", "/auth/recover/user/delegated", "Auth:Recover:Delegated", (_, { session, action }) => {
    const { username, credentialId } = checked(delegatedRecovery, action.body);
    if (session.kind !== "ServiceAccount")
      throw new HttpError("forbidden", "only service accounts do this", "use the code");
    return begin(access, session.organisation, endUser(session.organisation, username), credentialId);
  });
  endpoints.open("POST", RECOVERY_PATH, (c) => complete(access, c));
}
