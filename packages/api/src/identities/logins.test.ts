import { keyCredential } from "@quorate/authority/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Caller, GovernedApi } from "../testing/governed.ts";
import { codes, logIn, type Registered, register, registerEndUser } from "../testing/newcomer.ts";

let api: GovernedApi;
let robot: Caller;
let clerk: Registered;

beforeEach(async () => {
  api = await GovernedApi.start();
  robot = await api.serviceAccount();
  clerk = await register(api, robot, "clerk@example.test");
});
afterEach(() => api.stop());

const begin = (username?: string, more: object = {}) =>
  api.send("POST", "/auth/login/init", {
    orgId: api.organisation.id,
    ...(username === undefined ? {} : { username }),
    ...more,
  });
const complete = (challengeIdentifier: string, firstFactor: unknown) =>
  api.send("POST", "/auth/login", { challengeIdentifier, firstFactor });
const reads = async (caller: Caller) => (await caller.send("GET", "/auth/credentials")).status;

describe("a login", () => {
  it("lists the user's credentials that act, and is a session until it ends", async () => {
    const { body } = await begin("clerk@example.test");
    expect(body.allowCredentials.key).toEqual([{ type: "public-key", id: clerk.key.credentialId }]);
    const caller = await logIn(api, "clerk@example.test", clerk.key, clerk.caller.userId);
    expect(await reads(caller)).toBe(200);
    api.authority.log.time += 12 * 3600_000 + 1000;
    expect(await reads(caller)).toBe(401);
  });

  it("needs no name: whoever signs is who logs in", async () => {
    const { body } = await begin();
    expect(body.allowCredentials).toEqual({ key: [], webauthn: [], passwordProtectedKey: [] });
    expect((await complete(body.challengeIdentifier, clerk.key.assert(body.challenge))).status).toBe(200);
  });

  it("shows of nobody whether they are there", async () => {
    const { status, body } = await begin("nobody@example.test");
    expect([status, body.allowCredentials.key]).toEqual([200, []]);
    expect((await api.send("POST", "/auth/login/init", { orgId: "or-none", username: "x" })).status).toBe(404);
  });

  it.each<[string, () => unknown | Promise<unknown>]>([
    ["another's credential", async () => (await register(api, robot, "other@example.test")).key],
    ["a stranger's", () => keyCredential("Ed25519")],
    ["a token's key", () => robot.signer],
    ["a recovery key", () => clerk.recovery],
  ])("is refused with %s", async (_, make) => {
    const by = (await make()) as { assert(challenge: string): unknown };
    const { challenge, challengeIdentifier } = (await begin("clerk@example.test")).body;
    expect((await complete(challengeIdentifier, by.assert(challenge))).status).toBe(403);
  });

  it("is refused a second time, with an earlier answer, and with the answer to an action", async () => {
    const first = (await begin("clerk@example.test")).body;
    const answer = clerk.key.assert(first.challenge);
    expect((await complete(first.challengeIdentifier, answer)).status).toBe(200);
    expect((await complete(first.challengeIdentifier, answer)).status).toBe(400);
    const second = (await begin("clerk@example.test")).body;
    expect((await complete(second.challengeIdentifier, answer)).status).toBe(403);
    const action = (await clerk.caller.begin("PUT", "/auth/logout", {})).body;
    expect((await complete(action.challengeIdentifier, clerk.key.assert(action.challenge))).status).toBe(400);
    expect((await complete(second.challengeIdentifier, clerk.key.assert(action.challenge))).status).toBe(403);
  });

  it("is refused, and sessions end, once the user is deactivated", async () => {
    const caller = await logIn(api, "clerk@example.test", clerk.key, clerk.caller.userId);
    expect((await robot.act("PUT", `/auth/users/${clerk.caller.userId}/deactivate`, {})).status).toBe(200);
    expect(await reads(caller)).toBe(401);
    await expect(logIn(api, "clerk@example.test", clerk.key, "")).rejects.toThrow("is not active");
  });

  it("ends with the credential that it was made with", async () => {
    const caller = await logIn(api, "clerk@example.test", clerk.key, clerk.caller.userId);
    const first = [...api.organisation.credentials.values()].find(
      (one) => one.credentialId === clerk.key.credentialId,
    )!;
    first.isActive = false;
    expect(await reads(caller)).toBe(401);
  });

  it("shows a wrapped key to whoever has the code that was sent, and to nobody else", async () => {
    const wrapped = keyCredential("P-256", "PasswordProtectedKey");
    const { challenge, challengeIdentifier } = (
      await clerk.caller.send("POST", "/auth/credentials/init", { kind: wrapped.kind })
    ).body;
    await clerk.caller.act("POST", "/auth/credentials", {
      ...wrapped.attest(challenge),
      credentialName: "w",
      challengeIdentifier,
    });
    expect((await begin("clerk@example.test")).body.allowCredentials.passwordProtectedKey).toEqual([]);
    const sent = codes(api);
    await api.send("POST", "/auth/login/code", { orgId: api.organisation.id, username: "clerk@example.test" });
    const { body } = await begin("clerk@example.test", { loginCode: sent.last() });
    expect(body.allowCredentials.passwordProtectedKey).toEqual([
      { type: "public-key", id: wrapped.credentialId, encryptedPrivateKey: "wrapped by its holder" },
    ]);
    await register(api, robot, "other@example.test");
    expect((await begin("other@example.test", { loginCode: sent.last() })).status).toBe(403);
  });
});

describe("a logout", () => {
  it("ends this session, without a body as well, or all of the user's", async () => {
    const [one, two, three] = await Promise.all(
      [1, 2, 3].map(() => logIn(api, "clerk@example.test", clerk.key, clerk.caller.userId)),
    );
    expect((await one!.send("PUT", "/auth/logout")).status).toBe(200);
    expect([await reads(one!), await reads(two!)]).toEqual([401, 200]);
    expect((await two!.send("PUT", "/auth/logout", { allSessions: true })).status).toBe(200);
    expect([await reads(two!), await reads(three!)]).toEqual([401, 401]);
  });
});

describe("a login on behalf of an end user", () => {
  const delegated = (by: Caller, username: string) => by.act("POST", "/auth/login/delegated", { username });

  it("reads as the user, and does nothing without the user's own signature", async () => {
    const end = await registerEndUser(api, robot, "end@example.test");
    const { status, body } = await delegated(robot, "end@example.test");
    expect(status).toBe(200);
    const path = "/auth/credentials/deactivate";
    const asUser = new Caller(api, body.token, robot.signer, "", end.caller.userId);
    expect(await reads(asUser)).toBe(200);
    await expect(asUser.signed("PUT", path, { credentialUuid: "cr-x" })).rejects.toThrow("not the caller's");
    const own = new Caller(api, body.token, end.key, end.key.credentialId, end.caller.userId);
    expect((await own.begin("PUT", path)).body.allowCredentials.key[0].id).toBe(end.key.credentialId);
    expect(await own.signed("PUT", path, { credentialUuid: "cr-x" })).toEqual(expect.any(String));
  });

  it("is for end users alone, and for service accounts that may", async () => {
    await registerEndUser(api, robot, "end@example.test");
    expect((await delegated(robot, "clerk@example.test")).status).toBe(403);
    expect((await delegated(robot, "nobody@example.test")).status).toBe(404);
    expect((await delegated(clerk.caller, "end@example.test")).status).toBe(403);
    const weak = await api.serviceAccount(["Keys:Read"], "weak");
    expect((await delegated(weak, "end@example.test")).body.message).toContain("not permitted Auth:Login:Delegated");
  });
});
