import { networkHash, signEncryptionKey } from "@quorate/orders";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createApp } from "./app.ts";
import type { App } from "./routes.ts";
import { call, hold, keyRecord, NAMES, obey, say, startNode, type TestNode } from "./testing/node.ts";

const keys = [1, 2, 3].map(keyRecord);
/** Another public key, of RFC 8032. */
const CHILD = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
let node: TestNode;
let app: App;

beforeEach(async () => {
  node = await startNode(keys);
  app = createApp(node.options);
});
afterEach(() => node.world.stop());

describe("POST /keys", () => {
  const good = { scheme: "EdDSA", curve: "ed25519" };

  it.each([
    ["scheme", { curve: "ed25519" }],
    ["scheme", { ...good, scheme: "BLS" }],
    ["scheme", { ...good, scheme: ["EdDSA"] }],
    ["curve", { scheme: "EdDSA" }],
    ["curve", { ...good, curve: "secp256k1" }],
    ["name", { ...good, name: "" }],
    ["name", { ...good, name: "x".repeat(101) }],
    ["name", { ...good, name: "\u001b[2J" }],
    ["minSigners", { ...good, minSigners: 1 }],
    ["minSigners", { ...good, minSigners: 4 }],
    ["minSigners", { ...good, minSigners: 2.5 }],
    ["minSigners", { ...good, minSigners: "2" }],
    ["colour", { ...good, colour: "blue" }],
    ["curve", { scheme: "ECDSA", curve: "ed25519" }],
    ["curve", { scheme: "ECDSA", curve: "stark" }],
    ["presign", { scheme: "ECDSA", curve: "secp256k1", presign: 101 }],
    ["presign", { scheme: "ECDSA", curve: "secp256k1", presign: 0.5 }],
    ["presign", { ...good, presign: 1 }],
    ["deriveFrom", { ...good, deriveFrom: "key-1" }],
    ["deriveFrom.keyId", { ...good, deriveFrom: {} }],
    ["deriveFrom.colour", { ...good, deriveFrom: { keyId: "key-1", colour: "blue" } }],
    ["deriveFrom.path", { ...good, deriveFrom: { keyId: keys[0]!.id, path: "m/0'" } }],
    ["scheme", { scheme: "ECDSA", curve: "secp256r1", deriveFrom: { keyId: keys[0]!.id } }],
    ["body", [good]],
    ["body", "EdDSA"],
  ])("names the wrong field: %s in %j", async (field, body) => {
    const answer = await call(app, "POST", "/keys", body);
    expect(answer.status).toBe(400);
    expect(answer.body.error.details).toMatchObject({ code: "invalid_input", field });
    expect(answer.body.message).toContain(field === "body" ? "JSON object" : "");
  });

  it.each([
    ["masterKey", true],
    ["storeId", "ks-1"],
    ["delegateTo", "us-1"],
    ["delayDelegation", true],
  ])("refuses what this version does not do, rather than make another key: %s", async (field, value) => {
    const answer = await call(app, "POST", "/keys", { ...good, [field]: value });
    expect(answer.status).toBe(400);
    expect(answer.body.error.details).toMatchObject({ code: "unsupported", field, hint: expect.any(String) });
  });

  it("derives a child, and shows where it comes from", async () => {
    for (const name of NAMES) hold(node, name, keys[0]!);
    obey(node, (to, { kind, executionId }) => {
      const publicKey = Buffer.from(CHILD, "hex");
      if (kind === "derive") say(node, to, { kind: "derived", executionId, publicKey });
    });
    const answer = await call(app, "POST", "/keys", { ...good, deriveFrom: { keyId: keys[0]!.id, path: "m/5" } });
    expect(answer.status).toBe(200);
    const derivedFrom = { keyId: keys[0]!.id, path: "m/5" };
    expect(answer.body).toMatchObject({ ...good, publicKey: CHILD, derivedFrom, status: "Active" });
    const { body } = await call(app, "GET", `/keys/${answer.body.id}`);
    expect(body).toMatchObject({ derivedFrom, store: { keyId: keys[0]!.keyId, derivationPath: "m/5" } });
    expect((await call(app, "GET", `/_quorate/keys/${answer.body.id}`)).body).toMatchObject({ derivedFrom });
    expect((await call(app, "GET", `/keys/${keys[0]!.id}`)).body).not.toHaveProperty("derivedFrom");
    const again = await call(app, "POST", "/keys", { ...good, deriveFrom: { keyId: keys[0]!.id, path: "5" } });
    expect([again.status, again.body.error.details.field]).toEqual([409, "deriveFrom.path"]);
    const missing = await call(app, "POST", "/keys", { ...good, deriveFrom: { keyId: "key-1" } });
    expect([missing.status, missing.body.error.details.field]).toEqual([404, "deriveFrom.keyId"]);
  });

  it("is refused while a holder is missing, with its name and a time to come back", async () => {
    node.coordinator.peer("virginia", { connected: true, instance: "01" });
    const answer = await call(app, "POST", "/keys", good);
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(answer.body.error.details).toMatchObject({ code: "quorum_unavailable", missing: ["ohio", "montreal"] });
  });

  it("is 500 failed when the holders abort; whom they accuse without proof is no culprit", async () => {
    abortEveryKeygen(node);
    const answer = await call(app, "POST", "/keys", { ...good, name: "savings", minSigners: 3 });
    expect(answer.status).toBe(500);
    expect(answer.body.error).toMatchObject({ status: 500, details: { code: "failed", culprits: [] } });
    expect(answer.body.message).toContain("ohio");
  });
});

