import { generateKeyPairSync, sign } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { schnorr, secp256k1 } from "@noble/curves/secp256k1.js";
import { assemble, deriveDigests, type PublicKeyFacts } from "@quorate/authority";
import { hex, InputError } from "@quorate/orders";
import { taprootTweakPrivKey } from "@scure/btc-signer/utils.js";

export const TOKEN = "a-token-of-some-length";

/** A key that one test holds whole, in place of a network's. */
export interface WholeKey {
  readonly scheme: "EdDSA" | "Schnorr";
  readonly facts: PublicKeyFacts & { readonly suite: "ed25519" | "taproot" };
  sign(message: Uint8Array, merkleRoot: Uint8Array | null): Uint8Array;
}

export function eddsaKey(): WholeKey {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = new Uint8Array(publicKey.export({ format: "der", type: "spki" }).subarray(-32));
  return {
    scheme: "EdDSA",
    facts: { suite: "ed25519", publicKey: raw },
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  };
}

/** @param seed the private key is 32 times this byte: 1 to 255 */
export function schnorrKey(seed: number): WholeKey {
  const privateKey = new Uint8Array(32).fill(seed);
  return {
    scheme: "Schnorr",
    facts: { suite: "taproot", publicKey: secp256k1.getPublicKey(privateKey, true) },
    sign(message, root) {
      const secret = root === null ? privateKey : taprootTweakPrivKey(privateKey, root);
      return schnorr.sign(message, secret, new Uint8Array(32)); // the same for the same message
    },
  };
}

type Body = Record<string, unknown>;

/** What an honest network answers to a signature request. */
export function answer(key: WholeKey, body: Body): Body {
  const signatures = deriveDigests(body, key.facts).items.map((item) => key.sign(item.message, item.merkleRoot));
  return {
    id: "sig-1",
    status: "Signed",
    dateRequested: "2026-01-01T00:00:00.000Z",
    ...assemble(body, key.facts, signatures),
    _quorate: {
      attempts: [
        { signers: ["virginia"], form: "one-round", startedMs: 0, endedMs: 9, result: "signed", culprits: [] },
      ],
      timing: { totalMs: 9, networkMs: 5, cryptoMs: 3, restMs: 1 },
    },
  };
}

export interface OneKeyNetwork {
  readonly url: string;
  close(): void;
}

/** Speaks the API with keys held whole. `lie` changes what it answers to signature requests. */
export async function oneKeyNetwork(lie: (answer: Body) => Body = (honest) => honest): Promise<OneKeyNetwork> {
  const keys = new Map<string, WholeKey & { readonly name: string; readonly id: string }>();
  const node = { name: "virginia", region: "virginia", operator: "one", publicKey: "00".repeat(32) };
  const shown = (id: string) => {
    const { scheme, name, facts } = keys.get(id)!;
    const curve = scheme === "EdDSA" ? "ed25519" : "secp256k1";
    return { id, name, scheme, curve, publicKey: hex(facts.publicKey), status: "Active", dateCreated: "" };
  };
  const respond = (method: string, path: string, body: Body): [number, Body] => {
    const [, root, id] = path.split("/");
    if (root === "_quorate") return [200, { networkId: "one", nodes: [node] }];
    if (method === "GET") return [200, id === undefined ? { items: [...keys.keys()].map(shown) } : shown(id)];
    if (id !== undefined) return [200, lie({ ...answer(keys.get(id)!, body), keyId: id })];
    const made = `key-00000-00000-000000000000000${keys.size}`;
    const key = body.scheme === "EdDSA" ? eddsaKey() : schnorrKey(3);
    keys.set(made, { ...key, id: made, name: String(body.name) });
    return [200, shown(made)];
  };
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const [status, body] = tried(() => {
      if (request.headers.authorization !== `Bearer ${TOKEN}`) return [401, { message: "this is not the token" }];
      return respond(request.method!, request.url!.split("?")[0]!, text === "" ? {} : JSON.parse(text));
    });
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  return { url: await listening(server), close: () => server.closeAllConnections() ?? server.close() };
}

function tried(act: () => [number, Body]): [number, Body] {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { code, message, field, hint } = error;
    return [400, { error: { status: 400, message, details: { code, field, hint } }, message }];
  }
}

/** Listens on a free port of loopback. @returns the origin */
export async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
