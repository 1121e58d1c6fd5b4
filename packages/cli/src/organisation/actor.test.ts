import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bodyDigest, type Challenge, challengeText } from "@quorate/authority";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ApiClient } from "../api-client.ts";
import { EXIT } from "../exit.ts";
import { listening } from "../testing/one-key-network.ts";
import { type Credential, newCredentialId, newCredentialKey, writeCredential } from "./credential.ts";

let dir: string;
let credential: Credential;
let lie: Partial<Challenge>;
let seen: { line: string; token: string | undefined; action: string | undefined }[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "quorate-actor-"));
  const told = { network: "local-1", organisation: "or-1", username: "me", credentialId: newCredentialId() };
  credential = writeCredential(dir, "me", told, newCredentialKey().privateKey);
  lie = {};
  seen = [];
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function challenge(body: Record<string, string>): string {
  const action = body.userActionHttpMethod !== undefined;
  return challengeText({
    ...{ v: 1, network: "local-1", organisation: "or-1", nonce: "A".repeat(22), expires: Date.now() + 1000 },
    purpose: action ? "action" : "login",
    method: (body.userActionHttpMethod ?? "POST") as Challenge["method"],
    path: body.userActionHttpPath ?? "/auth/login",
    body: bodyDigest(JSON.parse(body.userActionPayload || "{}")),
    ...lie,
  });
}

async function answer(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  const { authorization, "x-dfns-useraction": action } = request.headers;
  seen.push({ line: `${request.method} ${request.url}`, token: authorization, action: action as string | undefined });
  const body = text === "" ? {} : JSON.parse(text);
  if (request.url!.endsWith("/init")) return { challenge: challenge(body), challengeIdentifier: "c" };
  return { token: "session", userAction: "action" };
}

async function clientAs(as: Credential): Promise<ApiClient> {
  const server = createServer(async (request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(await answer(request)));
  });
  return new ApiClient({ url: await listening(server), token: "operator", as });
}

it("a person logs in once, and signs what changes something", async () => {
  const client = await clientAs(credential);
  await client.call("POST", "/keys", { scheme: "EdDSA" });
  await client.call("GET", "/keys");
  expect(seen.map(({ line }) => line)).toEqual([
    ...["POST /auth/login/init", "POST /auth/login", "POST /auth/action/init", "POST /auth/action"],
    ...["POST /keys", "GET /keys"],
  ]);
  expect(seen.map(({ token }) => token)).toEqual([undefined, undefined, ...Array(4).fill("Bearer session")]);
  expect(seen.map(({ action }) => action)).toEqual([...Array(4).fill(undefined), "action", undefined]);
});

it("a service account uses its token, and the operator's goes only to what is the operator's", async () => {
  const client = await clientAs({ ...credential, token: "service" });
  await client.call("PUT", "/keys/key-1", { name: "x" });
  await client.network();
  expect(seen.map(({ line }) => line)).toEqual([
    ...["POST /auth/action/init", "POST /auth/action", "PUT /keys/key-1", "GET /_quorate/network"],
  ]);
  expect(seen.map(({ token }) => token)).toEqual([...Array(3).fill("Bearer service"), "Bearer operator"]);
});

it.each([
  ["another body", { body: bodyDigest({ scheme: "ECDSA" }) }],
  ["another path", { path: "/keys/key-1/export" }],
  ["another network", { network: "local-2" }],
  ["another organisation", { organisation: "or-2" }],
] as const)("nothing is signed for %s", async (_, told) => {
  const client = await clientAs({ ...credential, token: "service" });
  lie = told;
  await expect(client.call("POST", "/keys", { scheme: "EdDSA" })).rejects.toMatchObject({ exitCode: EXIT.safety });
  expect(seen.map(({ line }) => line)).toEqual(["POST /auth/action/init"]);
});

it("no login is signed that is none", async () => {
  const client = await clientAs(credential);
  lie = { purpose: "action" };
  await expect(client.call("GET", "/keys")).rejects.toMatchObject({ exitCode: EXIT.safety });
});
