import { keyCredential } from "@quorate/authority/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Caller, GovernedApi } from "../testing/governed.ts";
import { codes, logIn, type Registered, register, registerEndUser } from "../testing/newcomer.ts";

let api: GovernedApi;
let robot: Caller;
let lost: Registered;
let events: Record<string, unknown>[];

const NAME = "lost@example.test";
const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

beforeEach(async () => {
  api = await GovernedApi.start();
  robot = await api.serviceAccount();
  lost = await register(api, robot, NAME);
  events = [];
  api.node.events.subscribe(({ event }) => events.push({ ...event }));
});
afterEach(() => api.stop());

async function sendCode(): Promise<string> {
  const sent = codes(api);
  await api.send("POST", "/auth/recover/user/code", { orgId: api.organisation.id, username: NAME });
  return sent.last();
}

const begin = (verificationCode: string, more: object = {}) =>
  api.send("POST", "/auth/recover/user/init", {
    ...{ orgId: api.organisation.id, username: NAME, verificationCode, credentialId: lost.recovery.credentialId },
    ...more,
  });

function complete(
  begun: { challenge: string; temporaryAuthenticationToken: string },
  by = lost.recovery,
  key = keyCredential("Ed25519"),
) {
  const newCredentials = { firstFactorCredential: key.attest(begun.challenge) };
  const body = { recovery: by.assert(base64url(newCredentials)), newCredentials };
  return api.send("POST", "/auth/recover/user", body, {
    authorization: `Bearer ${begun.temporaryAuthenticationToken}`,
  });
}

describe("a recovery", () => {
  it("replaces all credentials, ends all sessions, and tells the administrators", async () => {
    const begun = (await begin(await sendCode())).body;
    expect(begun.allowedRecoveryCredentials).toEqual([
      { id: lost.recovery.credentialId, encryptedRecoveryKey: "wrapped by its holder" },
    ]);
    const key = keyCredential("Ed25519");
    const done = await complete(begun, lost.recovery, key);
    expect([done.status, done.body.user.username]).toEqual([200, NAME]);
    expect((await lost.caller.send("GET", "/auth/credentials")).status).toBe(401);
    await expect(logIn(api, NAME, lost.key, "")).rejects.toThrow("not active");
    const again = await logIn(api, NAME, key, lost.caller.userId);
    expect((await again.send("GET", "/auth/credentials")).body.items).toHaveLength(1);
    expect(events).toContainEqual(
      expect.objectContaining({ type: "api.user_recovered", username: NAME, lockedUntil: expect.any(String) }),
    );
    const shown = (await robot.act("PUT", `/auth/users/${lost.caller.userId}/unlock`, {})).body;
    expect(shown._quorate.lockedUntil).toBeUndefined();
  });

  it("is refused without the code, and with one that has expired or was used", async () => {
    const code = await sendCode();
    expect((await begin("AAAAA-AAAAA-AAAAA-AAAAA")).status).toBe(403);
    expect((await complete((await begin(code)).body)).status).toBe(200);
    expect((await begin(code)).status).toBe(403);
    const late = await sendCode();
    api.authority.log.time += 15 * 60_000 + 1;
    expect((await begin(late)).status).toBe(403);
  });

  it("is 401 with any credential that recovers nothing", async () => {
    const code = await sendCode();
    expect((await begin(code, { credentialId: lost.key.credentialId })).status).toBe(401);
    const other = await register(api, robot, "other@example.test");
    expect((await begin(code, { credentialId: other.recovery.credentialId })).status).toBe(401);
    const begun = (await begin(code)).body;
    expect((await complete(begun, lost.key)).status).toBe(401);
    expect((await complete(begun, other.recovery)).status).toBe(403);
  });

  it("tells nobody whether there is such a user", async () => {
    const [known, unknown] = await Promise.all(
      [NAME, "nobody@example.test"].map((username) =>
        api.send("POST", "/auth/recover/user/code", { orgId: api.organisation.id, username }),
      ),
    );
    expect(known!.body).toEqual(unknown!.body);
  });
});

describe("a delegated recovery", () => {
  it("is begun by a service account, and completed by the end user's recovery key", async () => {
    lost = await registerEndUser(api, robot, "end@example.test");
    const path = "/auth/recover/user/delegated";
    const told = { username: "end@example.test", credentialId: lost.recovery.credentialId };
    const begun = await robot.act("POST", path, told);
    expect(begun.status).toBe(200);
    const { token } = (await robot.act("POST", "/auth/login/delegated", { username: "end@example.test" })).body;
    const asUser = () => api.send("GET", "/auth/credentials", undefined, { authorization: `Bearer ${token}` });
    expect((await complete(begun.body, lost.key)).status).toBe(401);
    expect((await asUser()).status).toBe(200);
    expect((await complete(begun.body)).status).toBe(200);
    expect((await asUser()).status).toBe(401);
  });

  it("is for end users alone", async () => {
    const told = { username: NAME, credentialId: lost.recovery.credentialId };
    expect((await robot.act("POST", "/auth/recover/user/delegated", told)).status).toBe(403);
    expect((await lost.caller.act("POST", "/auth/recover/user/delegated", told)).status).toBe(403);
  });
});
