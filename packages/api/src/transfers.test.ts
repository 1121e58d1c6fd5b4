import type { OrderOf, Outcome } from "@quorate/orders";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createApp } from "./app.ts";
import type { App } from "./routes.ts";
import { call, hold, keyRecord, NAMES, obey, say, startNode, type TestNode } from "./testing/node.ts";

const key = keyRecord(1);
const encryptionKey = Buffer.alloc(34, 1).toString("base64");
const supportedSchemes = [{ protocol: "FROST", curve: "ed25519" }];
let node: TestNode;
let app: App;

beforeEach(async () => {
  node = await startNode([key]);
  app = createApp(node.options);
});
afterEach(() => node.world.stop());

const signerId = (at: number) => Buffer.from(node.network.nodes[at]!.publicKey, "hex").toString("base64");

describe("POST /keys/:keyId/export", () => {
  it("answers with the sealed shares of as many signers as it takes, under their ids", async () => {
    for (const name of NAMES) hold(node, name, key);
    obey(node, (to, order) => {
      if (order.kind !== "export") return;
      const index = NAMES.indexOf(to as (typeof NAMES)[number]) + 1;
      expect(order.encryptionKey).toEqual(new Uint8Array(34).fill(1));
      say(node, to, { kind: "exported", executionId: order.executionId, index, sealedShare: Uint8Array.of(index) });
    });
    const { status, body } = await call(app, "POST", `/keys/${key.id}/export`, { encryptionKey, supportedSchemes });
    expect([status, body]).toEqual([
      200,
      {
        publicKey: key.publicKey,
        protocol: "FROST",
        curve: "ed25519",
        minSigners: 2,
        encryptedKeyShares: [0, 1].map((at) => ({
          signerId: signerId(at),
          encryptedKeyShare: Buffer.of(at + 1).toString("base64"),
        })),
      },
    ]);
    const shown = await call(app, "GET", `/keys/${key.id}`);
    expect(shown.body).toMatchObject({ exported: true, dateExported: expect.stringMatching(/Z$/) });
    const signed = await call(app, "POST", `/keys/${key.id}/signatures`, { kind: "Message", message: "00" });
    expect([signed.status, signed.body.error.message]).toEqual([422, expect.stringContaining("was exported")]);
  });

  it.each([
    ["encryptionKey", { supportedSchemes }],
    ["encryptionKey", { encryptionKey: "AQ==", supportedSchemes }],
    ["encryptionKey", { encryptionKey: "!", supportedSchemes }],
    ["supportedSchemes", { encryptionKey }],
    ["supportedSchemes", { encryptionKey, supportedSchemes: [] }],
    ["supportedSchemes", { encryptionKey, supportedSchemes: [{ protocol: "CGGMP24", curve: "secp256k1" }] }],
  ])("names %s when it is wrong in %j", async (field, request) => {
    const { status, body } = await call(app, "POST", `/keys/${key.id}/export`, request);
    expect([status, body.error.details.field]).toEqual([400, field]);
  });

  it("is 404 of a key that is none", async () => {
    const path = "/keys/key-00000-00000-0000000000000000/export";
    const { status } = await call(app, "POST", path, { encryptionKey, supportedSchemes });
    expect(status).toBe(404);
  });
});

describe("POST /keys/import", () => {
  const good = (change: object = {}) => ({
    ...{ curve: "ed25519", protocol: "FROST", minSigners: 2 },
    encryptedKeyShares: [0, 1, 2].map((at) => ({ signerId: signerId(at), encryptedKeyShare: "AQID" })),
    ...change,
  });

  it("hands each signer its own share, under the rank of its identity", async () => {
    const given = new Map<string, OrderOf<"import">>();
    for (const name of NAMES) hold(node, name, key);
    obey(node, (to, order) => {
      if (order.kind !== "import") return;
      given.set(to, order);
      const { executionId } = order;
      const outcome: Outcome = { kind: "refused", executionId, code: "invalid_order", detail: "not on the polynomial" };
      if (given.size === NAMES.length) say(node, to, outcome);
    });
    const encryptedKeyShares = [0, 1, 2].map((at) => {
      return { signerId: signerId(at), encryptedKeyShare: Buffer.of(at).toString("base64") };
    });
    const { status, body } = await call(app, "POST", "/keys/import", good({ encryptedKeyShares }));
    expect([status, body.error.message]).toEqual([422, expect.stringContaining("not on the polynomial")]);
    for (const [at, name] of NAMES.entries()) expect(given.get(name)!.sealedShare).toEqual(Uint8Array.of(at));
    const { members, minSigners, suite } = given.get("ohio")!;
    expect([minSigners, suite, members.map((one) => one.identifier)]).toEqual([2, "ed25519", [1, 2, 3]]);
    const identities = members.map((one) => node.network.nodes.find(({ name }) => name === one.node)!.publicKey);
    expect(identities).toEqual(identities.toSorted());
  });

  it.each([
    ["curve", { curve: "stark" }],
    ["curve", { curve: "secp256k1" }],
    ["protocol", { protocol: "GLOW20_DH" }],
    ["minSigners", { minSigners: 1 }],
    ["minSigners", { minSigners: 4 }],
    ["encryptedKeyShares", { encryptedKeyShares: [] }],
    ["encryptedKeyShares.0.signerId", { encryptedKeyShares: [{ signerId: "AQ==", encryptedKeyShare: "AQ==" }] }],
    ["encryptedKeyShares.0.encryptedKeyShare", { encryptedKeyShares: [{ signerId: "AQ==", encryptedKeyShare: "?" }] }],
    ["seed", { seed: "00" }],
  ])("names %s when it is wrong in %j", async (field, change) => {
    const { status, body } = await call(app, "POST", "/keys/import", good(change));
    expect([status, body.error.details.field]).toEqual([400, field]);
  });

  it("takes no two shares for one signer", async () => {
    const encryptedKeyShares = [0, 0, 1].map((at) => ({ signerId: signerId(at), encryptedKeyShare: "AQID" }));
    const { status, body } = await call(app, "POST", "/keys/import", good({ encryptedKeyShares }));
    expect([status, body.error.details.field]).toEqual([400, "encryptedKeyShares.1.signerId"]);
  });
});

describe("POST /_quorate/keys/:keyId/refresh", () => {
  it("says which signers are missing", async () => {
    const { status, body } = await call(app, "POST", `/_quorate/keys/${key.id}/refresh`);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(body.error.message).toMatch(/unusable|missing/);
  });

  it("is 404 of a key that is none", async () => {
    const { status } = await call(app, "POST", "/_quorate/keys/key-00000-00000-0000000000000000/refresh");
    expect(status).toBe(404);
  });
});
