import { describe, expect, it } from "vitest";
import { keyCredential } from "../../support/authenticator.ts";
import type { Application } from "../application.ts";
import { newPem, unique } from "../material.ts";
import { endUser, Person } from "../person.ts";
import { isRefusal, refused } from "../refusals.ts";
import { application } from "../started.ts";

type Recovery = Parameters<Person["client"]["auth"]["recover"]>[0]["body"];

/** Answers a recovery challenge as the vendor's example does. */
function recovery(old: Person, renewed: Person, challenge: string, by = old.recoveryKey): Recovery {
  const newCredentials = renewed.credentialsFor(challenge);
  const signed = Buffer.from(JSON.stringify(newCredentials)).toString("base64url");
  return { recovery: by.assert(signed), newCredentials } as unknown as Recovery;
}

/** The same user name with other devices. */
const renewal = (app: Application, old: Person) => new Person(app, keyCredential(), old.username);

async function delegatedChallenge(app: Application, person: Person) {
  return app.client(app.serviceAccount).auth.createDelegatedRecoveryChallenge({
    body: { username: person.username, credentialId: person.recoveryKey.credentialId },
  });
}

/** Section 4.3. */
describe("4.3 recovery", () => {
  it("POST /auth/recover/user/code, /init, POST /auth/recover/user: a user that lost its device returns with a code and its recovery key", async () => {
    const app = application();
    const person = await endUser(app);
    const { username } = person;
    const { orgId } = app;
    expect(await app.clientOf("").auth.sendRecoveryCode({ body: { username, orgId } })).toHaveProperty("message");
    const body = { username, orgId, credentialId: person.recoveryKey.credentialId };
    const nobody = app.clientOf("");
    await refused(nobody.auth.createRecoveryChallenge({ body: { ...body, verificationCode: "WRONG" } }), 403);
    const challenge = await nobody.auth.createRecoveryChallenge({
      body: { ...body, verificationCode: await app.codeOf(username) },
    });
    expect(challenge.allowedRecoveryCredentials).toEqual([
      { id: person.recoveryKey.credentialId, encryptedRecoveryKey: expect.any(String) },
    ]);
    const renewed = renewal(app, person);
    const temporary = app.clientOf(challenge.temporaryAuthenticationToken);
    const recovered = await temporary.auth.recover({ body: recovery(person, renewed, challenge.challenge) });
    expect(recovered.user).toEqual({ id: person.id, username, orgId });
    await renewed.login();
  });

  it("POST /auth/recover/user/delegated: a service account begins it; afterwards old credentials and tokens are dead", async () => {
    const app = application();
    const person = await endUser(app);
    const pair = newPem();
    await app.client(app.admin).permissions.createAssignment({
      permissionId: (
        await app.client(app.admin).permissions.createPermission({
          body: { name: unique("pats"), operations: ["Auth:Pats:Create"] },
        })
      ).id,
      body: { identityId: person.id },
    });
    const pat = await person.client.auth.createPersonalAccessToken({
      body: { name: unique("pat"), publicKey: pair.publicKey },
    });
    const challenge = await delegatedChallenge(app, person);
    const renewed = renewal(app, person);
    const temporary = app.clientOf(challenge.temporaryAuthenticationToken);
    await temporary.auth.recover({ body: recovery(person, renewed, challenge.challenge) });
    isRefusal(await app.call("GET", "/keys", { token: person.token }), 401);
    isRefusal(await app.call("GET", "/keys", { token: pat.accessToken }), 401);
    const error = await person.login().catch((thrown) => thrown);
    expect([401, 403]).toContain(error.httpStatus);
    await renewed.login();
    const { items } = await renewed.client.auth.listCredentials();
    expect(
      items
        .filter(({ isActive }) => isActive)
        .map(({ credentialId }) => credentialId)
        .sort(),
    ).toEqual([renewed.credential.credentialId, renewed.recoveryKey.credentialId].sort());
  });

  it("after a recovery the keys of the user do not sign, and the refusal names the day", async () => {
    const app = application();
    const person = await endUser(app);
    const key = await person.client.keys.createKey({ body: { scheme: "EdDSA", curve: "ed25519" } });
    const challenge = await delegatedChallenge(app, person);
    const renewed = renewal(app, person);
    await app
      .clientOf(challenge.temporaryAuthenticationToken)
      .auth.recover({ body: recovery(person, renewed, challenge.challenge) });
    await renewed.login();
    const request = { keyId: key.id, body: { kind: "Message" as const, message: "00" } };
    await refused(renewed.client.keys.generateSignature(request), 403, /\d{4}-\d{2}-\d{2}/);
  });

  it("POST /auth/recover/user: refused by another key than the recovery key (401), and for changed new credentials", async () => {
    const app = application();
    const person = await endUser(app);
    const challenge = await delegatedChallenge(app, person);
    const { temporaryAuthenticationToken: token } = challenge;
    const renewed = renewal(app, person);
    const honest = recovery(person, renewed, challenge.challenge);
    const first = person.credential as ReturnType<typeof keyCredential>;
    const wrongKind = {
      ...honest,
      recovery: first.assert(Buffer.from(JSON.stringify(honest.newCredentials)).toString("base64url")),
    };
    isRefusal(await app.call("POST", "/auth/recover/user", { token, body: wrongKind }), 401);
    const swapped = { ...honest, newCredentials: renewal(app, person).credentialsFor(challenge.challenge) };
    const answer = await app.call("POST", "/auth/recover/user", { token, body: swapped });
    expect([400, 403]).toContain(answer.status);
    isRefusal(answer, answer.status);
    await person.login();
  });

  it("POST /auth/recover/user/delegated: is for service accounts only", async () => {
    const app = application();
    const person = await endUser(app);
    const body = { username: person.username, credentialId: person.recoveryKey.credentialId };
    await refused(app.client(app.admin).auth.createDelegatedRecoveryChallenge({ body }), 403);
  });
});
