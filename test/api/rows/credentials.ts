import { describe, expect, it } from "vitest";
import { keyCredential, passkey } from "../../support/authenticator.ts";
import { device, endUser, Person } from "../person.ts";
import { isRefusal, refused } from "../refusals.ts";
import { application } from "../started.ts";

type NewCredential = Parameters<Person["client"]["auth"]["createCredential"]>[0]["body"];

/** An attestation as the body of a request. */
function named(attestation: object, challengeIdentifier: string, credentialName: string): NewCredential {
  return { ...attestation, challengeIdentifier, credentialName } as NewCredential;
}

const IN_A_MINUTE = () => new Date(Date.now() + 60_000).toISOString();

/** Section 4.1, a user's credentials. */
describe("4 credentials", () => {
  it.each(["Key", "PasswordProtectedKey", "RecoveryKey"] as const)(
    "POST /auth/credentials/init, POST /auth/credentials: adds a %s, by the signature of one that is there",
    async (kind) => {
      const person = await endUser(application());
      const added = keyCredential("P-256", kind);
      const { challenge, challengeIdentifier } = (await person.client.auth.createCredentialChallenge({
        body: { kind },
      })) as { challenge: string; challengeIdentifier: string };
      const body = named(added.attest(challenge), challengeIdentifier, `a ${kind}`);
      const credential = await person.client.auth.createCredential({ body });
      expect(credential).toMatchObject({
        kind,
        credentialId: added.credentialId,
        credentialUuid: expect.stringMatching(/^cr-/),
        dateCreated: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
        isActive: true,
        name: `a ${kind}`,
        publicKey: expect.stringContaining("PUBLIC KEY"),
        relyingPartyId: expect.any(String),
        origin: expect.any(String),
      });
      const { items } = await person.client.auth.listCredentials();
      expect(items.map(({ credentialId }) => credentialId)).toContain(added.credentialId);
    },
  );

  it("GET /auth/credentials: shows everybody their own", async () => {
    const [one, other] = [await endUser(application()), await endUser(application())];
    const ids = async (person: Person) => (await person.client.auth.listCredentials()).items.map((c) => c.credentialId);
    expect(await ids(one)).toEqual(expect.arrayContaining([one.credential.credentialId]));
    expect(await ids(other)).not.toContain(one.credential.credentialId);
  });

  it("PUT /auth/credentials/deactivate, /activate: a credential that is off signs nothing and is not offered", async () => {
    const app = application();
    const person = await endUser(app);
    const second = passkey();
    const { challenge, challengeIdentifier } = (await person.client.auth.createCredentialChallenge({
      body: { kind: "Fido2" },
    })) as { challenge: string; challengeIdentifier: string };
    const body = named(second.attest(challenge), challengeIdentifier, "phone");
    const { credentialUuid } = await person.client.auth.createCredential({ body });
    const phone = app.clientOf(person.token, device(second));
    await phone.keys.createKey({ body: { scheme: "EdDSA", curve: "ed25519" } });
    expect(await person.client.auth.deactivateCredential({ body: { credentialUuid } })).toHaveProperty("message");
    await refused(phone.keys.createKey({ body: { scheme: "EdDSA", curve: "ed25519" } }), 403);
    const offered = await app.begin({ token: person.token, credId: "", privateKey: "" }, "POST", "/keys", {});
    expect(offered.allowCredentials.webauthn).toEqual([]);
    expect(await person.client.auth.activateCredential({ body: { credentialUuid } })).toHaveProperty("message");
    await phone.keys.createKey({ body: { scheme: "EdDSA", curve: "ed25519" } });
  });

  it("PUT /auth/credentials/deactivate: nobody's credentials but one's own", async () => {
    const [one, other] = [await endUser(application()), await endUser(application())];
    const { items } = await one.client.auth.listCredentials();
    const { credentialUuid } = items[0]!;
    const error = await other.client.auth.deactivateCredential({ body: { credentialUuid } }).catch((e) => e);
    expect([403, 404]).toContain(error.httpStatus);
    expect((await one.client.auth.listCredentials()).items[0]).toMatchObject({ isActive: true });
  });

  it("POST /auth/credentials/code, /code/init, /code/verify: a new device comes in by a code, and is let in by an old one", async () => {
    const app = application();
    const person = await endUser(app);
    const { code, expiration } = await person.client.auth.createCredentialCode({
      body: { expiration: IN_A_MINUTE() },
    });
    expect(Date.parse(expiration)).toBeGreaterThan(Date.now());
    const laptop = keyCredential();
    const nobody = app.clientOf("");
    const { challenge, challengeIdentifier } = (await nobody.auth.createCredentialChallengeWithCode({
      body: { credentialKind: "Key", code },
    })) as { challenge: string; challengeIdentifier: string };
    const made = await nobody.auth.createCredentialWithCode({
      body: named(laptop.attest(challenge), challengeIdentifier, "laptop"),
    });
    expect(made).toMatchObject({ credentialId: laptop.credentialId, isActive: false });
    const { credentialUuid } = made;
    await person.client.auth.activateCredential({ body: { credentialUuid } });
    await new Person(app, laptop, person.username).login();
  });

  it("POST /auth/credentials/code/init: a code that nobody gave, and one that was used, are refused", async () => {
    const app = application();
    const person = await endUser(app);
    const { code } = await person.client.auth.createCredentialCode({ body: { expiration: IN_A_MINUTE() } });
    const nobody = app.clientOf("");
    const begin = (one: string) =>
      nobody.auth.createCredentialChallengeWithCode({ body: { credentialKind: "Key", code: one } });
    await refused(begin("NOT-A-CODE"), 403);
    const { challenge, challengeIdentifier } = (await begin(code)) as Record<
      "challenge" | "challengeIdentifier",
      string
    >;
    const body = named(keyCredential().attest(challenge), challengeIdentifier, "laptop");
    await nobody.auth.createCredentialWithCode({ body });
    const again = await begin(code).catch((error) => error);
    expect([400, 403]).toContain(again.httpStatus);
  });

  it("POST /auth/credentials/init: kinds Password and Totp are refused by 400", async () => {
    const { token } = await endUser(application());
    for (const kind of ["Password", "Totp", "Retina"]) {
      isRefusal(await application().call("POST", "/auth/credentials/init", { token, body: { kind } }), 400, /kind/i);
    }
  });
});
