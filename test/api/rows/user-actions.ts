import { createECDH, randomBytes } from "node:crypto";
import { AsymmetricKeySigner } from "@dfns/sdk-keysigner";
import { describe, expect, it } from "vitest";
import { type Application, signedBy } from "../application.ts";
import { newPem, unique } from "../material.ts";
import { endUser } from "../person.ts";
import { isRefusal, refused } from "../refusals.ts";
import { application } from "../started.ts";

/** Section 2 of the contract: the sequence of calls of each flow, as the official client makes it. */
describe("2 user action signing", () => {
  type Client = ReturnType<Application["client"]>;
  const keyOf = (client: Client) => client.keys.createKey({ body: { scheme: "EdDSA", curve: "ed25519" } });
  const flows: Readonly<Record<string, (client: Client) => Promise<() => Promise<unknown>>>> = {
    "create key": async (client) => () => keyOf(client),
    "sign hash": async (client) => {
      const { id } = await keyOf(client);
      const hash = randomBytes(32).toString("hex");
      return () => client.keys.generateSignature({ keyId: id, body: { kind: "Hash", hash } });
    },
    "create service account": async (client) => () => {
      const { publicKey } = newPem();
      return client.auth.createServiceAccount({ body: { name: unique("bot"), publicKey } });
    },
    "create token": async (client) => () => {
      const { publicKey } = newPem();
      return client.auth.createPersonalAccessToken({ body: { name: unique("token"), publicKey } });
    },
    "export key": async (client) => {
      const { id } = await keyOf(client);
      const pair = createECDH("secp256k1");
      pair.generateKeys();
      const encryptionKey = Buffer.concat([Buffer.of(1), pair.getPublicKey(null, "compressed")]).toString("base64");
      const supportedSchemes = [{ protocol: "FROST" as const, curve: "ed25519" as const }];
      return () => client.keys.exportKey({ keyId: id, body: { encryptionKey, supportedSchemes } });
    },
    "delete key": async (client) => {
      const { id } = await keyOf(client);
      return () => client.keys.deleteKey({ keyId: id });
    },
    "activate user": async (client) => {
      const { userId } = await client.auth.createUser({
        body: { email: `${randomBytes(6).toString("hex")}@example.test`, kind: "CustomerEmployee" },
      });
      await client.auth.deactivateUser({ userId });
      return () => client.auth.activateUser({ userId });
    },
    "delete assignment": async (client) => {
      const permission = await client.permissions.createPermission({
        body: { name: unique("reader"), operations: ["Keys:Read"] },
      });
      const account = await client.auth.createServiceAccount({
        body: { name: unique("bot"), publicKey: newPem().publicKey },
      });
      const { id } = await client.permissions.createAssignment({
        permissionId: permission.id,
        body: { identityId: account.userInfo.userId },
      });
      return () => client.permissions.deleteAssignment({ permissionId: permission.id, assignmentId: id });
    },
    "create wallet": async (client) => () => client.wallets.createWallet({ body: { network: "EthereumSepolia" } }),
  };
  it.each(Object.entries(flows))("%s: begins, signs, and makes the call, once each", async (_, prepare) => {
    const run = await prepare(application().client(application().admin));
    const { calls } = application().recorder;
    const before = calls.length;
    await run();
    const made = calls.slice(before);
    expect(made.map(({ status }) => status)).toEqual([200, 200, expect.toSatisfy((status) => status < 300)]);
    expect(made.slice(0, 2).map(({ path }) => path)).toEqual(["/auth/action/init", "/auth/action"]);
  });
});

