import { generateKeyPairSync } from "node:crypto";
import { DfnsApiClient, DfnsDelegatedApiClient, type DfnsError } from "@dfns/sdk";
import { AsymmetricKeySigner } from "@dfns/sdk-keysigner";
import { type KeyCredential, keyCredential } from "@quorate/authority/testing";
import { describe, expect, it } from "vitest";

/** A running API, and a service account of it that may do everything. */
export interface Target {
  readonly baseUrl: string;
  readonly orgId: string;
  readonly token: string;
  readonly credId: string;
  /** PEM. */
  readonly privateKey: string;
}

const pemOf = (key: KeyCredential) => key.privateKey.export({ format: "pem", type: "pkcs8" }).toString();
const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Of a kind that has one: passwords have none. */
const challengeIn = (begun: object) => ("challenge" in begun ? String(begun.challenge) : "");

let count = 0;
/** No two runs against one network meet. */
const fresh = (what: string) => `${what}-${Date.now().toString(36)}-${++count}`;

function newKeys() {
  const pair = generateKeyPairSync("ed25519");
  return {
    publicKey: pair.publicKey.export({ format: "pem", type: "spki" }).toString(),
    privateKey: pair.privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
  };
}

/** The client of whoever holds this token and key. */
export function clientOf({ baseUrl, orgId }: Target, authToken: string, credId: string, privateKey: string) {
  return new DfnsApiClient({ baseUrl, orgId, authToken, signer: new AsymmetricKeySigner({ credId, privateKey }) });
}

const robotOf = (target: Target) => clientOf(target, target.token, target.credId, target.privateKey);
const anybody = ({ baseUrl, orgId }: Target, authToken?: string) =>
  new DfnsApiClient({ baseUrl, orgId, ...(authToken === undefined ? {} : { authToken }) });
const failure = (call: Promise<unknown>): Promise<DfnsError> =>
  call.then(
    () => Promise.reject(new Error("it succeeded")),
    (error: DfnsError) => error,
  );

/** Registers an end user on the word of the service account. */
async function endUser(target: Target) {
  const username = `${fresh("end")}@example.test`;
  const body = { email: username, kind: "EndUser" } as const;
  const begun = await robotOf(target).auth.createDelegatedRegistrationChallenge({ body });
  const [key, recovery] = [keyCredential("P-256"), keyCredential("P-256", "RecoveryKey")];
  const credentials = {
    firstFactorCredential: key.attest(begun.challenge),
    recoveryCredential: recovery.attest(begun.challenge),
  };
  const newcomer = anybody(target, begun.temporaryAuthenticationToken);
  const done = await newcomer.auth.register({ body: credentials as never });
  return { username, key, recovery, id: done.user.id };
}

async function loggedIn(target: Target, username: string, key: KeyCredential) {
  const { auth } = anybody(target);
  const begun = await auth.createLoginChallenge({ body: { orgId: target.orgId, username } });
  const firstFactor = key.assert(begun.challenge) as never;
  const done = await auth.login({ body: { challengeIdentifier: begun.challengeIdentifier, firstFactor } });
  if (!("token" in done)) throw new Error("no token");
  return { token: done.token, client: clientOf(target, done.token, key.credentialId, pemOf(key)) };
}

