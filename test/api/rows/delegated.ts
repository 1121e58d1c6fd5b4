import { describe, expect, it } from "vitest";
import { type Application, signedBy } from "../application.ts";
import { unique } from "../material.ts";
import { endUser, passkey } from "../person.ts";
import { refused } from "../refusals.ts";
import { application } from "../started.ts";

type Signed = Parameters<ReturnType<Application["delegated"]>["keys"]["createKeyComplete"]>[1];

/** Section 9: a back end that passes on what the user's device signs. */
describe("9 delegated client", () => {
  it.each(["Key", "Fido2"] as const)(
    "Init, the user's device of kind %s, Complete: a key, a signature, a wallet of the user",
    async (kind) => {
      const app = application();
      const person = await endUser(app, kind === "Key" ? undefined : passkey());
      const backEnd = app.client(app.serviceAccount);
      const { token } = await backEnd.auth.delegatedLogin({ body: { username: person.username } });
      const client = app.delegated(token);
      const sign = ({ challenge, challengeIdentifier }: { challenge: string; challengeIdentifier: string }) =>
        ({ challengeIdentifier, firstFactor: person.credential.assert(challenge) }) as unknown as Signed;

      const newKey = { body: { scheme: "EdDSA" as const, curve: "ed25519" as const } };
      const key = await client.keys.createKeyComplete(newKey, sign(await client.keys.createKeyInit(newKey)));
      expect(key).toMatchObject({ custodial: false });
      const request = { keyId: key.id, body: { kind: "Message" as const, message: "00" } };
      const signed = await client.keys.generateSignatureComplete(
        request,
        sign(await client.keys.generateSignatureInit(request)),
      );
      expect(signed).toMatchObject({ status: "Signed", requester: { userId: person.id } });
      const newWallet = { body: { network: "EthereumSepolia" as const } };
      const wallet = await client.wallets.createWalletComplete(
        newWallet,
        sign(await client.wallets.createWalletInit(newWallet)),
      );
      expect(wallet.signingKey).toMatchObject({ delegatedTo: person.id });
    },
  );

  it("Complete of another request than Init: 403", async () => {
    const app = application();
    const person = await endUser(app);
    const client = app.delegated(person.token);
    const asked = { body: { scheme: "EdDSA" as const, curve: "ed25519" as const, name: "what the user saw" } };
    const { challenge, challengeIdentifier } = await client.keys.createKeyInit(asked);
    const signed = { challengeIdentifier, firstFactor: person.credential.assert(challenge) } as unknown as Signed;
    const other = { body: { ...asked.body, name: "what the back end made of it" } };
    await refused(client.keys.createKeyComplete(other, signed), 403);
  });

  it("delete assignment, the one call with a query: Init with it, Complete with it", async () => {
    const app = application();
    const { permissions } = app.client(app.admin);
    const person = await endUser(app);
    const permission = await permissions.createPermission({
      body: { name: unique("permission"), operations: ["Keys:Read"] },
    });
    const permissionId = permission.id;
    const { id } = await permissions.createAssignment({ permissionId, body: { identityId: person.id } });
    const client = app.delegated(app.admin.token);
    const request = { permissionId, assignmentId: id, query: { force: true } };
    const begun = await client.permissions.deleteAssignmentInit(request);
    await client.permissions.deleteAssignmentComplete(request, signedBy(app.admin, begun));
    expect((await permissions.listAssignments({ permissionId })).items).toEqual([]);
  });
});
