import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createApp } from "./app.ts";
import type { App } from "./routes.ts";
import { call, hold, keyRecord, NAMES, obey, say, startNode, type TestNode } from "./testing/node.ts";

const publicKey = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
const key = { ...keyRecord(1), suite: "ecdsa-secp256k1", scheme: "ECDSA", curve: "secp256k1", publicKey } as const;
const child = { ...key, id: "key-child", derivedFrom: { keyId: key.id, path: "m/1/2" } };
const path = "/_quorate/presignatures";
const NONE = { made: 0, used: 0, burnt: 0, orphaned: 0, expired: 0, dropped: 0 };
let node: TestNode;
let app: App;

beforeEach(async () => {
  node = await startNode([key, child, keyRecord(2)]);
  app = createApp(node.options);
});
afterEach(() => node.world.stop());

/** Signers that make every presignature they are asked for. */
function presign(): void {
  obey(node, (to, { kind, executionId }) => {
    const bigR = Uint8Array.of(2, ...executionId, ...executionId);
    if (kind === "presign") say(node, to, { kind: "presigned", executionId, bigR, tookMicros: 100 });
  });
  for (const name of NAMES) {
    hold(node, name, key);
    const others = NAMES.filter((other) => other !== name);
    say(node, name, { kind: "pairs", pairs: others.map((other) => ({ node: other, state: "ready" })) });
  }
}

describe(path, () => {
  it("is empty at first, and says so", async () => {
    expect(await call(app, "GET", path)).toMatchObject({ status: 200, body: { pools: [], totals: NONE } });
  });

  it("fills the pools of a key, and answers once they are", async () => {
    presign();
    const { status, body } = await call(app, "POST", path, { keyId: key.id, count: 3 });
    const pool = { keyId: key.id, path: "m", signers: ["virginia", "ohio"], ready: 3, making: 0, target: 3 };
    expect([status, body]).toMatchObject([200, { pools: [pool, { target: 2 }, { target: 2 }] }]);
    const shown = await call(app, "GET", `/_quorate/keys/${key.id}`);
    expect(shown.body).toMatchObject({ presignatureLevels: [pool, {}, {}] });
  });

  it("fills those of a child, by its own id or by its path below another key", async () => {
    presign();
    for (const place of [{ keyId: child.id }, { keyId: key.id, path: "m/1/2" }]) {
      const { body } = await call(app, "POST", path, { ...place, count: 1 });
      expect(body).toMatchObject({ pools: [{ keyId: child.id, path: "m/1/2", ready: 1 }, {}, {}] });
    }
    const none = await call(app, "GET", `${path}?keyId=${key.id}`);
    expect(none.body).toMatchObject({ pools: [] });
    const some = await call(app, "GET", `${path}?keyId=${key.id}&path=m/1/2`);
    expect(some.body).toMatchObject({ pools: [{ keyId: child.id }, {}, {}] });
  });

  it("drops those of a key", async () => {
    presign();
    await call(app, "POST", path, { keyId: key.id, count: 1 });
    const { status, body } = await call(app, "DELETE", path, { keyId: key.id });
    expect([status, body]).toMatchObject([200, { pools: [], totals: { dropped: expect.any(Number) } }]);
    expect(body).not.toMatchObject({ totals: { dropped: 0 } });
  });

  it.each<[string, string, unknown]>([
    ["keyId", "POST", { count: 1 }],
    ["count", "POST", { keyId: key.id }],
    ["count", "POST", { keyId: key.id, count: 0 }],
    ["count", "POST", { keyId: key.id, count: 101 }],
    ["path", "POST", { keyId: key.id, count: 1, path: "m/1'" }],
    ["colour", "POST", { keyId: key.id, count: 1, colour: "blue" }],
    ["keyId", "POST", { keyId: keyRecord(2).id, count: 1 }],
    ["keyId", "DELETE", {}],
    ["count", "DELETE", { keyId: key.id, count: 1 }],
  ])("names the wrong field: %s in %s %j", async (field, method, body) => {
    const answer = await call(app, method, path, body);
    expect(answer.status).toBe(400);
    expect(answer.body.error.details).toMatchObject({ code: "invalid_input", field });
  });

  it("is 404 where there is no such key or child, and 400 for a path of no key", async () => {
    for (const place of [{ keyId: "key-9" }, { keyId: key.id, path: "m/9" }])
      expect((await call(app, "POST", path, { ...place, count: 1 })).status).toBe(404);
    expect((await call(app, "GET", `${path}?keyId=key-9`)).status).toBe(404);
    expect((await call(app, "GET", `${path}?path=m/1`)).body.error.details).toMatchObject({ field: "keyId" });
    expect((await call(app, "GET", `${path}?colour=blue`)).status).toBe(400);
    expect((await call(app, "PUT", path, {})).headers.get("allow")).toBe("GET, POST, DELETE");
  });
});
