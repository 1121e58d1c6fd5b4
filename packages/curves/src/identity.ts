import { createPrivateKey, createPublicKey, type KeyObject, sign as nodeSign, verify as nodeVerify } from "node:crypto";

/** The long-term Ed25519 key of a node: it signs what the node says. The seed stays inside. */
export interface Identity {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** @returns 64 bytes (RFC 8032) */
  sign(message: Uint8Array): Uint8Array;
}

const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

/** @param seed 32 bytes, RFC 8032 private key */
export function identityFromSeed(seed: Uint8Array): Identity {
  if (seed.length !== 32) throw new Error(`an identity seed is 32 bytes, not ${seed.length}`);
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: "der", type: "pkcs8" });
  const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return {
    publicKey: new Uint8Array(spki.subarray(SPKI_PREFIX.length)),
    sign: (message) => new Uint8Array(nodeSign(null, message, privateKey)),
  };
}

const KEY_CACHE_SIZE = 256;
const keyCache = new Map<string, KeyObject>();

function publicKeyObject(publicKey: Uint8Array): KeyObject {
  const name = Buffer.from(publicKey).toString("hex");
  const known = keyCache.get(name);
  if (known !== undefined) return known;
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: "der", type: "spki" });
  if (keyCache.size >= KEY_CACHE_SIZE) keyCache.delete(keyCache.keys().next().value ?? "");
  keyCache.set(name, key);
  return key;
}

/** Verifies an Ed25519 signature; never throws, whatever the lengths. Parsed keys are cached: a raw key costs 25 us a call on Node 24. */
export function verifyIdentity(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    return nodeVerify(null, message, publicKeyObject(publicKey), signature);
  } catch {
    return false;
  }
}
