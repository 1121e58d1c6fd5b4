import { createPublicKey, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { newPem, unique } from "../material.ts";
import { endUser } from "../person.ts";
import { isRefusal, refused } from "../refusals.ts";
import { application } from "../started.ts";

const read = (part: string | undefined) => JSON.parse(Buffer.from(part ?? "", "base64url").toString());

/** Section 3 of the contract. */
describe("3 tokens", () => {
  it("are JWTs by EdDSA that a third party verifies with /.well-known/jwks.json", async () => {
    const { admin, serviceAccount } = application();
    const { body } = await application().call("GET", "/.well-known/jwks.json");
    for (const { token } of [admin, serviceAccount, await endUser(application())]) {
      const [header, payload, signature] = token.split(".");
      expect(read(header)).toMatchObject({ alg: "EdDSA" });
      const jwk = body.keys.find(({ kid }: { kid: string }) => kid === read(header).kid);
      expect(jwk).toMatchObject({ kty: "OKP", crv: "Ed25519" });
      expect(jwk).not.toHaveProperty("d");
      const key = createPublicKey({ key: jwk, format: "jwk" });
      const signed = Buffer.from(`${header}.${payload}`);
      expect(verify(null, signed, key, Buffer.from(signature ?? "", "base64url"))).toBe(true);
    }
  });

  it("carry the claims that consumers read", async () => {
    const { orgId } = application();
    const person = await endUser(application());
    const claims = read(person.token.split(".")[1]);
    expect(claims).toMatchObject({
      iss: expect.any(String),
      aud: expect.anything(),
      sub: orgId,
      jti: expect.any(String),
      iat: expect.any(Number),
      exp: expect.any(Number),
      "https://custom/app_metadata": { orgId, userId: person.id, tokenKind: "Token" },
      "https://custom/username": person.username,
    });
    expect(claims.exp).toBeGreaterThan(claims.iat);
    const account = read(application().serviceAccount.token.split(".")[1]);
    expect(account["https://custom/app_metadata"]).toMatchObject({ orgId, tokenKind: "ServiceAccount" });
  });

  it("read alone and change nothing: a signed call without a signature is 403", async () => {
    const { token } = application().admin;
    isRefusal(await application().call("POST", "/keys", { token, body: { scheme: "EdDSA", curve: "ed25519" } }), 403);
    expect((await application().call("GET", "/keys", { token })).status).toBe(200);
  });

  it("POST /auth/login/delegated: gives a token that reads, and with which nobody else's key signs", async () => {
    const app = application();
    const person = await endUser(app);
    const { token } = await app.client(app.serviceAccount).auth.delegatedLogin({ body: { username: person.username } });
    expect((await app.clientOf(token).keys.listKeys()).items).toEqual([]);
    const stolen = { ...app.serviceAccount, token };
    await refused(app.client(stolen).keys.createKey({ body: { scheme: "EdDSA", curve: "ed25519" } }), -1);
    const mine = { credId: app.serviceAccount.credId, privateKey: app.serviceAccount.privateKey };
    await expect(app.userAction({ ...mine, token }, "POST", "/keys", {})).rejects.toThrow(/403|credential/);
  });

  it("POST /auth/login/delegated: is for service accounts only", async () => {
    const app = application();
    const person = await endUser(app);
    await refused(app.client(app.admin).auth.delegatedLogin({ body: { username: person.username } }), 403);
  });

  it("a personal token does no more than its user, and no more than it was given", async () => {
    const app = application();
    const person = await endUser(app);
    const pair = newPem();
    const narrow = await app.client(app.admin).permissions.createPermission({
      body: { name: unique("sees keys"), operations: ["Keys:Read"] },
    });
    const body = { name: unique("narrow"), publicKey: pair.publicKey, permissionId: narrow.id };
    const pat = await app.client(app.admin).auth.createPersonalAccessToken({ body });
    const holder = app.client({ token: pat.accessToken, credId: pat.credId, privateKey: pair.privateKey });
    expect((await holder.keys.listKeys()).items.length).toBeGreaterThanOrEqual(0);
    await refused(holder.keys.createKey({ body: { scheme: "EdDSA", curve: "ed25519" } }), 403, /Keys:Create/);
    await refused(holder.auth.listUsers(), 403, /Auth:Users:Read/);
    await refused(person.client.auth.listUsers(), 403, /Auth:Users:Read/);
  });

  it("of a user who is deactivated are dead at once, with its personal tokens and what it had signed", async () => {
    const app = application();
    const { auth, permissions } = app.client(app.admin);
    const person = await endUser(app);
    const userId = person.id;
    const permission = await permissions.createPermission({
      body: { name: unique("makes tokens"), operations: ["Auth:Pats:Create"] },
    });
    await permissions.createAssignment({ permissionId: permission.id, body: { identityId: userId } });
    const pair = newPem();
    const pat = await person.client.auth.createPersonalAccessToken({
      body: { name: unique("pat"), publicKey: pair.publicKey },
    });
    const holder = { token: pat.accessToken, credId: pat.credId, privateKey: pair.privateKey };
    const body = { scheme: "EdDSA", curve: "ed25519" };
    const prepared = await app.userAction(holder, "POST", "/keys", body);
    expect((await app.client(holder).keys.listKeys()).items).toEqual([]);

    await auth.deactivateUser({ userId });
    for (const token of [person.token, holder.token]) {
      isRefusal(await app.call("GET", "/keys", { token }), 401);
      const init = { userActionPayload: "", userActionHttpMethod: "POST", userActionHttpPath: "/keys" };
      isRefusal(await app.call("POST", "/auth/action/init", { token, body: init }), 401);
    }
    const headers = { "x-dfns-useraction": prepared };
    isRefusal(await app.call("POST", "/keys", { token: holder.token, body, headers }), 401);
    const login = await person.login().catch((error) => error);
    expect([400, 401, 403]).toContain(login.httpStatus);
    await auth.activateUser({ userId });
    expect((await app.call("GET", "/keys", { token: holder.token })).status).toBe(200);
  });
});
