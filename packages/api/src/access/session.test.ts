import { verify } from "node:crypto";
import { SignJWT } from "jose";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Caller, GovernedApi } from "../testing/governed.ts";
import { TOKEN } from "../testing/node.ts";
import { Tokens } from "./tokens.ts";

let api: GovernedApi;
let robot: Caller;

beforeEach(async () => {
  api = await GovernedApi.start();
  robot = await api.serviceAccount();
});
afterEach(() => api.stop());

const list = (bearer: string) =>
  api.send("GET", "/auth/service-accounts", undefined, { authorization: `Bearer ${bearer}` });
const payloadOf = (token: string) => JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString());

describe("a bearer token", () => {
  it("is a JSON Web Token with the claims of Dfns, that the published key verifies", async () => {
    const [head, payload, signature] = robot.bearer.split(".");
    const { body } = await api.send("GET", "/.well-known/jwks.json");
    const message = Buffer.from(`${head}.${payload}`);
    expect(verify(null, message, { key: body.keys[0], format: "jwk" }, Buffer.from(signature!, "base64url"))).toBe(
      true,
    );
    expect(payloadOf(robot.bearer)).toMatchObject({
      sub: api.organisation.id,
      "https://custom/app_metadata": { orgId: api.organisation.id, userId: robot.userId, tokenKind: "ServiceAccount" },
      exp: expect.any(Number),
    });
  });

  it("lets its holder read", async () => {
    const { status, body } = await list(robot.bearer);
    expect([status, body.items[0].userInfo.userId]).toEqual([200, robot.userId]);
  });

  it.each<[string, () => Promise<string> | string]>([
    ["nothing at all", () => ""],
    ["no token of this kind", () => "abc"],
    ["the operator's token", () => TOKEN],
    ["another key's signature", () => new Tokens(new Uint8Array(32).fill(8), "test", Date.now).sign(claims())],
    [
      "another network's",
      () => new Tokens(new Uint8Array(32).fill(7), "other", () => api.authority.log.time).sign(claims()),
    ],
    ["a changed payload", () => robot.bearer.replace(/\.[^.]+\./, `.${Buffer.from("{}").toString("base64url")}.`)],
    ["an unsigned one", () => `${Buffer.from('{"alg":"none"}').toString("base64url")}.${robot.bearer.split(".")[1]}.`],
    ["an expired one", () => api.tokens.sign({ ...claims(), expires: api.authority.log.time - 1000 })],
    ["another organisation's", () => api.tokens.sign({ ...claims(), organisation: "or-other" })],
    ["an unknown user's", () => api.tokens.sign({ ...claims(), user: "us-other" })],
    ["an unknown token's", () => api.tokens.sign({ ...claims(), id: "to-other" })],
    ["another kind's", () => api.tokens.sign({ ...claims(), kind: "Pat" })],
    ["a temporary one", () => api.tokens.sign({ ...claims(), kind: "Temp" })],
    ["a session that nobody began", () => api.tokens.sign({ ...claims(), kind: "Token" })],
    ["another algorithm's", () => hmac()],
  ])("with %s is 401", async (_, make) => {
    const { status, body } = await list(await make());
    expect([status, body.error.details.code]).toEqual([401, "unauthorized"]);
  });

  const claims = () => ({
    ...{ organisation: api.organisation.id, user: robot.userId, username: "robot", kind: "ServiceAccount" as const },
    ...{ id: [...api.organisation.tokens.keys()][0]!, expires: api.authority.log.time + 60_000 },
  });
  const hmac = () =>
    new SignJWT(payloadOf(robot.bearer))
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .sign(new Uint8Array(32).fill(7));

  it("dies with its user, its token and its time, at the very next call", async () => {
    const user = api.organisation.users.get(robot.userId)!;
    const token = [...api.organisation.tokens.values()][0]!;
    user.isActive = false;
    expect((await list(robot.bearer)).status).toBe(401);
    user.isActive = true;
    token.isActive = false;
    expect((await list(robot.bearer)).status).toBe(401);
    token.isActive = true;
    expect((await list(robot.bearer)).status).toBe(200);
    api.authority.log.time = token.expires + 1;
    expect((await list(robot.bearer)).status).toBe(401);
  });

  it("shows nothing to whom its operation was not given, naming kind, id and operation", async () => {
    const weak = await api.serviceAccount([], "weak");
    const { status, body } = await list(weak.bearer);
    expect([status, body.message]).toEqual([
      403,
      expect.stringMatching(`ServiceAccount ${weak.userId} .*is not permitted Auth:ServiceAccounts:Read`),
    ]);
  });

  it("opens nothing of the operator, whose token opens nothing of users", async () => {
    const operator = (bearer: string) =>
      api.send("GET", "/_quorate/network", undefined, { authorization: `Bearer ${bearer}` });
    expect((await operator(robot.bearer)).status).toBe(401);
    expect((await operator(TOKEN)).status).toBe(200);
  });
});

describe("the seed of the tokens' key", () => {
  it("has 32 bytes, and names the key", () => {
    expect(() => new Tokens(new Uint8Array(31), "test", Date.now)).toThrow("32 bytes");
    const [one, same, other] = [1, 1, 2].map((fill) =>
      new Tokens(new Uint8Array(32).fill(fill), "test", Date.now).jwks(),
    );
    expect(one).toEqual(same);
    expect(one!.keys[0]!.kid).not.toBe(other!.keys[0]!.kid);
    expect(JSON.stringify(one)).not.toContain('"d"');
  });
});

describe("a name that suddenly means this machine", () => {
  it.each(["http://evil.example/", "http://localhost.evil.example/"])("%s is refused", async (base) => {
    const response = await api.app.request(new URL("/.well-known/jwks.json", base).href);
    expect(response.status).toBe(403);
  });

  it.each(["http://127.0.0.1:4100/", "http://[::1]:4100/", "http://localhost/", "http://coordinator:4100/"])(
    "%s is served",
    async (base) => {
      const response = await api.app.request(new URL("/.well-known/jwks.json", base).href);
      expect(response.status).toBe(200);
    },
  );
});

describe("whoever asks too much", () => {
  it("waits: 429 with the time, for each token by itself and for addresses without one", async () => {
    api.stop();
    api = await GovernedApi.start({ callsPerMinute: 3 });
    const [one, other] = [await api.serviceAccount(["*"], "one"), await api.serviceAccount(["*"], "other")];
    for (let at = 0; at < 3; at++) expect((await list(one.bearer)).status).toBe(200);
    const refused = await list(one.bearer);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "20"]);
    expect((await list(other.bearer)).status).toBe(200);
    for (let at = 0; at < 4; at++) await list("guess");
    expect((await list("guess")).status).toBe(429);
    api.authority.log.time += 20_000;
    expect((await list(one.bearer)).status).toBe(200);
  });
});
