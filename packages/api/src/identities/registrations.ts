import { idOf, type Organisation, REGISTRATION_PATH, type User } from "@quorate/authority";
import type { KeyRecord } from "@quorate/coordinator";
import { z } from "zod";
import type { Access } from "../access/access.ts";
import type { Endpoints } from "../access/endpoints.ts";
import { logIn } from "../access/session.ts";
import { walletShape } from "../assets/shapes.ts";
import { HttpError } from "../errors.ts";
import { checked, type JsonObject, readObject } from "../input.ts";
import { type ApiContext, ask } from "../routes.ts";
import { announceCode, endCodes, newCode, readCode } from "./codes.ts";
import { actUnsigned, beginCreation, checkMadeOver, createdShape, newcomerOf } from "./creation.ts";

const who = z.object({ orgId: z.string().max(64), username: z.string().min(1).max(100) });
const withCode = who.extend({ registrationCode: z.string().min(1).max(100) });

/** The user of that name, archived ones aside. */
export function userNamed(organisation: Organisation, username: string): User | undefined {
  for (const user of organisation.users.values()) if (user.username === username && !user.isArchived) return user;
  return undefined;
}

/** `POST /auth/registration/init`: with the code that was sent to the user. */
async function begin(access: Access, c: ApiContext) {
  const { orgId, username, registrationCode } = checked(withCode, await readObject(c));
  const organisation = access.authority.organisation(orgId);
  const code = await readCode(access, "registration", registrationCode);
  const user = organisation.users.get(code.user);
  if (code.organisation !== orgId || user === undefined || user.username !== username) {
    throw new HttpError("forbidden", "this code is not right, or has expired", "ask for a new one");
  }
  return beginCreation(access, organisation, user, "registration", REGISTRATION_PATH);
}

/** `POST /auth/registration`, and that of an end user: the credentials go to the log as they came. */
async function complete(access: Access, c: ApiContext, path: string) {
  const { organisation, user, text, id } = await newcomerOf(access, c, "registration");
  const body: JsonObject = await readObject(c);
  checkMadeOver(text, body);
  const committed = await actUnsigned(access, organisation, path, body);
  await access.records.take("temporary", id);
  await endCodes(access, "registration", organisation.id, user.id);
  return { organisation, user, committed, shape: createdShape(organisation, user, committed) };
}

/** First credentials, as Dfns has them. */
export function registrationEndpoints(endpoints: Endpoints): void {
  const { access } = endpoints;
  endpoints.open("POST", `${REGISTRATION_PATH}/init`, (c) => begin(access, c));
  endpoints.open("PUT", `${REGISTRATION_PATH}/code`, async (c) => {
    const { orgId, username } = checked(who, await readObject(c));
    const organisation = access.authority.organisation(orgId);
    const user = userNamed(organisation, username);
    if (user?.isRegistered === false) {
      announceCode(access, "registration", user, await newCode(access, "registration", organisation, user));
    }
    return { message: "if there is such a user without credentials, a code was sent" };
  });
  endpoints.logged("POST", `${REGISTRATION_PATH}/delegated`, (_, { session: { organisation }, committed }) => {
    const user = organisation.users.get(idOf("us", committed.hash))!;
    return beginCreation(access, organisation, user, "registration", REGISTRATION_PATH);
  });
  endpoints.open("POST", REGISTRATION_PATH, async (c) => (await complete(access, c, REGISTRATION_PATH)).shape);
  endpoints.open("POST", `${REGISTRATION_PATH}/enduser`, async (c) => {
    const done = await complete(access, c, `${REGISTRATION_PATH}/enduser`);
    const { organisation, user, committed } = done;
    const wallets = [...organisation.wallets.values()].filter(
      (one) => organisation.keys.get(one.key)?.record === committed.hash,
    );
    const shown = await Promise.all(
      wallets.map(async (wallet) => {
        const made = await ask<KeyRecord>((reply) => access.authority.makeKey(organisation.id, wallet.key, {}, reply));
        return walletShape(wallet, organisation.keys.get(wallet.key)!, made);
      }),
    );
    const credential = idOf("cr", committed.hash);
    return {
      ...done.shape,
      authentication: { token: await logIn(access, organisation, user, credential) },
      wallets: shown,
    };
  });
}
