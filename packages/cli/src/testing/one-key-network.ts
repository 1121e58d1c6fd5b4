import { generateKeyPairSync, sign } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { p256 } from "@noble/curves/nist.js";
import { schnorr, secp256k1 } from "@noble/curves/secp256k1.js";
import { assemble, deriveDigests } from "@quorate/authority";
import { hex, InputError } from "@quorate/orders";
import { taprootTweakPrivKey } from "@scure/btc-signer/utils.js";
import { suiteOf, type VerifyingKey } from "../key-lookup.ts";

export const TOKEN = "a-token-of-some-length";

/** A key that one test holds whole, in place of a network's. */
export interface WholeKey {
  readonly scheme: "EdDSA" | "Schnorr" | "ECDSA";
  readonly facts: VerifyingKey;
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

/** @param seed the private key is 32 times this byte: 1 to 254 */
export function ecdsaKey(seed: number, curve: "secp256k1" | "secp256r1" = "secp256k1"): WholeKey {
  const privateKey = new Uint8Array(32).fill(seed);
  const on = curve === "secp256k1" ? secp256k1 : p256;
  return {
    scheme: "ECDSA",
    facts: { suite: suiteOf("ECDSA", curve), publicKey: on.getPublicKey(privateKey, true) },
    /** @returns r, s and the recovery id */
    sign(digest) {
      const [recid, ...numbers] = on.sign(digest, privateKey, { prehash: false, format: "recovered" });
      return Uint8Array.of(...numbers, recid!);
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

const CURVES: Readonly<Record<VerifyingKey["suite"], string>> = {
  ed25519: "ed25519",
  taproot: "secp256k1",
  "ecdsa-secp256k1": "secp256k1",
  "ecdsa-p256": "secp256r1",
};

interface Entry extends WholeKey {
  readonly id: string;
  readonly name: string;
  ready: number;
}

function made({ scheme, curve }: Body): WholeKey {
  if (scheme === "ECDSA") return ecdsaKey(5, curve === "secp256r1" ? "secp256r1" : "secp256k1");
  return scheme === "EdDSA" ? eddsaKey() : schnorrKey(3);
}

/** Speaks the API with keys held whole. `lie` changes what it answers to signature requests. */
export async function oneKeyNetwork(lie: (answer: Body) => Body = (honest) => honest): Promise<OneKeyNetwork> {
  const keys = new Map<string, Entry>();
  const shown = ({ id, scheme, name, facts }: Entry) => {
    const curve = CURVES[facts.suite];
    return { id, name, scheme, curve, publicKey: hex(facts.publicKey), status: "Active", dateCreated: "" };
  };
  const pools = (method: string, { keyId, count }: Body): Body => {
    const key = keys.get(String(keyId));
    if (key !== undefined && method !== "GET") key.ready = method === "POST" ? Number(count) : 0;
    const wanted = key === undefined ? [...keys.values()] : [key];
    const pool = ({ id, ready }: Entry) => ({
      keyId: id,
      path: "m",
      signers: ["virginia"],
      ready,
      making: 0,
      target: ready,
    });
    const totals = { made: 9, used: 1, burnt: 0, orphaned: 0, expired: 0, dropped: 0 };
    return { pools: wanted.filter(({ ready }) => ready > 0).map(pool), totals };
  };
  const ours = (method: string, what: string | undefined, id: string | undefined, body: Body): Body => {
    if (what === "presignatures") return pools(method, body);
    if (id !== undefined) return { minSigners: 1, members: [{ identifier: 1, node: "virginia" }] };
    const node = { name: "virginia", region: "virginia", operator: "one", publicKey: "00".repeat(32) };
    return { networkId: "one", nodes: [node], pairs: [] };
  };
  const respond = (method: string, path: string, body: Body): [number, Body] => {
    const [, root, id, last] = path.split("/");
    if (root === "_quorate") return [200, ours(method, id, last, body)];
    const key = keys.get(id ?? "");
    if (method === "GET") return [200, key === undefined ? { items: [...keys.values()].map(shown) } : shown(key)];
    if (key !== undefined) return [200, lie({ ...answer(key, body), keyId: key.id })];
    const entry = {
      ...made(body),
      id: `key-00000-00000-000000000000000${keys.size}`,
      name: String(body.name),
      ready: 0,
    };
    keys.set(entry.id, entry);
    return [200, shown(entry)];
  };
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const [status, body] = tried(() => {
      if (request.headers.authorization !== `Bearer ${TOKEN}`) return [401, { message: "this is not the token" }];
      const { pathname, searchParams } = new URL(request.url!, "http://localhost");
      return respond(request.method!, pathname, text === "" ? Object.fromEntries(searchParams) : JSON.parse(text));
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
