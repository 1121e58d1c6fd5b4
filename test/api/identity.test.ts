import { generateKeyPairSync } from "node:crypto";
import { type Api, startApi } from "@quorate/api";
import { LogAlone, startNode, type TestNode, Tokens } from "@quorate/api/testing";
import { tokenCredentialId } from "@quorate/authority";
import { afterAll, beforeAll, describe } from "vitest";
import { identityFlows, type Target } from "./identity-flows.ts";

describe("the official client, over HTTP, with a log that needs no signers", () => {
  let node: TestNode;
  let api: Api;
  let target: Target;

  beforeAll(async () => {
    node = await startNode();
    const authority = new LogAlone({ time: Date.now() });
    const { log } = authority;
    const tokenSeed = new Uint8Array(32).fill(9);
    const pair = generateKeyPairSync("ed25519");
    const full = [...log.state.permissions.values()].find((one) => one.operations.includes("*"))!;
    const publicKey = pair.publicKey.export({ format: "pem", type: "spki" }).toString();
    const body = { name: "robot", publicKey, permissionId: full.id };
    const hash = log.act({ method: "POST", path: "/auth/service-accounts", body });
    const [made] = log.state.tokens.values();
    const token = await new Tokens(tokenSeed, "test", () => log.time).sign({
      ...{ organisation: log.state.id, user: made!.user, username: "robot", kind: "ServiceAccount" },
      ...{ id: made!.id, expires: made!.expires },
    });
    api = await startApi({ ...node.options, authority, tokenSeed, now: () => log.time });
    const privateKey = pair.privateKey.export({ format: "pem", type: "pkcs8" }).toString();
    target = { baseUrl: api.url, orgId: log.state.id, token, credId: tokenCredentialId(hash), privateKey };
  });
  afterAll(async () => {
    await api.close();
    node.world.stop();
  });

  identityFlows(() => target);
});
