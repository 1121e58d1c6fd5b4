import { TestUser } from "@quorate/authority/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Caller, GovernedApi } from "../testing/governed.ts";

const PATH = "/auth/service-accounts";

let api: GovernedApi;
let robot: Caller;
let body: { name: string; publicKey: string };

beforeEach(async () => {
  api = await GovernedApi.start();
  robot = await api.serviceAccount();
  body = { name: "another", publicKey: new TestUser().publicKey };
});
afterEach(() => api.stop());

describe("a challenge", () => {
  it("names the caller's own credential and no other, and a relying party", async () => {
    const other = await api.serviceAccount([], "other");
    const { status, body: challenge } = await robot.begin("POST", PATH, body);
    expect(status).toBe(200);
    expect(challenge.allowCredentials.key).toEqual([{ type: "public-key", id: robot.credentialId }]);
    expect(challenge.allowCredentials.key[0].id).not.toBe(other.credentialId);
    expect(challenge.rp).toEqual({ id: "localhost", name: "Test" });
    expect(challenge.supportedCredentialKinds).toEqual([{ kind: "Key", factor: "first", requiresSecondFactor: false }]);
  });

  it("describes the request", async () => {
    const { body: challenge } = await robot.begin("POST", `${PATH}?force=true`, body);
    expect(JSON.parse(Buffer.from(challenge.challenge, "base64url").toString())).toMatchObject({
      ...{ network: "test", organisation: api.organisation.id, purpose: "action", method: "POST", path: PATH },
    });
  });

  it("cannot be asked for something that is not JSON, or no mutation", async () => {
    const ask = (more: object) =>
      robot.send("POST", "/auth/action/init", { userActionHttpMethod: "POST", userActionHttpPath: PATH, ...more });
    expect((await ask({ userActionPayload: "{" })).body.error.details.field).toBe("userActionPayload");
    expect((await ask({ userActionPayload: "[]" })).status).toBe(400);
    expect((await ask({ userActionHttpMethod: "GET" })).status).toBe(400);
    expect((await ask({ userActionPayload: "[".repeat(70) })).body.message).toContain("nested deeper");
  });
});

describe("a user action", () => {
  it("is good for the request that was signed, however its JSON is written", async () => {
    const action = await robot.signed("POST", PATH, body);
    const turned = { publicKey: body.publicKey, name: body.name };
    const answer = await robot.send("POST", PATH, turned, { "x-dfns-useraction": action });
    expect([answer.status, answer.body.userInfo.username]).toEqual([200, "another"]);
    expect(answer.body.accessTokens[0].accessToken).toMatch(/^ey/);
  });

  it("is good once: the second time is 400", async () => {
    const action = await robot.signed("POST", PATH, body);
    const headers = { "x-dfns-useraction": action };
    expect((await robot.send("POST", PATH, body, headers)).status).toBe(200);
    const again = await robot.send("POST", PATH, body, headers);
    expect([again.status, again.body.error.details.code]).toEqual([400, "bad_action"]);
  });

  it("is needed: without one, and with one that nobody gave out, it is 403", async () => {
    expect((await robot.send("POST", PATH, body)).status).toBe(403);
    expect((await robot.send("POST", PATH, body, { "x-dfns-useraction": "made-up" })).status).toBe(403);
  });

  it("of another body, path, method or caller is 403, and used up", async () => {
    const other = await api.serviceAccount(["*"], "other");
    const rename = `${PATH}/${robot.userId}`;
    type Call = readonly [method: string, path: string, body: object];
    const attempts: readonly (readonly [string, Caller, Call, Call])[] = [
      ["body", robot, ["POST", PATH, body], ["POST", PATH, { ...body, name: "changed" }]],
      ["path", robot, ["PUT", rename, {}], ["PUT", `${PATH}/${other.userId}`, {}]],
      ["method", robot, ["PUT", rename, {}], ["DELETE", rename, {}]],
      ["user", other, ["POST", PATH, body], ["POST", PATH, body]],
    ];
    for (const [what, caller, signed, [method, path, sent]] of attempts) {
      const headers = { "x-dfns-useraction": await robot.signed(...signed) };
      const answer = await caller.send(method, path, sent, headers);
      expect([answer.status, answer.body.message]).toEqual([403, expect.stringContaining(`the ${what} is not`)]);
      expect((await robot.send(signed[0], signed[1], signed[2], headers)).status).toBe(400);
    }
  });

  it("for an empty text, {} and no body is one for all of them", async () => {
    const path = `${PATH}/${robot.userId}/activate`;
    for (const signed of [undefined, {}]) {
      for (const sent of [undefined, {}]) {
        const action = await robot.signed("PUT", path, signed);
        const answer = await robot.send("PUT", path, sent, { "x-dfns-useraction": action });
        expect([signed, sent, answer.status]).toEqual([signed, sent, 200]);
      }
    }
  });

  it("is refused by the log's rule when its user may not", async () => {
    const weak = await api.serviceAccount([], "weak");
    const answer = await weak.act("POST", PATH, body);
    expect([answer.status, answer.body.message]).toEqual([
      403,
      expect.stringMatching(`ServiceAccount ${weak.userId} .*is not permitted Auth:ServiceAccounts:Create`),
    ]);
  });
});

