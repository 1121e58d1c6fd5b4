import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { newPem, unique } from "../material.ts";
import { endUser } from "../person.ts";
import { refused } from "../refusals.ts";
import { application } from "../started.ts";

const email = () => `${randomBytes(6).toString("hex")}@example.test`;
const DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

describe("5 users", () => {
  it("POST, GET, PUT, DELETE /auth/users, /activate, /deactivate: a user from beginning to end", async () => {
    const { orgId } = application();
    const { auth } = application().client(application().admin);
    const user = await auth.createUser({ body: { email: email(), kind: "CustomerEmployee" } });
    const { userId } = user;
    expect(user).toMatchObject({
      username: expect.any(String),
      name: expect.any(String),
      userId: expect.stringMatching(/^us-/),
      credentialUuid: expect.any(String),
      orgId,
      isActive: true,
      isServiceAccount: false,
      isRegistered: false,
      isSSORequired: false,
      permissionAssignments: [],
    });
    expect(await auth.getUser({ userId })).toEqual(user);
    expect(await auth.deactivateUser({ userId })).toMatchObject({ userId, isActive: false });
    expect(await auth.activateUser({ userId })).toMatchObject({ userId, isActive: true });
    const { items } = await auth.listUsers({ query: { kind: "CustomerEmployee", limit: 200 } });
    expect(items.map((one) => one.userId)).toContain(userId);
    expect(items.every((one) => one.kind === "CustomerEmployee")).toBe(true);
    expect(await auth.archiveUser({ userId })).toMatchObject({ userId, isActive: false });
    await refused(auth.activateUser({ userId }), 404);
  });

  it("PUT /auth/users/:id: takes isSSORequired false, and says that single sign-on is not here", async () => {
    const { auth } = application().client(application().admin);
    const { userId } = await auth.createUser({ body: { email: email(), kind: "CustomerEmployee" } });
    expect(await auth.updateUser({ userId, body: { isSSORequired: false } })).toMatchObject({ userId });
    await refused(auth.updateUser({ userId, body: { isSSORequired: true } }), 400, /isSSORequired/);
  });

  it("POST /auth/users: a name that is taken is 409", async () => {
    const { auth } = application().client(application().admin);
    const body = { email: email(), kind: "CustomerEmployee" as const };
    await auth.createUser({ body });
    await refused(auth.createUser({ body }), 409, new RegExp(body.email));
  });
});

describe("5 service accounts", () => {
  it("POST, GET, PUT, DELETE /auth/service-accounts, /activate, /deactivate: a service account from beginning to end", async () => {
    const app = application();
    const { auth, permissions } = app.client(app.admin);
    const permission = await permissions.createPermission({
      body: { name: unique("keys"), operations: ["Keys:Create", "Keys:Read"] },
    });
    const pair = newPem();
    const name = unique("bot");
    const body = { name, publicKey: pair.publicKey, permissionId: permission.id, daysValid: 30, externalId: "mine" };
    const account = await auth.createServiceAccount({ body });
    const serviceAccountId = account.userInfo.userId;
    expect(account.userInfo).toMatchObject({
      isServiceAccount: true,
      isActive: true,
      isRegistered: true,
      orgId: app.orgId,
    });
    expect(account.accessTokens).toMatchObject([
      {
        accessToken: expect.any(String),
        credId: expect.any(String),
        dateCreated: expect.stringMatching(DATE),
        kind: "ServiceAccount",
        linkedUserId: serviceAccountId,
        linkedAppId: expect.any(String),
        orgId: app.orgId,
        publicKey: expect.stringContaining("PUBLIC KEY"),
        tokenId: expect.stringMatching(/^to-/),
      },
    ]);
    const { accessToken, credId } = account.accessTokens[0]!;
    const bot = app.client({ token: accessToken!, credId, privateKey: pair.privateKey });
    await bot.keys.createKey({ body: { scheme: "EdDSA", curve: "ed25519" } });
    const again = await auth.getServiceAccount({ serviceAccountId });
    expect(again.accessTokens[0]).not.toHaveProperty("accessToken");
    const renamed = unique("robot");
    expect(await auth.updateServiceAccount({ serviceAccountId, body: { name: renamed } })).toMatchObject({
      userInfo: { name: renamed },
    });
    const { items } = await auth.listServiceAccounts();
    expect(items.map(({ userInfo }) => userInfo.userId)).toContain(serviceAccountId);
    expect(await auth.deactivateServiceAccount({ serviceAccountId })).toMatchObject({ userInfo: { isActive: false } });
    await refused(bot.keys.listKeys(), 401);
    expect(await auth.activateServiceAccount({ serviceAccountId })).toMatchObject({ userInfo: { isActive: true } });
    await bot.keys.listKeys();
    expect(await auth.archiveServiceAccount({ serviceAccountId })).toMatchObject({ userInfo: { isActive: false } });
    await refused(bot.keys.listKeys(), 401);
  });

  it("POST /auth/service-accounts: refuses a key that is none, and a life outside 1 to 730 days, by 400", async () => {
    const { auth } = application().client(application().admin);
    const { publicKey } = newPem();
    const nonsense = `-----BEGIN PUBLIC KEY-----\n${"A".repeat(80)}\n-----END PUBLIC KEY-----`;
    await refused(auth.createServiceAccount({ body: { name: unique("bot"), publicKey: nonsense } }), 400, /publicKey/);
    for (const daysValid of [-1, 731, 1.5]) {
      await refused(
        auth.createServiceAccount({ body: { name: unique("bot"), publicKey, daysValid } }),
        400,
        /daysValid/,
      );
    }
  });
});