describe("GET /keys", () => {
  it("shows each key as Dfns does", async () => {
    const { status, body } = await call(app, "GET", "/keys");
    expect(status).toBe(200);
    expect(body.items).toHaveLength(3);
    expect(body.items[0]).toEqual({
      id: keys[0]!.id,
      scheme: "EdDSA",
      curve: "ed25519",
      publicKey: keys[0]!.publicKey,
      name: "treasury",
      status: "Active",
      custodial: true,
      dateCreated: "2026-01-02T03:04:05.006Z",
    });
    expect(body.items[1]).not.toHaveProperty("name");
    expect(body).not.toHaveProperty("nextPageToken");
  });

  it("pages: every key once, and no token after the last", async () => {
    const first = await call(app, "GET", "/keys?limit=2");
    const second = await call(app, "GET", `/keys?limit=2&paginationToken=${first.body.nextPageToken}`);
    const ids = [...first.body.items, ...second.body.items].map((item) => item.id);
    expect(ids).toEqual(keys.map((key) => key.id));
    expect(second.body).not.toHaveProperty("nextPageToken");
    const exact = await call(app, "GET", "/keys?limit=3");
    expect(exact.body).not.toHaveProperty("nextPageToken");
  });

  it.each(["0", "201", "-1", "1.5", "many", "", "1e2"])("refuses limit=%s", async (limit) => {
    const answer = await call(app, "GET", `/keys?limit=${limit}`);
    expect(answer.status).toBe(400);
    expect(answer.body.error.details.field).toBe("limit");
  });

  it("refuses tokens that are not of this list, and unknown parameters", async () => {
    const foreign = Buffer.from(JSON.stringify([keys[0]!.id, 1])).toString("base64url");
    const negative = Buffer.from(JSON.stringify(["keys", -1])).toString("base64url");
    for (const token of ["", "x", "%00", foreign, negative, "A".repeat(201)]) {
      const answer = await call(app, "GET", `/keys?paginationToken=${token}`);
      expect([answer.status, answer.body.error.details.field]).toEqual([400, "paginationToken"]);
    }
    const answer = await call(app, "GET", "/keys?owner=us-1");
    expect([answer.status, answer.body.error.details.field]).toEqual([400, "owner"]);
  });
});

describe("one key, and the signers", () => {
  it("has its wallets and its store", async () => {
    const { body } = await call(app, "GET", `/keys/${keys[1]!.id}`);
    expect(body).toMatchObject({ id: keys[1]!.id, wallets: [], store: { kind: "Mpc", keyId: keys[1]!.keyId } });
  });

  it("is 404 when there is none", async () => {
    const { status, body } = await call(app, "GET", "/keys/key-00000-00000-0000000000000000");
    expect([status, body.error.details.code, body.error.details.field]).toEqual([404, "not_found", "keyId"]);
  });

  it("lists the signers in one cluster, each with the encryption key that it signed", async () => {
    const publicKey = node.network.nodes[1]!.publicKey;
    const signer = {
      signerId: Buffer.from(publicKey, "hex").toString("base64"),
      ...{ name: "ohio", region: "region-2", operator: "operator-2", publicKey },
    };
    const { body } = await call(app, "GET", "/signers");
    expect(body.clusters).toHaveLength(1);
    expect(body.clusters[0]!.signers[1]).toEqual(signer);
    const hash = networkHash(node.network);
    const shown = signEncryptionKey(node.identities.get("ohio")!, hash, new Uint8Array(34).fill(1));
    say(node, "ohio", { kind: "encryptionKey", ...shown });
    say(node, "virginia", { kind: "encryptionKey", ...shown });
    const { body: later } = await call(app, "GET", "/signers");
    const encryptionKey = Buffer.alloc(34, 1).toString("base64");
    const encryptionKeySignature = Buffer.from(shown.signature).toString("base64");
    expect(later.clusters[0]!.signers[1]).toEqual({ ...signer, encryptionKey, encryptionKeySignature });
    expect(JSON.stringify(later)).not.toMatch(/encryptionKey.*encryptionKey".*encryptionKey"/);
  });
});

/** Signers that answer every keygen order by accusing ohio. */
function abortEveryKeygen(node: TestNode): void {
  obey(node, (to, { kind, executionId }) => {
    const evidence = new Uint8Array();
    if (kind === "keygen")
      say(node, to, { kind: "aborted", executionId, code: "bad_share", culprits: [2], waitingFor: [], evidence });
  });
  for (const name of NAMES) node.coordinator.peer(name, { connected: true, instance: "01" });
}
