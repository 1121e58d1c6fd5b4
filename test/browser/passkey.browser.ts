import { createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import type { Browser } from "playwright-core";
import { type Hex, recoverMessageAddress } from "viem";
import { publicKeyToAddress } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Application, startApplication } from "../api/application.ts";
import { PasskeyPage, startChromium } from "./chromium.ts";

const MINUTES = 60_000;
/** Ports of localhost on which a new local organisation lets passkeys be used. */
const ALLOWED_PORTS = [8080, 3000, 5173];

const servers: Server[] = [];
let application: Application;
let browser: Browser;
let origin: string;

/** Serves the page on the first free port. @returns its origin */
async function serve(ports: readonly number[]): Promise<string> {
  const html = readFileSync(new URL("page.html", import.meta.url));
  for (const port of ports) {
    const server = createServer((_, response) => response.writeHead(200, { "content-type": "text/html" }).end(html));
    const isListening = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "localhost", () => resolve(true));
    });
    if (!isListening) continue;
    servers.push(server);
    const address = server.address();
    return `http://localhost:${typeof address === "object" ? address?.port : port}`;
  }
  throw new Error(
    `ports ${ports.join(", ")} are taken: this test needs one of them, since passkeys are used only there`,
  );
}

beforeAll(async () => {
  browser = await startChromium();
  origin = await serve(ALLOWED_PORTS);
  application = await startApplication();
}, 3 * MINUTES);

afterAll(async () => {
  await browser?.close();
  for (const server of servers) server.close();
  await application?.[Symbol.asyncDispose]();
}, MINUTES);

/** The challenge that an application's back end passes on to the page of a new user. */
function registration(username: string) {
  const backEnd = application.client(application.serviceAccount);
  return backEnd.auth.createDelegatedRegistrationChallenge({ body: { email: username, kind: "EndUser" } });
}

describe("a browser with a passkey", () => {
  it(
    "registers an end user, logs in, makes keys and signs with them",
    async () => {
      const { cluster, orgId } = application;
      const api = cluster.api.url;
      const page = await PasskeyPage.open(browser, origin);
      const username = "browser@example.test";
      const registered = await page.run<{ user: object }>("register", api, await registration(username));
      expect(registered).toMatchObject({ credential: { kind: "Fido2" }, user: { username, orgId } });
      const token = await page.run<string>("login", api, orgId, username);

      interface Made {
        readonly id: string;
        readonly publicKey: string;
      }
      interface Signed {
        readonly status: string;
        readonly signature: { readonly r: string; readonly s: string; readonly encoded: string };
      }
      const message = Buffer.from("signed in a browser").toString("hex");
      const ed = await page.run<Made>("act", api, token, "POST", "/keys", { scheme: "EdDSA", curve: "ed25519" });
      const one = await page.run<Signed>("act", api, token, "POST", `/keys/${ed.id}/signatures`, {
        kind: "Message",
        message,
      });
      const prefix = Buffer.from("302a300506032b6570032100", "hex");
      const der = Buffer.concat([prefix, Buffer.from(ed.publicKey, "hex")]);
      const key = createPublicKey({ key: der, format: "der", type: "spki" });
      const signature = Buffer.from(one.signature.r.slice(2) + one.signature.s.slice(2), "hex");
      expect([one.status, verify(null, Buffer.from(message, "hex"), key, signature)]).toEqual(["Signed", true]);

      const ec = await page.run<Made>("act", api, token, "POST", "/keys", { scheme: "ECDSA", curve: "secp256k1" });
      const two = await page.run<Signed>("act", api, token, "POST", `/keys/${ec.id}/signatures`, {
        kind: "Message",
        message,
        blockchainKind: "Evm",
      });
      const signer = publicKeyToAddress(`0x${secp256k1.Point.fromHex(ec.publicKey).toHex(false)}`);
      const recovered = recoverMessageAddress({
        message: "signed in a browser",
        signature: two.signature.encoded as Hex,
      });
      expect([two.status, await recovered]).toEqual(["Signed", signer]);
    },
    MINUTES,
  );

  it(
    "is refused what a page of another port had it register or sign",
    async () => {
      const { cluster, orgId } = application;
      const api = cluster.api.url;
      const elsewhere = await PasskeyPage.open(browser, await serve([0]));
      const refusal = elsewhere.run("register", api, await registration("phished@example.test"));
      await expect(refusal).rejects.toThrow(/40[03] .*origin/);

      const username = "careful@example.test";
      const page = await PasskeyPage.open(browser, origin);
      await page.run("register", api, await registration(username));
      await elsewhere.copyFrom(page);
      await expect(elsewhere.run("login", api, orgId, username)).rejects.toThrow(/40[03] .*origin/);
      await expect(page.run("login", api, orgId, username)).resolves.toEqual(expect.any(String));
    },
    MINUTES,
  );
});