describe("5 personal tokens", () => {
  it("POST, GET, PUT, DELETE /auth/pats, /activate, /deactivate: a personal token from beginning to end", async () => {
    const app = application();
    const { auth } = app.client(app.admin);
    const pair = newPem();
    const made = await auth.createPersonalAccessToken({
      body: { name: unique("pat"), publicKey: pair.publicKey, secondsValid: 600 },
    });
    const { tokenId } = made;
    expect(made).toMatchObject({
      kind: "Pat",
      isActive: true,
      orgId: app.orgId,
      tokenId: expect.stringMatching(/^to-/),
    });
    const holder = app.client({ token: made.accessToken, credId: made.credId, privateKey: pair.privateKey });
    await holder.keys.createKey({ body: { scheme: "EdDSA", curve: "ed25519" } });
    expect(await auth.getPersonalAccessToken({ tokenId })).not.toHaveProperty("accessToken");
    const name = unique("renamed");
    expect(await auth.updatePersonalAccessToken({ tokenId, body: { name } })).toMatchObject({ tokenId, name });
    expect((await auth.listPersonalAccessTokens()).items.map((one) => one.tokenId)).toContain(tokenId);
    expect(await auth.deactivatePersonalAccessToken({ tokenId })).toMatchObject({ isActive: false });
    await refused(holder.keys.listKeys(), 401);
    expect(await auth.activatePersonalAccessToken({ tokenId })).toMatchObject({ isActive: true });
    await holder.keys.listKeys();
    expect(await auth.archivePersonalAccessToken({ tokenId })).toMatchObject({ isActive: false });
    await refused(holder.keys.listKeys(), 401);
  });

  it("GET /auth/pats/:tokenId: the tokens of somebody else are not there", async () => {
    const app = application();
    const { publicKey } = newPem();
    const body = { name: unique("pat"), publicKey };
    const { tokenId } = await app.client(app.admin).auth.createPersonalAccessToken({ body });
    const person = await endUser(app);
    await refused(person.client.auth.getPersonalAccessToken({ tokenId }), 404);
  });
});

