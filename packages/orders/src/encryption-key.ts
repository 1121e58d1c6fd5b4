import { fixed, H, type Identity, struct, type Value, verifyIdentity } from "@quorate/curves";

/** A version and a compressed point of secp256k1. */
export const ENCRYPTION_KEY_BYTES = 34;
/** The largest sealed share, bytes: with the points of all holders there is room left. */
export const MAX_SEALED_SHARE_BYTES = 1 << 14;

/** To what shares for a signer are sealed, with the signature of its identity: whoever passes it on cannot put its own in place. */
export const encryptionKey = struct({ encryptionKey: fixed(ENCRYPTION_KEY_BYTES), signature: fixed(64) });
export type EncryptionKey = Value<typeof encryptionKey>;

/** What clients know a signer by: they number the signers by these, decoded. @param publicKey identity, 32 bytes. @returns base64 */
export function signerIdOf(publicKey: Uint8Array): string {
  return Buffer.from(publicKey).toString("base64");
}

function statement(networkHash: Uint8Array, key: Uint8Array): Uint8Array {
  return H("orders/v1", "encryption-key", networkHash, key);
}

/** @param key 34 bytes */
export function signEncryptionKey(identity: Identity, networkHash: Uint8Array, key: Uint8Array): EncryptionKey {
  return { encryptionKey: key, signature: identity.sign(statement(networkHash, key)) };
}

/** @param publicKey identity of the signer that the key is said to be of, 32 bytes */
export function verifyEncryptionKey(publicKey: Uint8Array, networkHash: Uint8Array, signed: EncryptionKey): boolean {
  return verifyIdentity(publicKey, statement(networkHash, signed.encryptionKey), signed.signature);
}
