import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createApp } from "./app.ts";
import { MAX_BODY_BYTES } from "./input.ts";
import type { App } from "./routes.ts";
import { call, keyRecord, makeNode, send, startNode, type TestNode, TOKEN } from "./testing/node.ts";

let node: TestNode;
let app: App;

beforeEach(async () => {
  node = await startNode([keyRecord(1)]);
  app = createApp(node.options);
});
afterEach(() => node.world.stop());

describe("the token", () => {
  const get = (headers: Record<string, string>) => app.request("/_quorate/network", { headers });

  it.each([
    ["none", {}],
    ["empty", { authorization: "" }],
    ["another scheme", { authorization: `Basic ${TOKEN}` }],
    ["no scheme", { authorization: TOKEN }],
    ["two", { authorization: `Bearer ${TOKEN} ${TOKEN}` }],
    ["shorter", { authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
    ["longer", { authorization: `Bearer ${TOKEN}x` }],
    ["of equal length", { authorization: `Bearer ${TOKEN.slice(0, -1)}x` }],
    ["of other case", { authorization: `Bearer ${TOKEN.toUpperCase()}` }],
  ])("%s is refused, saying where the right one is printed", async (_, headers) => {
    const response = await get(headers);
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe('Bearer realm="quorate"');
    const text = await response.text();
    expect(JSON.parse(text).error.details).toMatchObject({
      code: "unauthorized",
      hint: expect.stringContaining("printed"),
    });
    expect(text).not.toContain(TOKEN);
  });

  it("passes, whatever the case of the scheme", async () => {
    expect((await get({ authorization: `Bearer ${TOKEN}` })).status).toBe(200);
    expect((await get({ authorization: `bearer  ${TOKEN}` })).status).toBe(200);
  });

  it("is taken from the header alone", async () => {
    expect((await app.request(`/_quorate/events?token=${TOKEN}`)).status).toBe(401);
    expect((await app.request(`/keys?token=${TOKEN}`)).status).toBe(401);
  });

  it("guards everything but health", async () => {
    const guarded = [
      "/_quorate/network",
      "/_quorate/events",
      "/_quorate/metrics",
      "/_quorate/keys/k",
      "/keys",
      "/keys/k",
    ];
    for (const path of [...guarded, "/keys/k/signatures", "/keys/k/signatures/s", "/signers"]) {
      expect([path, (await app.request(path)).status]).toEqual([path, 401]);
    }
    expect((await app.request("/keys", { method: "POST", body: "{}" })).status).toBe(401);
    expect((await app.request("/_quorate/health")).status).toBe(200);
  });

  it("must be long enough not to be guessed", () => {
    expect(() => createApp({ ...node.options, token: "" })).toThrow("fewer than 16 characters");
    expect(() => createApp({ ...node.options, token: "123456789012345" })).toThrow("fewer than 16 characters");
  });
});

describe("what is not there", () => {
  it.each(["/", "/nothing", "/keys/", "/keys/k/archive", "/_quorate", "/KEYS"])("%s is 404 and named", async (path) => {
    const { status, body } = await call(app, "GET", path);
    expect(status).toBe(404);
    expect(body.error).toMatchObject({
      status: 404,
      message: `there is nothing at ${path}`,
      details: { code: "not_found" },
    });
    expect(body.error.id).toMatch(/^err-[0-9a-z]{5}-[0-9a-z]{5}-[0-9a-z]{16}$/);
    expect(body.message).toBe(body.error.message);
  });

  it.each([
    ["DELETE", "/keys", "GET, POST"],
    ["PUT", "/signers", "GET"],
    ["DELETE", "/keys/k/signatures/s", "GET"],
    ["POST", "/_quorate/health", "GET"],
  ])("%s %s is 405, with what there is", async (method, path, allow) => {
    const { status, headers, body } = await call(app, method, path);
    expect([status, headers.get("allow"), body.error.details.code]).toEqual([405, allow, "method_not_allowed"]);
  });
});

describe("a body", () => {
  const type = { "content-type": "application/json" };
  const post = (init: RequestInit) => send(app, "/_quorate/presignatures", { method: "POST", ...init });

  it.each([
    ['{"scheme": "EdDSA",}', /position 19/],
    ["{", /position 1/],
    ["scheme=EdDSA", /"scheme=EdDSA"/],
  ])("that is malformed is refused with the place: %s", async (body, place) => {
    const answer = await post({ headers: type, body });
    expect([answer.status, answer.body.error.details.field]).toEqual([400, "body"]);
    expect(answer.body.message).toMatch(place);
  });

  it("that is missing, empty, not UTF-8 or not an object is refused", async () => {
    const bodies = [undefined, "", new Uint8Array([0x22, 0xff, 0x22]), "null", "[]", "7"];
    for (const body of bodies) {
      const answer = await post({ headers: type, ...(body === undefined ? {} : { body }) });
      expect([body, answer.status, answer.body.error.details.field]).toEqual([body, 400, "body"]);
    }
  });

  it.each([{}, { "content-type": "text/plain" }, { "content-type": "application/jsonp" }])(
    "of type %j is 415",
    async (headers) => {
      const answer = await post({ headers, body: new TextEncoder().encode("{}") });
      expect([answer.status, answer.body.error.details.code]).toEqual([415, "wrong_content_type"]);
    },
  );

  it("may name its character set", async () => {
    const answer = await post({ headers: { "content-type": "application/json; charset=utf-8" }, body: "{}" });
    expect(answer.body.error.details.field).toBe("keyId");
  });

  it("above the limit is 413, whether it says its length or not", async () => {
    const fits = JSON.stringify({ name: "x".repeat(MAX_BODY_BYTES - 11) });
    expect(fits).toHaveLength(MAX_BODY_BYTES);
    expect((await post({ headers: type, body: fits })).status).toBe(400);
    expect((await post({ headers: type, body: `${fits} ` })).status).toBe(413);
    const declared = { ...type, "content-length": String(MAX_BODY_BYTES + 1) };
    expect((await post({ headers: declared, body: "{}" })).status).toBe(413);
  });

  it("that breaks off is refused, and is no incident", async () => {
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error("gone")) });
    const init: RequestInit & { duplex: "half" } = { headers: type, body, duplex: "half" };
    expect((await post(init)).status).toBe(400);
  });
});

