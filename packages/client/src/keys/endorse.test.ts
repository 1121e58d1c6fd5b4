import { randomBytes } from "node:crypto";
import type { LogRecord } from "@quorate/authority";
import { enter, type KeyCredential, keyCredential, registrationOf, TestOrganisation } from "@quorate/authority/testing";
import { beforeEach, expect, it } from "vitest";
import { endorse, type NewCredentials } from "./index.ts";

const random = (length: number) => new Uint8Array(randomBytes(length));
let organisation: TestOrganisation;
let user: string;
let key: KeyCredential;

beforeEach(() => {
  organisation = new TestOrganisation({ settings: { registration: "endorsed" } });
  user = enter(organisation, "new@example.test", "CustomerEmployee");
  key = keyCredential("Ed25519");
});

/** The administrator, as a signer of the SDK. */
const signer = { sign: async ({ challenge }: { challenge: string }) => organisation.admin.assert(challenge) };
const vouched = (credentials: NewCredentials, changes: { user?: string; network?: string } = {}) => {
  const { state, network, time } = organisation;
  const newcomer = { network, organisation: state.id, user, relyingParty: state.settings.relyingParty, ...changes };
  return endorse(credentials, newcomer, { credentialId: organisation.admin.credentialId, signer }, random, time);
};
const credentialsOf = (one: KeyCredential) =>
  registrationOf(organisation, user, one).body as unknown as NewCredentials & Record<string, unknown>;
const register = async (one: KeyCredential, endorsement: Awaited<ReturnType<typeof vouched>> | null) => {
  const record = organisation.record(registrationOf(organisation, user, one), null);
  const endorsed: LogRecord = { ...record, action: { ...record.action, endorsement } };
  return organisation.follow(endorsed);
};

it("lets exactly the credentials that were shown register, where nobody registers without", async () => {
  const endorsement = await vouched(credentialsOf(key));
  await expect(register(keyCredential("Ed25519"), endorsement)).rejects.toThrow();
  await expect(register(key, null)).rejects.toThrow("nobody vouches");
  await register(key, endorsement);
  expect(organisation.state.users.get(user)).toMatchObject({ isRegistered: true, trustedOnFirstUse: false });
});

it("is given for nobody else's credentials, and for no other network", async () => {
  const credentials = credentialsOf(key);
  await expect(vouched(credentials, { user: "us-other" })).rejects.toMatchObject({ field: "user" });
  await expect(vouched(credentials, { network: "another" })).rejects.toMatchObject({ field: "network" });
  const other = credentialsOf(keyCredential("Ed25519")).firstFactorCredential as { credentialInfo: object };
  const mixed = credentials.firstFactorCredential as { credentialInfo: { attestationData: string } };
  const { attestationData } = mixed.credentialInfo;
  const forged = { ...other, credentialInfo: { ...other.credentialInfo, attestationData } };
  await expect(vouched({ firstFactorCredential: forged })).rejects.toMatchObject({ name: "AuthorityError" });
});
