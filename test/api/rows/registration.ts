import { verifyRegistrationResponse } from "@simplewebauthn/server";
import { describe, expect, it } from "vitest";
import { type KeyCurve, keyCredential, type PasskeyAlgorithm, passkey } from "../../support/authenticator.ts";
import type { Application } from "../application.ts";
import { newPem } from "../material.ts";
import { endUser, Person } from "../person.ts";
import { isRefusal, refused } from "../refusals.ts";
import { application } from "../started.ts";

const ORIGIN = "http://localhost:8080";

/** A user that the admin creates, with the code that it is sent. */
async function invited(app: Application, person = new Person(app)): Promise<{ person: Person; code: string }> {
  const body = { email: person.username, kind: "CustomerEmployee" as const };
  const user = await app.client(app.admin).auth.createUser({ body });
  expect(user).toMatchObject({
    username: person.username,
    isRegistered: false,
    isActive: true,
    kind: "CustomerEmployee",
  });
  person.id = user.userId;
  return { person, code: await app.codeOf(person.username) };
}

describe("4 registration and login", () => {
  it("POST /auth/registration/init, POST /auth/registration: an invited user registers and logs in by the official authenticator", async () => {
    const app = application();
    const { person, code } = await invited(app);
    const { username } = person;
    const registered = await person.authenticator.register({ orgId: app.orgId, username, registrationCode: code });
    expect(registered).toMatchObject({
      credential: { uuid: expect.stringMatching(/^cr-/), kind: "Key", name: expect.any(String) },
      user: { id: person.id, username, orgId: app.orgId },
    });
    await person.login();
    const { items } = await person.client.auth.listCredentials();
    expect(items).toMatchObject([{ credentialId: person.credential.credentialId, isActive: true }]);
    expect(await app.client(app.admin).auth.getUser({ userId: person.id })).toMatchObject({ isRegistered: true });
  });

  it("POST /auth/registration/init: a wrong code is 403, and a used one is refused", async () => {
    const app = application();
    const { person, code } = await invited(app);
    const { username } = person;
    const register = (registrationCode: string) =>
      person.authenticator.register({ orgId: app.orgId, username, registrationCode });
    await refused(register("WRONG-CODE"), 403);
    await register(code);
    const again = await register(code).catch((error) => error);
    expect([400, 403, 409]).toContain(again.httpStatus);
  });

  it("a temporary token registers once, and does nothing else", async () => {
    const app = application();
    const person = new Person(app);
    const body = { email: person.username, kind: "EndUser" as const };
    const challenge = await app.client(app.serviceAccount).auth.createDelegatedRegistrationChallenge({ body });
    const temporary = app.clientOf(challenge.temporaryAuthenticationToken);
    isRefusal(await app.call("GET", "/keys", { token: challenge.temporaryAuthenticationToken }), 401);
    await temporary.auth.register({ body: person.credentialsFor(challenge.challenge) });
    const again = await temporary.auth.register({ body: person.credentialsFor(challenge.challenge) }).catch((e) => e);
    expect([400, 401, 403, 409]).toContain(again.httpStatus);
  });
});