/** Section 2, the challenge object and its traps. */
describe("2 user action signing", () => {
  it("POST /auth/action/init: gives everything that the official signers read, rp included", async () => {
    const { admin } = application();
    const challenge = await application().begin(admin, "POST", "/keys", { scheme: "EdDSA", curve: "ed25519" });
    expect(challenge).toMatchObject({
      challenge: expect.stringMatching(/^[A-Za-z0-9_-]+$/),
      challengeIdentifier: expect.any(String),
      supportedCredentialKinds: expect.arrayContaining([
        { kind: "Key", factor: expect.stringMatching(/^(first|either)$/), requiresSecondFactor: false },
      ]),
      allowCredentials: { key: [{ type: "public-key", id: admin.credId }], webauthn: [] },
      userVerification: expect.stringMatching(/^(required|preferred|discouraged)$/),
      attestation: expect.any(String),
      externalAuthenticationUrl: expect.any(String),
      rp: { id: expect.any(String), name: expect.any(String) },
    });
  });

  it("POST /auth/action/init: lists for a token its own key, and for a user the credentials that are active", async () => {
    const app = application();
    const body = { name: unique("token"), publicKey: newPem().publicKey };
    const token = await app.client(app.admin).auth.createPersonalAccessToken({ body });
    const asked = { token: token.accessToken, credId: token.credId, privateKey: "" };
    const { allowCredentials } = await app.begin(asked, "POST", "/keys", {});
    expect(allowCredentials.key.map(({ id }) => id)).toEqual([token.credId]);
    const person = await endUser(app);
    const own = await app.begin({ ...asked, token: person.token }, "POST", "/keys", {});
    expect(own.allowCredentials.key.map(({ id }) => id)).toEqual([person.credential.credentialId]);
  });

  it("a client with the wrong credId refuses locally: nothing is signed, step 2 never happens", async () => {
    const { admin, recorder } = application();
    const before = recorder.calls.length;
    const client = application().clientOf(admin.token, new AsymmetricKeySigner({ ...admin, credId: "Y2ktb3RoZXI" }));
    await refused(client.keys.createKey({ body: { scheme: "EdDSA", curve: "ed25519" } }), -1, /does not match allowed/);
    expect(recorder.calls.slice(before).map(({ path }) => path)).toEqual(["/auth/action/init"]);
  });

  it("POST /auth/action/init: takes kind Staff, and a payload that is not JSON by 400", async () => {
    const { admin } = application();
    const asked = { userActionPayload: "", userActionHttpMethod: "PUT", userActionHttpPath: "/keys/key-1" };
    const init = (more: object) =>
      application().call("POST", "/auth/action/init", { token: admin.token, body: { ...asked, ...more } });
    expect((await init({ userActionServerKind: "Staff" })).status).toBe(200);
    isRefusal(await init({ userActionServerKind: "Api", userActionPayload: "{" }), 400, /userActionPayload/);
  });

  it("POST /auth/action: refuses a signature by another key, and one over another challenge, by 403", async () => {
    const { admin } = application();
    const challenge = await application().begin(admin, "POST", "/keys", {});
    const other = await application().begin(admin, "POST", "/keys", {});
    const answer = (body: unknown) => application().call("POST", "/auth/action", { token: admin.token, body });
    isRefusal(await answer(signedBy({ ...admin, privateKey: newPem().privateKey }, challenge)), 403);
    const { firstFactor } = signedBy(admin, other);
    const swapped = await answer({ challengeIdentifier: challenge.challengeIdentifier, firstFactor });
    expect([400, 403]).toContain(swapped.status);
    isRefusal(swapped, swapped.status);
    isRefusal(await answer({ ...signedBy(admin, challenge), challengeIdentifier: "nonsense" }), 400);
  });

  it("POST /auth/action: says of kinds Password and Totp that they are not supported, by 400", async () => {
    const { admin } = application();
    const { challengeIdentifier } = await application().begin(admin, "POST", "/keys", {});
    const answer = (firstFactor: unknown) =>
      application().call("POST", "/auth/action", { token: admin.token, body: { challengeIdentifier, firstFactor } });
    isRefusal(await answer({ kind: "Password", password: "secret" }), 400, /Password/);
    isRefusal(await answer({ kind: "Totp", otpCode: "123456" }), 400, /Totp/);
  });
});

