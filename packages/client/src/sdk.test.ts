import { generateKeyPairSync } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { BaseAuthApi, DfnsApiClient, DfnsAuthenticator, DfnsDelegatedApiClient } from "@dfns/sdk";
import { AsymmetricKeySigner } from "@dfns/sdk-keysigner";
import { bodyDigest, type Challenge, challengeText } from "@quorate/authority";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { verifyInit, verifyingRegistrar, verifyingSigner } from "./index.ts";

const privateKey = generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }).toString();
const credId = "a-credential";
const home = { sdk: BaseAuthApi, network: "local-1", organisation: "or-1" };

/** What the coordinator says in place of the truth. */
let lie: Partial<Challenge> = {};
/** The paths of what reached it. */
let seen: string[] = [];
let server: Server;
let baseUrl: string;

/** A coordinator that describes the request that it was asked about, but for its lie. */
function answer(path: string, body: Record<string, string>): unknown {
  const common = {
    v: 1,
    network: "local-1",
    organisation: "or-1",
    nonce: "A".repeat(22),
    expires: Date.now() + 60_000,
  } as const;
  const shown = (challenge: Challenge) => ({
    challenge: challengeText({ ...challenge, ...lie }),
    challengeIdentifier: "c",
    supportedCredentialKinds: [],
    externalAuthenticationUrl: "",
    userVerification: "preferred",
    allowCredentials: { key: [{ type: "public-key", id: credId }], webauthn: [] },
  });
  if (path === "/auth/login/init") {
    return shown({ ...common, purpose: "login", method: "POST", path: "/auth/login", body: bodyDigest({}) });
  }
  if (path !== "/auth/action/init") return { userAction: "u", token: "t" };
  const payload = body.userActionPayload || "{}";
  return shown({
    ...common,
    purpose: "action",
    method: body.userActionHttpMethod as Challenge["method"],
    path: body.userActionHttpPath!.split("?")[0]!,
    body: bodyDigest(JSON.parse(payload)),
  });
}

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    seen.push(`${request.method} ${request.url}`);
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer(request.url!, text === "" ? {} : JSON.parse(text))));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.closeAllConnections() ?? server.close());
beforeEach(() => {
  lie = {};
  seen = [];
});

const keySigner = () => verifyingSigner(new AsymmetricKeySigner({ privateKey, credId }), home);
const client = () => new DfnsApiClient({ baseUrl, authToken: "t", signer: keySigner() });
const signature = { keyId: "key-1", body: { kind: "Hash", hash: "00".repeat(32) } } as const;
const LIES = [
  ["another body", { body: bodyDigest({ kind: "Hash", hash: "11".repeat(32) }) }, "body"],
  ["another key", { path: "/keys/key-2/signatures" }, "path"],
  ["another method", { method: "DELETE" }, "method"],
  ["another network", { network: "local-2" }, "network"],
  ["another organisation", { organisation: "or-2" }, "organisation"],
  ["another purpose", { purpose: "recovery" }, "purpose"],
] as const;

describe("the direct client with a verifying signer", () => {
  it("signs what an honest coordinator asks for", async () => {
    await client().keys.generateSignature(signature);
    expect(seen).toEqual(["POST /auth/action/init", "POST /auth/action", "POST /keys/key-1/signatures"]);
  });

  it("signs requests without a body, and with a query", async () => {
    await client().keys.deleteKey({ keyId: "key-1" });
    await client().permissions.deleteAssignment({
      permissionId: "pm-1",
      assignmentId: "as-1",
      query: { force: "true" as never },
    });
    expect(seen.at(-1)).toBe("DELETE /permissions/pm-1/assignments/as-1?force=true");
  });

  it.each(LIES)("signs nothing when the coordinator returns a challenge for %s", async (_, told, field) => {
    lie = told;
    await expect(client().keys.generateSignature(signature)).rejects.toMatchObject({ name: "ChallengeError", field });
    expect(seen).toEqual(["POST /auth/action/init"]);
  });

  it("is not confused by calls that are made at once", async () => {
    const one = client();
    const all = Array.from({ length: 8 }, (_, at) => one.keys.generateSignature({ ...signature, keyId: `key-${at}` }));
    await Promise.all(all);
    expect(seen.filter((line) => line.endsWith("/signatures"))).toHaveLength(8);
  });

  it("logs in, and takes nothing but a login for one", async () => {
    const authenticator = new DfnsAuthenticator({ baseUrl, signer: keySigner() as never });
    await authenticator.login({ orgId: "or-1", username: "a" });
    expect(seen).toEqual(["POST /auth/login/init", "POST /auth/login"]);
    lie = { purpose: "action" };
    await expect(authenticator.login({ orgId: "or-1", username: "a" })).rejects.toMatchObject({ field: "purpose" });
  });
});

describe("a verifying signer", () => {
  it("refuses a challenge that its SDK did not ask for", async () => {
    const honest = (await BaseAuthApi.createUserActionChallenge(
      {
        userActionHttpMethod: "POST",
        userActionHttpPath: "/keys",
        userActionPayload: "{}",
        userActionServerKind: "Api",
      },
      { baseUrl },
    )) as { challenge: string };
    await expect(keySigner().sign({ ...honest } as never)).rejects.toMatchObject({ field: "challenge" });
  });

  it("keeps the rest of what it wraps", async () => {
    const passkeys = {
      rp: "localhost",
      asked: 0,
      async sign(_: { challenge: string }) {
        return "assertion";
      },
      async create(_: { challenge: string }) {
        this.asked++;
        return this.asked;
      },
    };
    const wrapped = verifyingSigner<{ challenge: string }, string, typeof passkeys>(passkeys, home);
    expect(wrapped.rp).toBe("localhost");
    expect(await wrapped.create({ challenge: "" })).toBe(1);
    const registrar = verifyingRegistrar<{ challenge: string }, number, typeof passkeys>(passkeys, {
      ...home,
      purpose: "registration",
    });
    await expect(registrar.create({ challenge: "" })).rejects.toMatchObject({ field: "challenge" });
    expect(passkeys.asked).toBe(1);
  });
});

describe("the delegated client", () => {
  const delegated = () => new DfnsDelegatedApiClient({ baseUrl, authToken: "t" });
  const request = {
    method: "POST",
    path: "/keys/key-1/signatures",
    body: signature.body,
    network: "local-1",
    organisation: "or-1",
  };

  it("gives the user what verifyInit accepts", async () => {
    const challenge = await delegated().keys.generateSignatureInit(signature);
    expect(verifyInit(challenge, request)).toBe(challenge);
  });

  it.each(LIES)("and verifyInit refuses a challenge for %s", async (_, told, field) => {
    lie = told;
    const challenge = await delegated().keys.generateSignatureInit(signature);
    expect(() => verifyInit(challenge, request)).toThrow(expect.objectContaining({ name: "ChallengeError", field }));
  });
});