describe("5 permissions", () => {
  it("POST, GET, PUT /permissions, /archive, /assignments: what is given may be done, and no longer once it is taken", async () => {
    const app = application();
    const { permissions } = app.client(app.admin);
    const name = unique("permission");
    const permission = await permissions.createPermission({
      body: { name, operations: ["Keys:Read", "New:Operation" as "Keys:Read"] },
    });
    const permissionId = permission.id;
    expect(permission).toMatchObject({
      id: expect.stringMatching(/^pm-/),
      name,
      operations: ["Keys:Read", "New:Operation"],
      status: "Active",
      isImmutable: false,
      isArchived: false,
      dateCreated: expect.stringMatching(DATE),
      dateUpdated: expect.stringMatching(DATE),
    });
    const person = await endUser(app);
    await refused(person.client.auth.listUsers(), 403, new RegExp(`EndUser.*${person.id}.*Auth:Users:Read`));
    const assignment = await permissions.createAssignment({ permissionId, body: { identityId: person.id } });
    expect(assignment).toMatchObject({
      id: expect.stringMatching(/^as-/),
      permissionId,
      identityId: person.id,
      isImmutable: false,
    });
    const operations = ["Auth:Users:Read" as const];
    expect(await permissions.updatePermission({ permissionId, body: { name, operations } })).toMatchObject({
      operations,
    });
    await person.client.auth.listUsers();
    expect((await permissions.listAssignments({ permissionId })).items).toMatchObject([{ id: assignment.id }]);
    await permissions.deleteAssignment({ permissionId, assignmentId: assignment.id });
    await refused(person.client.auth.listUsers(), 403);
    await permissions.createAssignment({ permissionId, body: { identityId: person.id } });
    expect(await permissions.archivePermission({ permissionId, body: { isArchived: true } })).toMatchObject({
      isArchived: true,
    });
    await refused(person.client.auth.listUsers(), 403);
    expect(await permissions.getPermission({ permissionId })).toMatchObject({ id: permissionId, isArchived: true });
  });

  it("PUT /permissions/:id: the managed permissions do not change", async () => {
    const { permissions } = application().client(application().admin);
    const { items } = await permissions.listPermissions({ query: { limit: "100" } });
    const names = items.filter(({ isImmutable }) => isImmutable).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["ManagedFullAdminAccess", "ManagedDefaultEndUserAccess"]));
    for (const { id, name } of items.filter(({ isImmutable }) => isImmutable)) {
      const error = await permissions
        .updatePermission({ permissionId: id, body: { name, operations: [] } })
        .catch((thrown) => thrown);
      expect([400, 403, 409]).toContain(error.httpStatus);
    }
  });

  it("POST /permissions/:id/assignments: nobody gives what it does not have", async () => {
    const app = application();
    const { permissions } = app.client(app.admin);
    const may = await permissions.createPermission({
      body: { name: unique("assigns"), operations: ["Permissions:Assign"] },
    });
    const person = await endUser(app);
    await permissions.createAssignment({ permissionId: may.id, body: { identityId: person.id } });
    const { items } = await permissions.listPermissions({ query: { limit: "100" } });
    const full = items.find(({ name }) => name === "ManagedFullAdminAccess")!;
    await refused(
      person.client.permissions.createAssignment({ permissionId: full.id, body: { identityId: person.id } }),
      403,
    );
  });
});

describe("5 action logs", () => {
  it("GET /auth/action/logs, /logs/:id: CSV in a JSON string that the Node client parses, and each entry with its proof", async () => {
    const app = application();
    const { auth, keys } = app.client(app.admin);
    await keys.createKey({ body: { scheme: "EdDSA", curve: "ed25519" } });
    const query = {
      startTime: new Date(Date.now() - 3600_000).toISOString(),
      endTime: new Date(Date.now() + 1000).toISOString(),
    };
    const csv: unknown = await auth.listAuditLogs({ query });
    expect(csv).toEqual(expect.stringContaining("\n"));
    const [head, ...rows] = String(csv).trim().split("\n");
    expect(rows.length).toBeGreaterThan(0);
    const at = head!.split(",").findIndex((column) => column.replaceAll('"', "") === "id");
    const auditLogId = rows[0]!.split(",")[at]!.replaceAll('"', "");
    const entry = await app.call("GET", `/auth/action/logs/${auditLogId}`, { token: app.admin.token });
    expect(entry.body).toMatchObject({
      id: auditLogId,
      action: expect.any(String),
      datePerformed: expect.stringMatching(DATE),
      userId: expect.stringMatching(/^us-/),
      username: expect.any(String),
      firstFactorCredential: { id: expect.any(String), kind: "Key", assertion: { clientData: expect.any(String) } },
    });
  });

  it("GET /auth/apps: an empty list, as applications are deprecated", async () => {
    const { auth } = application().client(application().admin);
    expect((await auth.listApplications()).items).toEqual([]);
  });
});
