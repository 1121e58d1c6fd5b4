import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";

const CIPHER = "aes-256-gcm";
const TAG_BYTES = 16;

/** HKDF with SHA-256 (RFC 5869). `length` bytes. */
export function hkdfSha256(secret: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, salt, info, length));
}

/**
 * AES-256-GCM (NIST SP 800-38D) without associated data.
 *
 * @param key 32 bytes
 * @param nonce 12 bytes; never twice under one key
 * @returns the ciphertext, then the 16 bytes of the tag
 */
export function sealAes256Gcm(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const cipher = createCipheriv(CIPHER, key, nonce);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return new Uint8Array(Buffer.concat([ciphertext, cipher.getAuthTag()]));
}

/** @returns the plaintext, or `undefined` for anything that was not sealed under this key and nonce */
export function openAes256Gcm(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length < TAG_BYTES) return undefined;
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const plaintext = decipher.update(sealed.subarray(0, -TAG_BYTES));
  try {
    decipher.final();
    return new Uint8Array(plaintext);
  } catch {
    return undefined;
  } finally {
    plaintext.fill(0);
  }
}