describe("an unexpected exception", () => {
  it("is 500 with an id that the event has too, and no stack; the next request is served", async () => {
    const seen: unknown[] = [];
    node.events.subscribe(({ event }) => seen.push(event));
    const metrics = () => Promise.reject(new Error("boom at secret place"));
    app = createApp({ ...node.options, metrics });
    const { status, body } = await call(app, "GET", "/_quorate/metrics");
    expect([status, body.error.details.code]).toEqual([500, "internal"]);
    expect(JSON.stringify(body)).not.toMatch(/boom|secret|\.ts/);
    expect(seen).toEqual([
      expect.objectContaining({
        type: "api.incident",
        incident: body.error.id,
        detail: expect.stringMatching(/boom[\s\S]*\.ts/),
      }),
    ]);
    expect((await call(app, "GET", "/_quorate/network")).status).toBe(200);
  });
});

describe("before the coordinator has read its records", () => {
  it("health says so, the network can be seen, and no key is called missing", async () => {
    const early = makeNode();
    app = createApp(early.options);
    const health = await app.request("/_quorate/health");
    expect([health.status, await health.json()]).toEqual([
      503,
      { status: "starting", signers: { connected: 0, total: 3 }, pairs: { ready: 0, total: 3 } },
    ]);
    expect((await call(app, "GET", "/_quorate/network")).status).toBe(200);
    const answer = await call(app, "GET", `/_quorate/keys/${keyRecord(1).id}`);
    expect([answer.status, answer.headers.get("retry-after"), answer.body.error.details.code]).toEqual([
      503,
      "1",
      "starting",
    ]);
  });
});

describe("pages of other origins", () => {
  const preflight = (origin: string) =>
    app.request("/keys", {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "x-dfns-useraction",
      },
    });

  it.each(["http://localhost:3000", "http://127.0.0.1", "https://[::1]:8443"])("%s may call", async (origin) => {
    const response = await preflight(origin);
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe(origin);
    expect(response.headers.get("access-control-allow-methods")).toContain("POST");
    for (const name of ["authorization", "content-type", "x-dfns-sdk-version", "x-dfns-useraction"]) {
      expect(response.headers.get("access-control-allow-headers")).toContain(name);
    }
  });

  it.each([
    "https://example.com",
    "http://localhost.example.com",
    "http://127.0.0.1.example.com",
    "http://localhost@example.com",
    "app://localhost",
    "null",
  ])("%s may not", async (origin) => {
    expect((await preflight(origin)).headers.get("access-control-allow-origin")).toBeNull();
  });

  it("may when they are named", async () => {
    app = createApp({ ...node.options, origins: ["https://example.com"] });
    expect((await preflight("https://example.com")).headers.get("access-control-allow-origin")).toBe(
      "https://example.com",
    );
    expect((await preflight("https://example.com:444")).headers.get("access-control-allow-origin")).toBeNull();
  });

  it("can read errors as well", async () => {
    const response = await app.request("/keys", { headers: { origin: "http://localhost:3000" } });
    expect(response.status).toBe(401);
    expect(response.headers.get("access-control-allow-origin")).toBe("http://localhost:3000");
  });
});