describe("the answer to a challenge is refused", () => {
  const complete = (caller: Caller, challengeIdentifier: string, firstFactor: unknown) =>
    caller.send("POST", "/auth/action", { challengeIdentifier, firstFactor });

  it("when nobody was given it, or it was answered, or ten minutes are over", async () => {
    const { challenge, challengeIdentifier } = (await robot.begin("POST", PATH, body)).body;
    const proof = robot.signer.assert(challenge);
    expect((await complete(robot, "made-up", proof)).status).toBe(400);
    expect((await complete(robot, challengeIdentifier, proof)).status).toBe(200);
    expect((await complete(robot, challengeIdentifier, proof)).status).toBe(400);
    const late = (await robot.begin("POST", PATH, body)).body;
    api.authority.log.time += 10 * 60_000 + 1;
    expect((await complete(robot, late.challengeIdentifier, robot.signer.assert(late.challenge))).status).toBe(400);
  });

  it("when it comes from another caller, or is signed with another's credential", async () => {
    const other = await api.serviceAccount(["*"], "other");
    const { challenge, challengeIdentifier } = (await robot.begin("POST", PATH, body)).body;
    expect((await complete(other, challengeIdentifier, robot.signer.assert(challenge))).status).toBe(403);
    const foreign = await complete(robot, challengeIdentifier, other.signer.assert(challenge));
    expect([foreign.status, foreign.body.message]).toEqual([403, expect.stringContaining("is not the caller's")]);
  });

  it("when an earlier challenge for the same was signed, which may have been answered", async () => {
    const earlier = (await robot.begin("POST", PATH, body)).body.challenge;
    const { challengeIdentifier } = (await robot.begin("POST", PATH, body)).body;
    const answer = await complete(robot, challengeIdentifier, robot.signer.assert(earlier));
    expect([answer.status, answer.body.error.details.authority]).toEqual([403, "bad_challenge"]);
  });

  it("when another challenge was signed, or by another key, or with a password", async () => {
    const { challenge, challengeIdentifier } = (await robot.begin("POST", PATH, body)).body;
    const second = (await robot.begin("POST", PATH, { ...body, name: "second" })).body.challenge;
    expect((await complete(robot, challengeIdentifier, robot.signer.assert(second))).status).toBe(403);
    const stranger = new TestUser().as(robot.credentialId).assert(challenge);
    expect((await complete(robot, challengeIdentifier, stranger)).body.error.details.authority).toBe("bad_signature");
    expect((await complete(robot, challengeIdentifier, { kind: "Password", password: "x" })).status).toBe(400);
  });
});
