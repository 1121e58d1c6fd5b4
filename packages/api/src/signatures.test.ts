import { MAX_ACTIVE_REQUESTS } from "@quorate/coordinator";
import { unhex } from "@quorate/orders";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createApp } from "./app.ts";
import type { App } from "./routes.ts";
import { call, keyRecord, NAMES, say, signedRecord, startNode, type TestNode } from "./testing/node.ts";

const [key, other] = [keyRecord(1), keyRecord(2)];
const signed = [1, 2, 3].map((at) => signedRecord(key, at));
const path = `/keys/${key.id}/signatures`;
const message = { kind: "Message", message: "0xc0ffee" };

let node: TestNode;
let app: App;

beforeEach(async () => {
  node = await startNode([key, other, ...signed]);
  app = createApp(node.options);
});
afterEach(() => node.world.stop());

describe("a signature request", () => {
  it("is shown as Dfns shows it, and ours in one member", async () => {
    const { status, body } = await call(app, "GET", `${path}/${signed[0]!.id}`);
    expect(status).toBe(200);
    expect(body).toEqual({
      id: signed[0]!.id,
      keyId: key.id,
      requester: { userId: expect.stringMatching(/^us-/) },
      requestBody: signed[0]!.body,
      status: "Signed",
      signature: signed[0]!.result!.signature,
      network: "Solana",
      dateRequested: "2026-01-02T03:04:05.006Z",
      dateSigned: "2026-01-02T03:04:05.040Z",
      externalId: "order-1",
      _quorate: { attempts: signed[0]!.attempts, timing: signed[0]!.timing },
    });
  });

  it("of another key is not found", async () => {
    const answer = await call(app, "GET", `/keys/${other.id}/signatures/${signed[0]!.id}`);
    expect([answer.status, answer.body.error.details.field]).toEqual([404, "signatureId"]);
    const none = await call(app, "GET", `${path}/sig-00000-00000-0000000000000000`);
    expect([none.status, none.body.error.details.field]).toEqual([404, "signatureId"]);
    const noKey = await call(app, "GET", `/keys/key-1/signatures/${signed[0]!.id}`);
    expect([noKey.status, noKey.body.error.details.field]).toEqual([404, "keyId"]);
  });

  it("lists newest first, in pages", async () => {
    const first = await call(app, "GET", `${path}?limit=2`);
    const second = await call(app, "GET", `${path}?limit=2&paginationToken=${first.body.nextPageToken}`);
    expect(first.body.keyId).toBe(key.id);
    const ids = [...first.body.items, ...second.body.items].map((item) => item.id);
    expect(ids).toEqual(signed.map((record) => record.id).reverse());
    expect(second.body).not.toHaveProperty("nextPageToken");
    const stolen = await call(app, "GET", `/keys/${other.id}/signatures?paginationToken=${first.body.nextPageToken}`);
    expect([stolen.status, stolen.body.error.details.field]).toEqual([400, "paginationToken"]);
    expect((await call(app, "GET", "/keys/key-1/signatures")).status).toBe(404);
  });
});

describe("POST a signature request", () => {
  it.each([
    [{}, "invalid_input", "kind"],
    [{ kind: "Message", message: "zz" }, "invalid_input", "message"],
    [{ ...message, externalId: "x".repeat(51) }, "invalid_input", "externalId"],
    [{ ...message, colour: "blue" }, "invalid_input", "colour"],
    [{ kind: "Eip712" }, "unsupported", "kind"],
  ])("of %j is refused before anything is stored", async (body, code, field) => {
    const answer = await call(app, "POST", path, body);
    expect([answer.status, answer.body.error.details.code, answer.body.error.details.field]).toEqual([
      400,
      code,
      field,
    ]);
    expect(answer.body.error.details.hint).toEqual(expect.any(String));
    expect((await call(app, "GET", path)).body.items).toHaveLength(3);
  });

  it("with an unknown key is 404", async () => {
    const answer = await call(app, "POST", "/keys/key-1/signatures", message);
    expect([answer.status, answer.body.error.details.field]).toEqual([404, "keyId"]);
  });

  it("is 503 with names below the threshold, and the failed request can be read", async () => {
    const answer = await call(app, "POST", path, message);
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toMatch(/^\d+$/);
    const { details } = answer.body.error;
    expect(details).toMatchObject({ code: "quorum_unavailable", minSigners: 2, reachable: [] });
    expect(details.missing.map((one) => one.node)).toEqual(["virginia", "ohio", "montreal"]);
    const failed = await call(app, "GET", `${path}/${details.requestId}`);
    expect(failed.body).toMatchObject({ status: "Failed", reason: answer.body.message, requestBody: message });
    expect(failed.body).not.toHaveProperty("dateSigned");
  });

  it("is one request for one external id, and 409 with the first one's id for another body", async () => {
    const body = { ...message, externalId: "once" };
    const [first, again, conflict] = await Promise.all([
      call(app, "POST", path, body),
      call(app, "POST", path, { externalId: "once", message: "0xc0ffee", kind: "Message" }),
      call(app, "POST", path, { ...body, message: "0xbad0" }),
    ]);
    const { requestId } = first.body.error.details;
    expect(again.body.error.details.requestId).toBe(requestId);
    expect(conflict.status).toBe(409);
    const later = await call(app, "POST", path, { ...body, message: "0xbad0" });
    expect(later.status).toBe(409);
    expect(later.body.error.details).toMatchObject({
      code: "conflict",
      duplicate: { id: requestId, externalId: "once" },
    });
    const same = await call(app, "POST", path, body);
    expect([same.status, same.body.id, same.body.status]).toEqual([200, requestId, "Failed"]);
  });

  it("is 429 when too many are under way", async () => {
    haveSilentSigners(node);
    for (let at = 0; at < MAX_ACTIVE_REQUESTS; at++) node.coordinator.sign({ keyId: key.id, body: message }, () => {});
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    const answer = await call(app, "POST", path, message);
    expect([answer.status, answer.body.error.details.code]).toEqual([429, "overloaded"]);
    expect(answer.headers.get("retry-after")).toBe("1");
  });
});

/** Signers that hold the key and answer nothing: requests stay under way until their deadline. */
function haveSilentSigners(node: TestNode): void {
  const holding = { keyId: unhex(key.keyId), epoch: 0, state: "active", fault: "" } as const;
  for (const name of NAMES) {
    node.coordinator.peer(name, { connected: true, instance: "01" });
    say(node, name, { kind: "holdings", keys: [holding] });
  }
}
