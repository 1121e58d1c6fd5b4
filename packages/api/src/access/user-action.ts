import { randomBytes } from "node:crypto";
import {
  type Assertion,
  actionPath,
  bodyDigest,
  type LoggedAction,
  parseAssertion,
  type UserRequest,
} from "@quorate/authority";
import { sha256 } from "@quorate/curves";
import { hex } from "@quorate/orders";
import { z } from "zod";
import { HttpError } from "../errors.ts";
import { checked, type JsonObject, parseObject, readObject } from "../input.ts";
import type { ApiContext } from "../routes.ts";
import type { Access } from "./access.ts";
import { noteAction } from "./action-log.ts";
import {
  answeredBy,
  CHALLENGE_MS,
  challengeAnswer,
  newChallenge,
  outstanding,
  signingCredentials,
} from "./challenges.ts";
import type { Session } from "./session.ts";

const HEADER = "x-dfns-useraction";

const init = z.object({
  userActionPayload: z.string().default(""),
  userActionHttpMethod: z.enum(["POST", "PUT", "DELETE"]),
  userActionHttpPath: z.string().min(1).max(2048).startsWith("/"),
  userActionServerKind: z.enum(["Api", "Staff"]).optional(),
});

const answer = z.object({
  challengeIdentifier: z.string().min(1).max(200),
  firstFactor: z.unknown(),
  secondFactor: z.unknown().optional(),
});

/** An action that its user signed and that nobody has used yet. */
interface UserAction {
  readonly organisation: string;
  readonly user: string;
  readonly token: string | null;
  readonly method: string;
  readonly path: string;
  /** `bodyDigest`. */
  readonly body: string;
  readonly proof: Assertion;
}

/** `POST /auth/action/init`: the challenge for one request. */
export async function beginAction(access: Access, c: ApiContext, session: Session) {
  const told = checked(init, await readObject(c));
  const text = new TextEncoder().encode(told.userActionPayload);
  const body = text.length === 0 ? {} : parseObject(text, "userActionPayload");
  const request = { method: told.userActionHttpMethod, path: actionPath(told.userActionHttpPath), body };
  const { organisation, user, token } = session;
  const about = { user: user.id, token: token?.id ?? null, request };
  const challenge = await newChallenge(access, organisation, "action", about);
  return challengeAnswer(organisation, challenge, signingCredentials(session));
}

/** `POST /auth/action`: the signature over a challenge for a single use of what it describes. */
export async function completeAction(access: Access, c: ApiContext, session: Session) {
  const told = checked(answer, await readObject(c));
  const given = await outstanding(access, told.challengeIdentifier, "action");
  const { organisation, user, token } = session;
  if (given.organisation !== organisation.id || given.user !== user.id || given.token !== (token?.id ?? null)) {
    throw new HttpError("forbidden", "the challenge was given to somebody else", "begin the action with this token");
  }
  const proof = parseAssertion(told.firstFactor);
  for (const assertion of told.secondFactor === undefined ? [proof] : [proof, parseAssertion(told.secondFactor)]) {
    const actor = answeredBy(access, organisation, given, assertion);
    if (actor.user.id !== user.id || (actor.token?.id ?? null) !== (token?.id ?? null)) {
      throw new HttpError(
        "forbidden",
        "firstFactor: the credential is not the caller's",
        "sign with your own credential",
      );
    }
  }
  if ((await access.records.take("challenge", told.challengeIdentifier)) === undefined) {
    throw new HttpError("bad_action", "the challenge was answered already", "begin the action again");
  }
  return { userAction: await keep(access, session, given.request, proof) };
}

async function keep(access: Access, { organisation, user, token }: Session, request: UserRequest, proof: Assertion) {
  const userAction = randomBytes(32).toString("base64url");
  const value: UserAction = {
    ...{ organisation: organisation.id, user: user.id, token: token?.id ?? null },
    ...{ method: request.method, path: request.path, body: bodyDigest(request.body), proof },
  };
  const [id, scope, at] = [nameOf(userAction), user.id, access.now()];
  // What was given out is known for longer than it can be used: a second use is told from a guess.
  await access.records.put({ kind: "known-action", id, scope, value: null, expires: at + 2 * CHALLENGE_MS });
  await access.records.put({ kind: "user-action", id, scope, value, expires: at + CHALLENGE_MS });
  await noteAction(access, { organisation, user, proof, method: request.method, path: request.path });
  return userAction;
}

/**
 * Takes the user action that a request carries; whatever comes of it, it is used up.
 *
 * @throws HttpError 400 for one that was used, 403 without one or with that of another request or caller
 */
export async function takeAction(
  access: Access,
  c: ApiContext,
  { organisation, user, token }: Session,
  body: JsonObject,
): Promise<LoggedAction> {
  const text = c.req.header(HEADER);
  const hint = "POST /auth/action/init, sign its challenge, POST /auth/action, and send what that answers";
  if (text === undefined) throw new HttpError("forbidden", `this request has no ${HEADER} header`, hint);
  const id = nameOf(text);
  const taken = (await access.records.take("user-action", id))?.value as UserAction | undefined;
  if (taken === undefined) {
    const isKnown = (await access.records.get("known-action", id)) !== undefined;
    if (isKnown) throw new HttpError("bad_action", `${HEADER}: this user action was used, or is too old`, hint);
    throw new HttpError("forbidden", `${HEADER}: there is no such user action`, hint);
  }
  const path = new URL(c.req.url).pathname;
  const told: readonly (readonly [string, unknown, unknown])[] = [
    ["organisation", taken.organisation, organisation.id],
    ["user", taken.user, user.id],
    ["token", taken.token, token?.id ?? null],
    ["method", taken.method, c.req.method],
    ["path", taken.path, path],
    ["body", taken.body, bodyDigest(body)],
  ];
  const wrong = told.find(([, signed, given]) => signed !== given)?.[0];
  if (wrong !== undefined) {
    throw new HttpError("forbidden", `${HEADER}: the ${wrong} is not the one that was signed`, hint);
  }
  return { method: taken.method as LoggedAction["method"], path, body, proof: taken.proof, endorsement: null };
}

function nameOf(userAction: string): string {
  return hex(sha256(new TextEncoder().encode(userAction)));
}