describe("4 registration and login", () => {
  it("POST /auth/registration/delegated: a registration challenge with all that devices read", async () => {
    const app = application();
    const person = new Person(app);
    const challenge = await app.client(app.serviceAccount).auth.createDelegatedRegistrationChallenge({
      body: { email: person.username, kind: "EndUser" },
    });
    expect(challenge).toMatchObject({
      user: { id: expect.stringMatching(/^us-/), name: person.username, displayName: expect.any(String) },
      temporaryAuthenticationToken: expect.any(String),
      challenge: expect.stringMatching(/^[A-Za-z0-9_-]+$/),
      rp: { id: "localhost", name: expect.any(String) },
      supportedCredentialKinds: {
        firstFactor: expect.arrayContaining(["Fido2", "Key"]),
        secondFactor: expect.any(Array),
      },
      authenticatorSelection: { residentKey: expect.any(String), requireResidentKey: expect.any(Boolean) },
      attestation: expect.any(String),
      pubKeyCredParams: expect.arrayContaining([{ type: "public-key", alg: -7 }]),
      excludeCredentials: [],
      otpUrl: expect.any(String),
    });
  });

  it("POST /auth/registration/delegated: somebody without Auth:Register:Delegated is refused by 403", async () => {
    const app = application();
    const person = await endUser(app);
    const body = { email: "somebody@example.test", kind: "EndUser" as const };
    await refused(person.client.auth.createDelegatedRegistrationChallenge({ body }), 403);
  });

  it("POST /auth/registration/enduser: an end user begins with a wallet of its own and a token", async () => {
    const app = application();
    const person = new Person(app);
    const challenge = await app.client(app.serviceAccount).auth.createDelegatedRegistrationChallenge({
      body: { email: person.username, kind: "EndUser" },
    });
    const temporary = app.clientOf(challenge.temporaryAuthenticationToken);
    const wallets = [{ network: "EthereumSepolia" as const, name: "first" }];
    const registered = await temporary.auth.registerEndUser({
      body: { ...person.credentialsFor(challenge.challenge), wallets },
    });
    person.token = registered.authentication.token;
    expect(registered.wallets).toMatchObject(
      [{ network: "EthereumSepolia", name: "first", address: /^0x/ }].map((one) => ({
        ...one,
        address: expect.stringMatching(one.address),
      })),
    );
    const mine = await person.client.wallets.listWallets();
    expect(mine.items.map(({ id }) => id)).toEqual(registered.wallets.map(({ id }) => id));
  });
});

/** 4.2 of the contract: what credentials there are. */
describe("4 registration and login", () => {
  it.each<KeyCurve>(["Ed25519", "P-256", "P-384", "secp256k1", "RSA"])(
    "a key on %s registers, logs in and signs",
    async (curve) => {
      const person = await endUser(application(), keyCredential(curve));
      expect(await person.client.keys.createKey({ body: { scheme: "EdDSA", curve: "ed25519" } })).toHaveProperty("id");
    },
  );

  it.each<[string, PasskeyAlgorithm, "none" | "packed"]>([
    ["ES256", -7, "none"],
    ["RS256", -257, "packed"],
    ["EdDSA", -8, "packed"],
  ])("a passkey by %s registers, logs in and signs", async (_, algorithm, format) => {
    const credential = passkey({ algorithm, format, origin: ORIGIN });
    const person = await endUser(application(), credential);
    const key = await person.client.keys.createKey({ body: { scheme: "EdDSA", curve: "ed25519" } });
    const request = { keyId: key.id, body: { kind: "Message" as const, message: "00" } };
    expect(await person.client.keys.generateSignature(request)).toMatchObject({ status: "Signed" });
    const { items } = await person.client.auth.listCredentials();
    expect(items[0]).toMatchObject({ kind: "Fido2", relyingPartyId: "localhost", origin: expect.any(String) });
  });

  it("a passkey that registers here is one that SimpleWebAuthn takes as well, for the same challenge", async () => {
    const app = application();
    const person = new Person(app, passkey({ origin: ORIGIN }));
    const { challenge, temporaryAuthenticationToken } = await app
      .client(app.serviceAccount)
      .auth.createDelegatedRegistrationChallenge({ body: { email: person.username, kind: "EndUser" } });
    const body = person.credentialsFor(challenge, { recovery: false });
    const { credId, clientData, attestationData } = (
      body.firstFactorCredential as { credentialInfo: Record<"credId" | "clientData" | "attestationData", string> }
    ).credentialInfo;
    const opinion = await verifyRegistrationResponse({
      response: {
        id: credId,
        rawId: credId,
        type: "public-key",
        clientExtensionResults: {},
        response: { clientDataJSON: clientData, attestationObject: attestationData },
      },
      expectedChallenge: Buffer.from(challenge).toString("base64url"),
      expectedOrigin: ORIGIN,
      expectedRPID: "localhost",
    });
    expect(opinion.verified).toBe(true);
    await expect(app.clientOf(temporaryAuthenticationToken).auth.register({ body })).resolves.toHaveProperty("user");
  });

  it("a passkey of another origin, and one of another site, are refused", async () => {
    for (const odd of [passkey({ origin: "http://localhost:9" }), passkey({ rpId: "example.test", origin: ORIGIN })]) {
      const refusal = await endUser(application(), odd).catch((error) => error);
      expect([400, 403]).toContain(refusal.httpStatus);
    }
  });

  it("an attestation over another challenge, and one by another key, are refused", async () => {
    const app = application();
    for (const twist of [{ clientData: { challenge: "b3RoZXI" } }, { publicKey: newPem().publicKey }]) {
      const person = new Person(app);
      const { challenge, temporaryAuthenticationToken: token } = await app
        .client(app.serviceAccount)
        .auth.createDelegatedRegistrationChallenge({ body: { email: person.username, kind: "EndUser" } });
      const body = { firstFactorCredential: keyCredential().attest(challenge, twist) };
      const answer = await app.call("POST", "/auth/registration", { token, body });
      expect([400, 403]).toContain(answer.status);
      isRefusal(answer, answer.status);
    }
  });
});