function accounts(target: () => Target): void {
  it("makes, shows, names, switches and archives service accounts, which act under their own key", async () => {
    const { auth, permissions } = robotOf(target());
    const keys = newKeys();
    const made = await auth.createServiceAccount({ body: { name: fresh("robot"), publicKey: keys.publicKey } });
    const serviceAccountId = made.userInfo.userId;
    const [token] = made.accessTokens;
    const own = clientOf(target(), token!.accessToken!, token!.credId, keys.privateKey);
    expect(await failure(own.auth.listServiceAccounts())).toMatchObject({ httpStatus: 403 });
    const { id: permissionId } = await permissions.createPermission({
      body: { name: fresh("readers"), operations: ["Auth:ServiceAccounts:Read"] },
    });
    await permissions.createAssignment({ permissionId, body: { identityId: serviceAccountId } });
    const { items } = await own.auth.listServiceAccounts();
    expect(items.map((one) => one.userInfo.userId)).toContain(serviceAccountId);
    expect(items.flatMap((one) => one.accessTokens).some((one) => one.accessToken !== undefined)).toBe(false);
    const renamed = await auth.updateServiceAccount({ serviceAccountId, body: { name: fresh("renamed") } });
    expect(renamed.userInfo.username).toContain("renamed");
    await auth.deactivateServiceAccount({ serviceAccountId, body: {} } as never);
    expect(await failure(own.auth.listServiceAccounts())).toMatchObject({ httpStatus: 401 });
    await auth.activateServiceAccount({ serviceAccountId });
    await own.auth.listServiceAccounts();
    await auth.archiveServiceAccount({ serviceAccountId });
    expect(await failure(own.auth.listServiceAccounts())).toMatchObject({ httpStatus: 401 });
  });

  it("makes, changes, gives, takes and archives permissions", async () => {
    const { permissions } = robotOf(target());
    const made = await permissions.createPermission({ body: { name: fresh("p"), operations: ["Keys:Read"] } });
    const permissionId = made.id;
    expect(made).toMatchObject({ status: "Active", isImmutable: false, isArchived: false });
    const body = { name: fresh("q"), operations: ["Keys:Read", "Wallets:Read"] } as never;
    expect((await permissions.updatePermission({ permissionId, body })).operations).toHaveLength(2);
    const { id: identityId } = await endUser(target());
    const given = await permissions.createAssignment({ permissionId, body: { identityId } });
    expect((await permissions.listAssignments({ permissionId })).items).toMatchObject([{ id: given.id, identityId }]);
    await permissions.deleteAssignment({ permissionId, assignmentId: given.id });
    expect((await permissions.listAssignments({ permissionId })).items).toEqual([]);
    const archived = await permissions.archivePermission({ permissionId, body: { isArchived: true } });
    expect(archived.isArchived).toBe(true);
    expect((await permissions.listPermissions({ query: { limit: "1" } })).nextPageToken).toEqual(expect.any(String));
  });

  it("enters, shows, switches and archives users", async () => {
    const { auth } = robotOf(target());
    const email = `${fresh("user")}@example.test`;
    const { userId } = await auth.createUser({ body: { email, kind: "CustomerEmployee" } });
    expect(await auth.getUser({ userId })).toMatchObject({ username: email, isRegistered: false, isActive: true });
    expect((await auth.deactivateUser({ userId })).isActive).toBe(false);
    expect((await auth.activateUser({ userId })).isActive).toBe(true);
    await auth.updateUser({ userId, body: { isSSORequired: false } });
    expect((await auth.listUsers({ query: { kind: "CustomerEmployee" } })).items.map((one) => one.userId)).toContain(
      userId,
    );
    await auth.archiveUser({ userId });
    expect(
      (await auth.listUsers({ query: { kind: "CustomerEmployee" } })).items.map((one) => one.userId),
    ).not.toContain(userId);
  });
}

function people(target: () => Target): void {
  it("registers an end user, logs in on its behalf, and has its device sign between Init and Complete", async () => {
    const { username, key } = await endUser(target());
    const { token } = await robotOf(target()).auth.delegatedLogin({ body: { username } });
    const { baseUrl, orgId } = target();
    const delegated = new DfnsDelegatedApiClient({ baseUrl, orgId, authToken: token });
    const second = keyCredential("Ed25519");
    const begun = await anybody(target(), token).auth.createCredentialChallenge({ body: { kind: "Key" } });
    const { challengeIdentifier } = begun;
    const attested = second.attest(challengeIn(begun));
    const body = { ...attested, credentialName: "second", challengeIdentifier } as never;
    const init = await delegated.auth.createCredentialInit({ body });
    const signed = { challengeIdentifier: init.challengeIdentifier, firstFactor: key.assert(init.challenge) as never };
    const made = await delegated.auth.createCredentialComplete({ body }, signed);
    expect(made).toMatchObject({ kind: "Key", name: "second", isActive: true, credentialId: second.credentialId });
    await loggedIn(target(), username, second);
  });

  it("keeps credentials: lists, deactivates and activates them, also one that a code added", async () => {
    const { username, key } = await endUser(target());
    const { client } = await loggedIn(target(), username, key);
    const expiration = new Date(Date.now() + 3600_000).toISOString();
    const { code } = await client.auth.createCredentialCode({ body: { expiration } });
    const { auth } = anybody(target());
    const begun = await auth.createCredentialChallengeWithCode({ body: { credentialKind: "Key", code } });
    const second = keyCredential("secp256k1");
    const { challengeIdentifier } = begun;
    const body = { ...second.attest(challengeIn(begun)), credentialName: "by code", challengeIdentifier } as never;
    const { credentialUuid } = await auth.createCredentialWithCode({ body });
    expect(await failure(loggedIn(target(), username, second))).toMatchObject({ httpStatus: 403 });
    await client.auth.activateCredential({ body: { credentialUuid } });
    await loggedIn(target(), username, second);
    await client.auth.deactivateCredential({ body: { credentialUuid } });
    expect(await failure(loggedIn(target(), username, second))).toMatchObject({ httpStatus: 403 });
    const { items } = await client.auth.listCredentials();
    expect(items.map((one) => [one.kind, one.isActive])).toEqual([
      ["Key", true],
      ["RecoveryKey", true],
      ["Key", false],
    ]);
  });
}

