import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { unique } from "../material.ts";
import { endUser } from "../person.ts";
import { refused } from "../refusals.ts";
import { application } from "../started.ts";

const DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** Combinations that exist, and the length of the public key in hex. */
const SPECS = [
  { scheme: "ECDSA", curve: "secp256k1", digits: 66 },
  { scheme: "EdDSA", curve: "ed25519", digits: 64 },
  { scheme: "Schnorr", curve: "secp256k1", digits: 66 },
] as const;

describe("6 keys", () => {
  it.each(SPECS)("POST /keys: makes a key for $scheme on $curve", async ({ scheme, curve, digits }) => {
    const { keys } = application().client(application().admin);
    const name = unique("key");
    const key = await keys.createKey({ body: { scheme, curve, name } });
    expect(key).toMatchObject({
      id: expect.stringMatching(/^key-/),
      scheme,
      curve,
      publicKey: expect.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`)),
      name,
      status: "Active",
      custodial: true,
      dateCreated: expect.stringMatching(DATE),
    });
    const got = await keys.getKey({ keyId: key.id });
    expect(got).toMatchObject({
      ...key,
      wallets: [],
      store: { id: expect.any(String), kind: "Mpc", keyId: expect.any(String) },
    });
    const { items } = await application().client(application().serviceAccount).signers.listKeyStores();
    expect(items.map(({ id }) => id)).toContain((got as { store: { id: string } }).store.id);
  });

  it("POST /keys: refuses a combination that is none, by 400", async () => {
    const { keys } = application().client(application().admin);
    await refused(keys.createKey({ body: { scheme: "EdDSA", curve: "secp256k1" } }), 400, /curve/);
    await refused(keys.createKey({ body: { scheme: "DH", curve: "secp256k1" } }), 400, /scheme/);
  });

  it("PUT, DELETE /keys/:id: named, unnamed, archived with its wallets, after which it signs nothing", async () => {
    const { keys, wallets } = application().client(application().admin);
    const { id: keyId } = await keys.createKey({ body: { scheme: "ECDSA", curve: "secp256k1" } });
    const wallet = await wallets.createWallet({ body: { network: "EthereumSepolia", signingKey: { id: keyId } } });
    const name = unique("key");
    expect(await keys.updateKey({ keyId, body: { name } })).toMatchObject({ id: keyId, name });
    expect(await keys.updateKey({ keyId, body: { name: null as unknown as string } })).not.toHaveProperty("name");
    expect((await keys.getKey({ keyId })).wallets).toEqual([{ id: wallet.id, network: "EthereumSepolia" }]);
    expect(await keys.deleteKey({ keyId })).toMatchObject({
      status: "Archived",
      dateDeleted: expect.stringMatching(DATE),
    });
    expect(await wallets.getWallet({ walletId: wallet.id })).toMatchObject({ status: "Archived" });
    const hash = randomBytes(32).toString("hex");
    const error = await keys.generateSignature({ keyId, body: { kind: "Hash", hash } }).catch((thrown) => thrown);
    expect([400, 403, 404, 409]).toContain(error.httpStatus);
  });

  it("GET /keys: pages, and shows an end user only what it owns", async () => {
    const app = application();
    const person = await endUser(app);
    const mine = [];
    for (const name of ["a", "b", "c"]) {
      mine.push((await person.client.keys.createKey({ body: { scheme: "EdDSA", curve: "ed25519", name } })).id);
    }
    const first = await person.client.keys.listKeys({ query: { limit: "2" } });
    const second = await person.client.keys.listKeys({ query: { limit: "2", paginationToken: first.nextPageToken! } });
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(mine);
    expect(second).not.toHaveProperty("nextPageToken");
    const owned = await app.client(app.admin).keys.listKeys({ query: { owner: person.id, limit: "100" } });
    expect(owned.items.map(({ id }) => id)).toEqual(mine);
    expect(owned.items.every(({ custodial }) => !custodial)).toBe(true);
  });

  it("POST /keys with deriveFrom: a child has its own key and names where it comes from", async () => {
    const { keys } = application().client(application().admin);
    const parent = await keys.createKey({ body: { scheme: "ECDSA", curve: "secp256k1" } });
    const deriveFrom = { keyId: parent.id, path: "m/44/60/0" };
    const child = await keys.createKey({ body: { scheme: "ECDSA", curve: "secp256k1", deriveFrom } });
    expect(child).toMatchObject({ derivedFrom: deriveFrom });
    expect(child.publicKey).not.toBe(parent.publicKey);
  });
});

describe("6 keys", () => {
  it("POST /keys/:id/delegate: a key made for it goes to an end user, once and for ever", async () => {
    const app = application();
    const { keys } = app.client(app.admin);
    const [person, other] = [await endUser(app), await endUser(app)];
    const { id: keyId } = await keys.createKey({ body: { scheme: "EdDSA", curve: "ed25519", delayDelegation: true } });
    const sign = (client: typeof person.client) =>
      client.keys.generateSignature({ keyId, body: { kind: "Message", message: "00" } });
    await refused(sign(person.client), 403);
    expect(await keys.delegateKey({ keyId, body: { delegateTo: person.id } })).toEqual({ keyId, status: "Delegated" });
    expect(await sign(person.client)).toMatchObject({ status: "Signed" });
    await refused(sign(app.client(app.admin)), 403);
    await refused(sign(other.client), 403);
    await refused(keys.delegateKey({ keyId, body: { delegateTo: other.id } }), 403);
  });

  it("POST /keys/:id/delegate: one that was not made for it is refused, with the way out", async () => {
    const app = application();
    const { keys } = app.client(app.admin);
    const person = await endUser(app);
    const { id: keyId } = await keys.createKey({ body: { scheme: "EdDSA", curve: "ed25519" } });
    const error = await refused(keys.delegateKey({ keyId, body: { delegateTo: person.id } }), 409, /delegated/);
    expect(JSON.stringify(error.context)).toMatch(/delayDelegation/);
  });

  it("POST /keys with delegateTo: the key is the end user's from the start", async () => {
    const app = application();
    const person = await endUser(app);
    const key = await app.client(app.admin).keys.createKey({
      body: { scheme: "EdDSA", curve: "ed25519", delegateTo: person.id },
    });
    expect(key).toMatchObject({ custodial: false });
    const request = { keyId: key.id, body: { kind: "Message" as const, message: "00" } };
    expect(await person.client.keys.generateSignature(request)).toMatchObject({ status: "Signed" });
  });

  it("GET /keys/:id: the key of somebody else is not shown to an end user", async () => {
    const app = application();
    const person = await endUser(app);
    const { id } = await app.client(app.admin).keys.createKey({ body: { scheme: "EdDSA", curve: "ed25519" } });
    const error = await person.client.keys.getKey({ keyId: id }).catch((thrown) => thrown);
    expect([403, 404]).toContain(error.httpStatus);
  });
});

/** Section 6. */
describe("6 keys", () => {
  it("GET /signers: every signer with an encryption key of its own", async () => {
    const { signers } = application().client(application().admin);
    const { clusters } = await signers.listSigners();
    expect(clusters).toHaveLength(1);
    const all = clusters[0]!.signers;
    expect(all).toHaveLength(5);
    for (const { signerId, encryptionKey } of all) {
      expect(signerId.length).toBeGreaterThan(0);
      const bytes = Buffer.from(encryptionKey, "base64");
      expect([bytes.length, bytes[0]]).toEqual([34, 1]);
      expect([2, 3]).toContain(bytes[1]);
    }
    expect(new Set(all.map(({ encryptionKey }) => encryptionKey)).size).toBe(all.length);
  });

  it("GET /key-stores: one, of kind Mpc", async () => {
    const { signers } = application().client(application().admin);
    const { items } = await signers.listKeyStores();
    expect(items).toMatchObject([{ id: expect.any(String), kind: "Mpc", primary: true }]);
  });
});
