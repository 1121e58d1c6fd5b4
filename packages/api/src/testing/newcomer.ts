import { type KeyCredential, keyCredential } from "@quorate/authority/testing";
import { Caller, type GovernedApi } from "./governed.ts";

/** Somebody who registered over the API and is logged in. */
export interface Registered {
  readonly caller: Caller;
  readonly key: KeyCredential;
  readonly recovery: KeyCredential;
}

/** The code that was announced last. */
export function codes(api: GovernedApi): { readonly last: () => string } {
  let code = "";
  api.node.events.subscribe(({ event }) => {
    if (event.type === "api.code") code = String(event.code);
  });
  return { last: () => code };
}

/** Registers somebody over the API by the code that comes with `POST /auth/users`, and logs in. */
export async function register(api: GovernedApi, admin: Caller, username: string): Promise<Registered> {
  const sent = codes(api);
  await admin.act("POST", "/auth/users", { email: username, kind: "CustomerEmployee" });
  const told = { orgId: api.organisation.id, username, registrationCode: sent.last() };
  const begun = (await api.send("POST", "/auth/registration/init", told)).body;
  return complete(api, begun, username);
}

/** Registers an end user on the word of a service account, and logs in. */
export async function registerEndUser(api: GovernedApi, admin: Caller, username: string): Promise<Registered> {
  const begun = (await admin.act("POST", "/auth/registration/delegated", { email: username, kind: "EndUser" })).body;
  return complete(api, begun, username);
}

async function complete(
  api: GovernedApi,
  begun: { challenge: string; temporaryAuthenticationToken: string },
  username: string,
): Promise<Registered> {
  const [key, recovery] = [keyCredential("Ed25519"), keyCredential("P-256", "RecoveryKey")];
  const headers = { authorization: `Bearer ${begun.temporaryAuthenticationToken}` };
  const body = {
    firstFactorCredential: key.attest(begun.challenge),
    recoveryCredential: recovery.attest(begun.challenge),
  };
  const done = await api.send("POST", "/auth/registration", body, headers);
  if (done.status !== 200) throw new Error(done.body.message);
  const caller = await logIn(api, username, key, done.body.user.id);
  return { caller, key, recovery };
}

/** Logs somebody in. */
export async function logIn(api: GovernedApi, username: string, key: KeyCredential, userId: string): Promise<Caller> {
  const begun = (await api.send("POST", "/auth/login/init", { orgId: api.organisation.id, username })).body;
  const { challengeIdentifier, challenge } = begun;
  const done = await api.send("POST", "/auth/login", { challengeIdentifier, firstFactor: key.assert(challenge) });
  if (done.status !== 200) throw new Error(done.body.message);
  return new Caller(api, done.body.token, key, key.credentialId, userId);
}
