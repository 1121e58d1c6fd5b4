import { createCipheriv, createDecipheriv } from "node:crypto";
import { H, type Random } from "@quorate/curves";
import { type Binding, bindingParts, faulty, type Opened } from "./binding.ts";
import type { StorageKey } from "./storage-key.ts";

const FORMAT = 1;
const CIPHER = "aes-256-gcm";
const KEY_ID_AT = 1;
const BINDING_AT = 9;
const HEADER_BYTES = 41;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** How many bytes sealing adds. */
export const SEAL_BYTES: number = HEADER_BYTES + NONCE_BYTES + TAG_BYTES;

/**
 * Seals `plaintext` under AES-256-GCM (NIST SP 800-38D), bound to its place.
 *
 * The result: format 1 | storage key id 8 | digest of the binding 32 | nonce 12 | ciphertext | tag 16. All that stands
 * before the nonce is authenticated with it. The binding's digest is there in full so that a swapped record can still be
 * authenticated, and so be told from a corrupt one.
 *
 * Nonces are random: one storage key seals at most 2^32 records (section 8.3), 16 days of nothing but commits at 3,000 a
 * second; rotate the key before that.
 */
export function seal(key: StorageKey, binding: Binding, plaintext: Uint8Array, random: Random): Uint8Array {
  const header = headerOf(key, digestOf(binding));
  const nonce = random(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key.sealing, nonce).setAAD(header);
  const ciphertext = cipher.update(plaintext);
  cipher.final();
  return new Uint8Array(Buffer.concat([header, nonce, ciphertext, cipher.getAuthTag()]));
}

/** Opens what `seal` made for this key and this place; for anything else says which of the four faults it is. Never throws for what was stored. */
export function open(key: StorageKey, binding: Binding, sealed: Uint8Array): Opened {
  if (sealed.length < SEAL_BYTES || sealed[0] !== FORMAT) return faulty("unknown_format");
  const stored = sealed.subarray(0, HEADER_BYTES);
  const expected = headerOf(key, digestOf(binding));

  const value = decrypt(key, expected, sealed);
  if (value !== undefined) return same(stored, expected) ? { state: "present", value } : faulty("corrupt_record");

  const claimed = headerOf(key, stored.subarray(BINDING_AT));
  const elsewhere = same(claimed, expected) ? undefined : decrypt(key, claimed, sealed);
  elsewhere?.fill(0);
  if (elsewhere !== undefined) return faulty("swapped_record");

  const sameKey = same(stored.subarray(KEY_ID_AT, BINDING_AT), key.id);
  return faulty(sameKey ? "corrupt_record" : "wrong_storage_key");
}

function digestOf(binding: Binding): Uint8Array {
  return H("vault/v1", "binding", ...bindingParts(binding));
}

function headerOf(key: StorageKey, digest: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(FORMAT), key.id, digest]);
}

function decrypt(key: StorageKey, header: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  const nonce = sealed.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, key.sealing, nonce, { authTagLength: TAG_BYTES })
    .setAAD(header)
    .setAuthTag(sealed.subarray(-TAG_BYTES));
  const plaintext = decipher.update(sealed.subarray(HEADER_BYTES + NONCE_BYTES, -TAG_BYTES));
  try {
    decipher.final();
    return new Uint8Array(plaintext.buffer, plaintext.byteOffset, plaintext.length);
  } catch {
    plaintext.fill(0);
    return undefined;
  }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
