import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { schnorr } from "@noble/curves/secp256k1.js";
import { group } from "./groups.ts";
import { isModelKey, modelIfLoaded } from "./model-slot.ts";

const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

/** The PEM text (SPKI) of an Ed25519 public key of 32 bytes, which is not checked. */
export function ed25519Pem(publicKey: Uint8Array): string {
  const spki = Buffer.concat([SPKI_PREFIX, publicKey]).toString("base64");
  return `-----BEGIN PUBLIC KEY-----\n${spki}\n-----END PUBLIC KEY-----\n`;
}

const KEY_CACHE_SIZE = 256;
const keyCache = new Map<string, KeyObject>();

/** A raw key costs 25 us a call on Node 24, a parsed one nothing; and OpenSSL lets points of mixed order through (before 3.5 of small order too). */
function parsedKey(publicKey: Uint8Array): KeyObject {
  const name = Buffer.from(publicKey).toString("hex");
  const known = keyCache.get(name);
  if (known !== undefined) return known;
  group("ed25519", "fast").decodePoint(publicKey);
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: "der", type: "spki" });
  if (keyCache.size >= KEY_CACHE_SIZE) keyCache.delete(keyCache.keys().next().value ?? "");
  keyCache.set(name, key);
  return key;
}

/**
 * Verifies an Ed25519 signature (RFC 8032) by OpenSSL: `S` below the order, the equation without cofactor. Beyond that the public
 * key must be canonical and of prime order: under a key of small order everybody can sign. Never throws, whatever the lengths.
 * Under a key of the model it asks the model; where that is not loaded, nothing verifies.
 *
 * @param publicKey 32 bytes
 * @param signature 64 bytes
 */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  if (isModelKey(publicKey)) return modelIfLoaded()?.verify(publicKey, message, signature) ?? false;
  try {
    return verify(null, message, parsedKey(publicKey), signature);
  } catch {
    return false;
  }
}

/**
 * Verifies a BIP-340 Schnorr signature. Never throws, whatever the lengths.
 *
 * @param publicKey x coordinate, 32 bytes
 * @param message any length; 32 bytes on Bitcoin
 * @param signature 64 bytes
 */
export function verifySchnorr(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  return schnorr.verify(signature, message, publicKey);
}