describe("4 registration and login", () => {
  it("POST /auth/login/init, POST /auth/login: somebody else's signature is refused, and an unknown name is offered nothing to sign with", async () => {
    const app = application();
    const [person, other] = [await endUser(app), await endUser(app)];
    const init = { orgId: app.orgId, username: person.username };
    const begun = await app.call("POST", "/auth/login/init", { body: init });
    const { challengeIdentifier, challenge } = begun.body;
    const body = { challengeIdentifier, firstFactor: other.credential.assert(challenge) };
    const answer = await app.call("POST", "/auth/login", { body });
    expect([401, 403]).toContain(answer.status);
    isRefusal(answer, answer.status);
    const unknown = { orgId: app.orgId, username: "nobody@example.test" };
    const nobody = await app.call("POST", "/auth/login/init", { body: unknown });
    expect([nobody.status, nobody.body.allowCredentials?.key ?? []]).toEqual([200, []]);
  });

  it("a signature for a login is none for an action, nor the other way round", async () => {
    const app = application();
    const person = await endUser(app);
    const login = await app.call("POST", "/auth/login/init", { body: { orgId: app.orgId, username: person.username } });
    const { token } = person;
    const mixed = await app.call("POST", "/auth/action", {
      token,
      body: {
        challengeIdentifier: login.body.challengeIdentifier,
        firstFactor: person.credential.assert(login.body.challenge),
      },
    });
    expect([400, 403]).toContain(mixed.status);
    const action = await app.begin({ token, credId: "", privateKey: "" }, "POST", "/keys", {});
    const firstFactor = person.credential.assert(action.challenge);
    const { challengeIdentifier } = action;
    const turned = await app.call("POST", "/auth/login", { body: { challengeIdentifier, firstFactor } });
    expect([400, 403]).toContain(turned.status);
  });

  it("PUT /auth/logout: ends the session, with no body and no content type", async () => {
    const app = application();
    const person = await endUser(app);
    const other = await new Person(app, person.credential, person.username).login();
    expect(await person.client.auth.logout()).toHaveProperty("message");
    isRefusal(await app.call("GET", "/auth/credentials", { token: person.token }), 401);
    expect((await app.call("GET", "/auth/credentials", { token: other })).status).toBe(200);
    await person.login();
    expect(await person.client.auth.logout({ body: { allSessions: true } })).toHaveProperty("message");
    isRefusal(await app.call("GET", "/auth/credentials", { token: other }), 401);
  });
});
