import { verify } from "node:crypto";
import { type ParsedKey, readKey } from "./credential-key.ts";
import { verifyEd25519 } from "./signature.ts";

const KEY_CACHE_SIZE = 1024;
const keyCache = new Map<string, ParsedKey>();

/** Parsing costs about as much as verifying. Keys that do not parse are not kept: they would push out those that do. */
function cachedKey(pem: string): ParsedKey {
  const known = keyCache.get(pem);
  if (known !== undefined) return known;
  const key = readKey(pem);
  if (keyCache.size >= KEY_CACHE_SIZE) keyCache.delete(keyCache.keys().next().value ?? "");
  keyCache.set(pem, key);
  return key;
}

const DIGEST_NAME = /^(?:RSA-)?SHA-?(256|384|512)$/i;
/** In the order in which clients use them. */
const DIGESTS = ["sha256", "sha384", "sha512"];

function digests(hint: string | undefined): readonly string[] {
  if (hint === undefined) return DIGESTS;
  const bits = DIGEST_NAME.exec(hint)?.[1];
  return bits === undefined ? [] : [`sha${bits}`];
}

/**
 * Verifies what a user's credential signed. Ed25519: 64 bytes, no digest, as `verifyEd25519`. P-256, secp256k1 and P-384: ECDSA in DER.
 * RSA: PKCS#1 v1.5. Never throws: a key that is not accepted verifies nothing.
 *
 * @param publicKey PEM, as for `parseCredentialKey`; parsed keys are kept
 * @param algorithmHint the digest, as in `SHA256` or `RSA-SHA512`; without it SHA-256, 384 and 512 are tried, since clients that are
 * set to another digest do not announce it. Not used with Ed25519. Any other word verifies nothing
 */
export function verifyCredentialSignature(
  publicKey: string,
  algorithmHint: string | undefined,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    const { key, raw } = cachedKey(publicKey);
    if (raw !== undefined) return verifyEd25519(raw, message, signature);
    return digests(algorithmHint).some((digest) => verify(digest, message, key, signature));
  } catch {
    return false;
  }
}
