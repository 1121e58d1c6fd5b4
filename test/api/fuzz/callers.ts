import { randomBytes } from "node:crypto";
import { type Application, type Identity, signedBy } from "../application.ts";
import { fullAccess, newPem, unique } from "../material.ts";
import { endUser } from "../person.ts";

/** Somebody in whose name the API is called, rightly or not. */
export interface Caller {
  readonly name: string;
  readonly token: string | undefined;
  /** What signs its actions; absent for those who can sign none. */
  readonly identity: Identity | undefined;
  /** Whether nothing at all may be answered to it but 401. */
  readonly isOut: boolean;
}

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

async function account(app: Application, permissionId?: string): Promise<Identity & { userId: string }> {
  const pair = newPem();
  const body = {
    name: unique("fuzz"),
    publicKey: pair.publicKey,
    ...(permissionId === undefined ? {} : { permissionId }),
  };
  const made = await app.client(app.admin).auth.createServiceAccount({ body });
  const { accessToken, credId } = made.accessTokens[0]!;
  return { token: accessToken!, credId, privateKey: pair.privateKey, userId: made.userInfo.userId };
}

async function expiredToken(app: Application): Promise<string> {
  const body = { name: unique("short"), publicKey: newPem().publicKey, secondsValid: 1 };
  const { accessToken } = await app.client(app.admin).auth.createPersonalAccessToken({ body });
  while ((await app.call("GET", "/keys", { token: accessToken })).status !== 401) {
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return accessToken;
}

/** All sorts of callers; several that may do everything, since each is served only so much a minute. */
export async function makeCallers(app: Application, powerful: number): Promise<readonly Caller[]> {
  const full = await fullAccess(app);
  const admins = await Promise.all(Array.from({ length: powerful }, () => account(app, full)));
  const powerless = await account(app);
  const gone = await account(app, full);
  await app.client(app.admin).auth.deactivateServiceAccount({ serviceAccountId: gone.userId });
  const person = await endUser(app);
  const unsigned = app.admin.token.split(".");
  unsigned[0] = base64url({ alg: "none", typ: "JWT" });
  const out = (name: string, token: string | undefined): Caller => ({ name, token, identity: undefined, isOut: true });
  return [
    ...admins.map((identity, at) => ({ name: `admin ${at}`, token: identity.token, identity, isOut: false })),
    { name: "powerless", token: powerless.token, identity: powerless, isOut: false },
    { name: "end user", token: person.token, identity: undefined, isOut: false },
    out("nobody", undefined),
    out("nonsense", randomBytes(40).toString("base64url")),
    out("unsigned", unsigned.join(".")),
    out("deactivated", gone.token),
    out("expired", await expiredToken(app)),
  ];
}

/** The action token for a request, or one that is wrong in a way. */
export type Action =
  | "none"
  | "nonsense"
  | "honest"
  | "used"
  | "of another path"
  | "of another body"
  | "of somebody else";

/** Gets such an action token. @returns `undefined` where the caller cannot sign, or the API refuses to begin or take the action */
export async function actionToken(
  app: Application,
  action: Action,
  { identity }: Caller,
  request: { readonly method: string; readonly path: string; readonly body: unknown },
  other: Caller,
): Promise<string | undefined> {
  if (action === "none") return undefined;
  if (action === "nonsense") return randomBytes(32).toString("base64url");
  const who = action === "of somebody else" ? other.identity : identity;
  if (who === undefined) return undefined;
  const path = action === "of another path" ? "/keys" : request.path;
  const body = action === "of another body" ? { other: true } : request.body;
  try {
    const challenge = await app.begin(who, request.method, path, body);
    const taken = await app.call("POST", "/auth/action", { token: who.token, body: signedBy(who, challenge) });
    const token = taken.body?.userAction;
    if (action === "used" && typeof token === "string") {
      await app.call(request.method, request.path, {
        token: who.token,
        headers: { "x-dfns-useraction": token },
        body: { used: "up" },
      });
    }
    return token;
  } catch {
    return undefined;
  }
}