/** Section 2, what an action token is good for. */
describe("2 user action signing", () => {
  const path = "/permissions";
  const bodyOf = (name: string) => ({ name: unique(name), operations: ["Keys:Read" as const] });
  const call = (body: unknown, action: string | undefined, at = path, method = "POST") => {
    const { token } = application().admin;
    const headers: Record<string, string> = action === undefined ? {} : { "x-dfns-useraction": action };
    return application().call(method, at, { token, body, headers });
  };

  it("a user action token that is used again: 400, and nothing happens", async () => {
    const body = bodyOf("once");
    const action = await application().userAction(application().admin, "POST", path, body);
    expect((await call(body, action)).status).toBe(200);
    isRefusal(await call(body, action), 400);
    const { items } = await application()
      .client(application().admin)
      .permissions.listPermissions({ query: { limit: "100" } });
    expect(items.filter(({ name }) => name === body.name)).toHaveLength(1);
  });

  it("none, one that is none, a changed body, another path, another method, another caller: 403", async () => {
    const { admin, serviceAccount } = application();
    const body = bodyOf("bound");
    const fresh = () => application().userAction(admin, "POST", path, body);
    isRefusal(await call(body, undefined), 403);
    isRefusal(await call(body, "nonsense"), 403);
    isRefusal(await call({ ...body, operations: ["Keys:Create"] }, await fresh()), 403);
    isRefusal(await call(body, await fresh(), "/keys"), 403);
    isRefusal(await call(body, await fresh(), "/permissions/pm-aaaaa-bbbbb-cccccccccccccccc", "PUT"), 403);
    const headers = { "x-dfns-useraction": await fresh() };
    isRefusal(await application().call("POST", path, { token: serviceAccount.token, body, headers }), 403);
    const { items } = await application()
      .client(admin)
      .permissions.listPermissions({ query: { limit: "100" } });
    expect(items.filter(({ name }) => name === body.name)).toEqual([]);
  });

  it("binds what the body says, not how it is written: other order and white space pass", async () => {
    const body = bodyOf("reordered");
    const action = await application().userAction(application().admin, "POST", path, body);
    const { name, operations } = body;
    expect((await call(JSON.stringify({ operations, name }, null, 4), action)).status).toBe(200);
  });

  it("takes an empty text, {} and no body for the same", async () => {
    const { admin } = application();
    const client = application().client(admin);
    const account = await client.auth.createServiceAccount({
      body: { name: unique("bot"), publicKey: newPem().publicKey },
    });
    const at = `/auth/service-accounts/${account.userInfo.userId}`;
    const python = await application().userAction(admin, "PUT", `${at}/deactivate`, undefined);
    expect((await call({}, python, `${at}/deactivate`, "PUT")).status).toBe(200);
    const node = await application().userAction(admin, "PUT", `${at}/activate`, {});
    expect((await call(undefined, node, `${at}/activate`, "PUT")).status).toBe(200);
  });

  it("drops the query from both paths, as the direct and the delegated client differ in it", async () => {
    const { admin } = application();
    const client = application().client(admin);
    const permission = await client.permissions.createPermission({ body: bodyOf("queried") });
    for (const [signed, called] of [
      ["?force=true", ""],
      ["", "?force=true"],
    ]) {
      const account = await client.auth.createServiceAccount({
        body: { name: unique("bot"), publicKey: newPem().publicKey },
      });
      const { id } = await client.permissions.createAssignment({
        permissionId: permission.id,
        body: { identityId: account.userInfo.userId },
      });
      const at = `/permissions/${permission.id}/assignments/${id}`;
      const action = await application().userAction(admin, "DELETE", at + signed, {});
      expect((await call({}, action, at + called, "DELETE")).status).toBeLessThan(300);
    }
  });

  it("accepts a challenge encoded once more, as browsers do", async () => {
    const { admin } = application();
    const body = bodyOf("browser");
    const challenge = await application().begin(admin, "POST", path, body);
    const twice = Buffer.from(challenge.challenge).toString("base64url");
    const { firstFactor } = signedBy(admin, { ...challenge, challenge: twice });
    const { challengeIdentifier } = challenge;
    const answer = { token: admin.token, body: { challengeIdentifier, firstFactor } };
    const signed = await application().call("POST", "/auth/action", answer);
    expect((await call(body, signed.body.userAction)).status).toBe(200);
  });
});