function sessions(target: () => Target): void {
  it("logs out", async () => {
    const { username, key } = await endUser(target());
    const { client } = await loggedIn(target(), username, key);
    await client.auth.logout();
    expect(await failure(client.auth.listCredentials())).toMatchObject({ httpStatus: 401 });
  });

  it("gives a user personal access tokens, which act, sleep and end", async () => {
    const { username, key, id } = await endUser(target());
    const robot = robotOf(target());
    const permission = await robot.permissions.createPermission({
      body: { name: fresh("pats"), operations: ["Auth:Pats:Create"] } as never,
    });
    await robot.permissions.createAssignment({ permissionId: permission.id, body: { identityId: id } });
    const { client } = await loggedIn(target(), username, key);
    const keys = newKeys();
    const body = { name: "mine", publicKey: keys.publicKey, daysValid: 1 };
    const { tokenId, accessToken, credId } = await client.auth.createPersonalAccessToken({ body });
    const own = clientOf(target(), accessToken, credId, keys.privateKey);
    expect((await own.auth.listPersonalAccessTokens()).items).toMatchObject([{ tokenId, kind: "Pat", isActive: true }]);
    await own.auth.updatePersonalAccessToken({ tokenId, body: { name: "renamed" } });
    await own.auth.deactivatePersonalAccessToken({ tokenId });
    expect(await failure(own.auth.listPersonalAccessTokens())).toMatchObject({ httpStatus: 401 });
    expect((await client.auth.activatePersonalAccessToken({ tokenId })).isActive).toBe(true);
    await client.auth.archivePersonalAccessToken({ tokenId });
    expect((await client.auth.listPersonalAccessTokens()).items).toEqual([]);
  });

  it("recovers somebody who has nothing left but the recovery key", async () => {
    const { username, key, recovery } = await endUser(target());
    const body = { username, credentialId: recovery.credentialId };
    const begun = await robotOf(target()).auth.createDelegatedRecoveryChallenge({ body });
    const found = keyCredential("Ed25519");
    const newCredentials = { firstFactorCredential: found.attest(begun.challenge) };
    const signed = recovery.assert(base64url(newCredentials));
    const done = { recovery: signed, newCredentials } as never;
    await anybody(target(), begun.temporaryAuthenticationToken).auth.recover({ body: done });
    await loggedIn(target(), username, found);
    expect(await failure(loggedIn(target(), username, key))).toMatchObject({ httpStatus: 403 });
  });
}

function client(target: () => Target): void {
  it("refuses a wrong credential before anything is sent, and a token of another organisation", async () => {
    const { token, privateKey } = target();
    const wrong = clientOf(target(), token, "another", privateKey);
    const body = { name: fresh("p"), operations: ["Keys:Read"] } as never;
    expect((await failure(wrong.permissions.createPermission({ body }))).message).toContain(
      "does not match allowed credentials",
    );
    const elsewhere = clientOf({ ...target(), orgId: "or-elsewhere" }, token, target().credId, privateKey);
    expect((await failure(elsewhere.permissions.listPermissions())).message).toContain("not scoped to org ID");
  });

  it("reads the log of actions, in CSV and one by one, and finds no applications", async () => {
    const { auth, permissions } = robotOf(target());
    await permissions.createPermission({ body: { name: fresh("noted"), operations: ["Keys:Read"] } as never });
    const [from, to] = [Date.now() - 3 * 86_400_000, Date.now() + 3 * 86_400_000].map((at) =>
      new Date(at).toISOString(),
    );
    const csv = await auth.listAuditLogs({ query: { startTime: from!, endTime: to! } });
    const [head, ...rows] = csv.trimEnd().split("\r\n");
    expect(head).toBe("id,datePerformed,action,userId,username,credentialId,credentialKind");
    const last = rows.filter((one) => one.includes("POST /permissions,")).at(-1)!;
    const id = last.split(",")[0]!;
    expect(await auth.getAuditLog({ id })).toMatchObject({
      action: "POST /permissions",
      firstFactorCredential: {
        kind: "Key",
        assertion: { clientData: expect.any(String), signature: expect.any(String) },
      },
    });
    expect((await auth.listApplications()).items).toEqual([]);
  });

  it("learns of a refusal what is missing, to whom", async () => {
    const { username, key, id } = await endUser(target());
    const { client } = await loggedIn(target(), username, key);
    const error = await failure(client.auth.listUsers());
    expect([error.httpStatus, error.message]).toEqual([403, `EndUser ${id} is not permitted Auth:Users:Read`]);
  });
}

/** What the official client does with identities, against any API that is there. */
export function identityFlows(target: () => Target): void {
  describe("service accounts, permissions and users", () => accounts(target));
  describe("people and their credentials", () => people(target));
  describe("sessions, tokens and recovery", () => sessions(target));
  describe("the client itself", () => client(target));
}
