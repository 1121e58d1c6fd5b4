import { credentialFingerprint } from "@quorate/authority";
import { challengeFor, keyCredential } from "@quorate/authority/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Caller, GovernedApi } from "../testing/governed.ts";
import { codes, logIn, register, registerEndUser } from "../testing/newcomer.ts";
import { keyRecord } from "../testing/node.ts";

let api: GovernedApi;
let robot: Caller;

beforeEach(async () => {
  api = await GovernedApi.start();
  robot = await api.serviceAccount();
});
afterEach(() => api.stop());

const NEW = "new@example.test";
const enter = () => robot.act("POST", "/auth/users", { email: NEW, kind: "CustomerEmployee" });
const begin = (registrationCode: string, more: object = {}) =>
  api.send("POST", "/auth/registration/init", { orgId: api.organisation.id, username: NEW, registrationCode, ...more });
const complete = (token: string, body: object, path = "/auth/registration") =>
  api.send("POST", path, body, { authorization: `Bearer ${token}` });

describe("a registration", () => {
  it("begins with the code that was announced, and ends with a user that logs in", async () => {
    const { caller, key } = await register(api, robot, NEW);
    const own = (await caller.send("GET", "/auth/credentials")).body.items;
    expect(own.map((one: { kind: string }) => one.kind)).toEqual(["Key", "RecoveryKey"]);
    expect(own[0]).toMatchObject({ credentialId: key.credentialId, isActive: true, relyingPartyId: "localhost" });
    const shown = (await robot.send("GET", `/auth/users/${caller.userId}`)).body;
    expect(shown).toMatchObject({
      username: NEW,
      isRegistered: true,
      isServiceAccount: false,
      permissionAssignments: [],
    });
  });

  it("answers with what browsers and key signers need", async () => {
    const sent = codes(api);
    await enter();
    const { body } = await begin(sent.last());
    expect(body).toMatchObject({
      user: { name: NEW, displayName: NEW },
      rp: { id: "localhost", name: "Test" },
      supportedCredentialKinds: {
        firstFactor: expect.arrayContaining(["Key", "Fido2"]),
        secondFactor: expect.any(Array),
      },
      authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "preferred" },
      pubKeyCredParams: expect.arrayContaining([{ type: "public-key", alg: -7 }]),
      excludeCredentials: [],
      otpUrl: "",
    });
  });

  it("is refused without the code, with another's, and with one that was replaced, has expired or was used", async () => {
    const sent = codes(api);
    await enter();
    const first = sent.last();
    expect((await begin("AAAAA-AAAAA-AAAAA-AAAAA")).status).toBe(403);
    expect((await begin(first, { username: "other@example.test" })).status).toBe(403);
    await api.send("PUT", "/auth/registration/code", { orgId: api.organisation.id, username: NEW });
    expect((await begin(first)).status).toBe(403);
    expect((await begin(sent.last().toLowerCase().replaceAll("-", ""))).status).toBe(200);
    api.authority.log.time += 8 * 86_400_000;
    expect((await begin(sent.last())).status).toBe(403);
  });

  it("is completed with its own temporary token, over its own challenge, once", async () => {
    const sent = codes(api);
    await enter();
    const [one, two] = [(await begin(sent.last())).body, (await begin(sent.last())).body];
    const key = keyCredential("Ed25519");
    const body = (challenge: string) => ({ firstFactorCredential: key.attest(challenge) });
    expect((await complete(robot.bearer, body(one.challenge))).status).toBe(401);
    expect((await complete(one.temporaryAuthenticationToken, body(two.challenge))).body.message).toContain(
      "another challenge",
    );
    expect((await complete(one.temporaryAuthenticationToken, body(one.challenge))).status).toBe(200);
    expect((await complete(one.temporaryAuthenticationToken, body(one.challenge))).status).toBe(401);
    const again = { firstFactorCredential: keyCredential("Ed25519").attest(two.challenge) };
    expect((await complete(two.temporaryAuthenticationToken, again)).status).toBe(409);
    expect((await begin(sent.last())).status).toBe(403);
  });

  it("gives a temporary token that does nothing else, for ten minutes", async () => {
    const sent = codes(api);
    await enter();
    const { temporaryAuthenticationToken: token, challenge } = (await begin(sent.last())).body;
    const bearer = { authorization: `Bearer ${token}` };
    const read = await api.send("GET", "/auth/credentials", undefined, bearer);
    expect([read.status, read.body.message]).toEqual([401, expect.stringContaining("and nothing else")]);
    expect((await api.send("POST", "/auth/recover/user", {}, bearer)).status).toBe(401);
    api.authority.log.time += 10 * 60_000 + 1000;
    const body = { firstFactorCredential: keyCredential("Ed25519").attest(challenge) };
    expect((await complete(token, body)).status).toBe(401);
  });

  it("with a password is 400, and with nonsense 400", async () => {
    const sent = codes(api);
    await enter();
    const { temporaryAuthenticationToken: token } = (await begin(sent.last())).body;
    const password = { credentialKind: "Password", credentialInfo: { password: "x" } };
    expect((await complete(token, { firstFactorCredential: password })).status).toBe(400);
    expect((await complete(token, {})).status).toBe(400);
  });

  it("that needs an endorsement takes it as a member of the body", async () => {
    api.stop();
    api = await GovernedApi.start({ settings: { settings: { registration: "endorsed" } } });
    robot = await api.serviceAccount();
    const sent = codes(api);
    await enter();
    const { temporaryAuthenticationToken: token, challenge, user } = (await begin(sent.last())).body;
    const key = keyCredential("Ed25519");
    const body = { firstFactorCredential: key.attest(challenge) };
    expect((await complete(token, body)).body.message).toContain("nobody vouches");
    const fingerprint = credentialFingerprint("Key", key.credentialId, key.publicKey);
    const { log } = api.authority;
    const asked = { method: "POST", path: "/auth/registration", body: { fingerprint } } as const;
    const about = { purpose: "endorsement", user: user.id } as const;
    const endorsement = log.admin.assert(challengeFor(log.state, "test", asked, log.time, about));
    expect((await complete(token, { ...body, endorsement })).status).toBe(200);
    expect((await logIn(api, NEW, key, user.id)).userId).toBe(user.id);
  });
});

