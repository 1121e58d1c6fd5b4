import type { ApiToken, Credential, Organisation, User } from "@quorate/authority";
import { bearerText, unauthorized } from "../auth.ts";
import type { ApiContext } from "../routes.ts";
import type { Access } from "./access.ts";
import type { Claims } from "./tokens.ts";

/** Who calls, as the log has them now. */
export interface Session {
  readonly organisation: Organisation;
  readonly user: User;
  /** `null` for somebody that logged in. */
  readonly token: ApiToken | null;
  readonly kind: "Pat" | "ServiceAccount" | "Token";
  /** Of the token in the log, or of the login. */
  readonly id: string;
}

/** What is remembered of a login. */
interface Login {
  readonly user: string;
  /** `uuid` of what it was made with; `null` for a login on behalf of the user. */
  readonly credential: string | null;
}

/** How long a login lasts, milliseconds. */
export const LOGIN_MS = 12 * 3600_000;

/**
 * Who sent this request. Looked up at each call: whoever was deactivated a moment ago is nobody now.
 *
 * @throws HttpError 401; 429 above the limit of the token
 */
export async function sessionOf(access: Access, c: ApiContext): Promise<Session> {
  const claims = await access.tokens.read(bearerText(c));
  access.limits.charge(`token/${claims.id}`);
  return sessionFor(access, claims);
}

async function sessionFor(access: Access, claims: Claims): Promise<Session> {
  const { kind, id } = claims;
  const organisation = organisationOf(access, claims.organisation);
  const user = activeUser(organisation, claims.user);
  if (kind === "Temp") throw unauthorized("this token completes a registration or a recovery, and nothing else");
  if (kind !== "Token") return { organisation, user, token: activeToken(organisation, claims, access), kind, id };
  const login = (await access.records.get("session", id))?.value as Login | undefined;
  if (login?.user !== user.id) throw unauthorized("this session has ended; log in again");
  if (login.credential !== null && !isUsable(organisation.credentials.get(login.credential))) {
    throw unauthorized("the credential of this session is not active any more");
  }
  return { organisation, user, token: null, kind, id };
}

/** Begins a session. @returns the bearer token */
export async function logIn(
  access: Access,
  organisation: Organisation,
  user: User,
  credential: string | null,
): Promise<string> {
  const id = access.newId("se");
  const expires = access.now() + LOGIN_MS;
  const value: Login = { user: user.id, credential };
  await access.records.put({ kind: "session", id, scope: `${organisation.id}/${user.id}`, value, expires });
  const { username } = user;
  return access.tokens.sign({ organisation: organisation.id, user: user.id, username, kind: "Token", id, expires });
}

/** Ends one session, or all of its user. Tokens of the log go on. */
export async function logOut(access: Access, { organisation, user, id }: Session, all: boolean): Promise<void> {
  if (all) await access.records.end("session", `${organisation.id}/${user.id}`);
  else await access.records.take("session", id);
}

/** Whether a credential acts now. */
export function isUsable(credential: Credential | undefined): credential is Credential {
  return credential?.isActive === true && !credential.isPending && !credential.isArchived;
}

/** @throws HttpError 401 */
export function organisationOf({ authority }: Access, id: string): Organisation {
  const organisation = authority.organisations().find((one) => one.id === id);
  if (organisation === undefined) throw unauthorized("the token is of an organisation that is not here");
  return organisation;
}

function activeUser(organisation: Organisation, id: string): User {
  const user = organisation.users.get(id);
  if (user === undefined) throw unauthorized("the token is of a user that is not here");
  if (!user.isActive || user.isArchived) throw unauthorized(`user ${user.id} is not active`);
  return user;
}

function activeToken(organisation: Organisation, { id, user, kind }: Claims, { now }: Access): ApiToken {
  const token = organisation.tokens.get(id);
  if (token === undefined || token.user !== user || token.kind !== kind) throw unauthorized("no such token is here");
  if (!token.isActive || token.isArchived) throw unauthorized(`token ${token.id} is not active`);
  if (now() > token.expires) throw unauthorized(`token ${token.id} has expired`);
  return token;
}