describe("a delegated registration", () => {
  it("makes an end user that has the permission of end users", async () => {
    const { caller } = await registerEndUser(api, robot, "end@example.test");
    const { body } = await robot.send("GET", `/auth/users/${caller.userId}`);
    expect(body).toMatchObject({
      kind: "EndUser",
      permissionAssignments: [{ permissionName: "ManagedDefaultEndUserAccess" }],
    });
    expect((await robot.send("GET", "/auth/users?kind=EndUser&limit=1")).body.items).toHaveLength(1);
  });

  it("that names wallets makes their keys as well, and logs the user in", async () => {
    const { authority } = api;
    authority.make = (id, scheme, curve) => ({ ...keyRecord(2), id, scheme, curve });
    const told = { email: "end@example.test", kind: "EndUser" };
    const begun = (await robot.act("POST", "/auth/registration/delegated", told)).body;
    const body = {
      firstFactorCredential: keyCredential("Ed25519").attest(begun.challenge),
      wallets: [{ network: "SolanaDevnet", name: "first" }],
    };
    const done = await complete(begun.temporaryAuthenticationToken, body, "/auth/registration/enduser");
    expect(done.body.wallets).toMatchObject([
      { network: "SolanaDevnet", name: "first", custodial: false, signingKey: { delegatedTo: done.body.user.id } },
    ]);
    const headers = { authorization: `Bearer ${done.body.authentication.token}` };
    expect((await api.send("GET", "/auth/credentials", undefined, headers)).status).toBe(200);
  });

  it("needs the operation", async () => {
    const weak = await api.serviceAccount([], "weak");
    const answer = await weak.act("POST", "/auth/registration/delegated", {
      email: "end@example.test",
      kind: "EndUser",
    });
    expect(answer.body.message).toContain("not permitted Auth:Register:Delegated");
  });
});
