import {
  type Group,
  hkdfSha256,
  multiplySecret,
  openAes256Gcm,
  type Point,
  type Random,
  randomScalar,
  Secret,
  sealAes256Gcm,
} from "@quorate/curves";

/** Length of an encryption key, bytes: its version and a compressed point of secp256k1. */
export const ENCRYPTION_KEY_BYTES = 34;
const VERSION = 1;
const POINT_BYTES = 33;
const TAG_BYTES = 16;

const SALT = Buffer.from("DFNS_KEY_IMPORT");
const INFO = Buffer.from("ENCRYPTION_KEY");
/** Each AES key is used once, since the ephemeral scalar is: no nonce repeats under it. */
const NONCE = new Uint8Array(12);

/** Why sealed bytes or an encryption key cannot be used; says nothing of what is inside. */
export class TransferError extends Error {
  override readonly name = "TransferError";
}

/** @param group secp256k1. @returns 34 bytes */
export function encryptionKeyOf(group: Group, secret: bigint): Uint8Array {
  return new Uint8Array(Buffer.concat([Uint8Array.of(VERSION), group.encodePoint(group.base(secret))]));
}

/** @throws TransferError unless these are a version that is known and a point of secp256k1 */
export function parseEncryptionKey(group: Group, bytes: Uint8Array): Point {
  if (bytes.length !== ENCRYPTION_KEY_BYTES || bytes[0] !== VERSION) {
    throw new TransferError(`an encryption key is ${ENCRYPTION_KEY_BYTES} bytes, of which the first is ${VERSION}`);
  }
  return pointOf(group, bytes.subarray(1));
}

/**
 * Seals a share to whoever knows the secret of an encryption key, in the format of Dfns: ephemeral Diffie-Hellman on secp256k1,
 * HKDF-SHA256 of the compressed shared point, AES-256-GCM.
 *
 * @param group secp256k1, whatever curve the share is of
 * @param encryptionKey 34 bytes
 * @returns the ciphertext, 16 bytes of tag, 33 bytes of ephemeral point
 * @throws TransferError
 */
export function sealShare(group: Group, encryptionKey: Uint8Array, plaintext: Uint8Array, random: Random): Uint8Array {
  const recipient = parseEncryptionKey(group, encryptionKey);
  const k = randomScalar(group, random);
  using key = keyOf(group, recipient, k, random);
  const sealed = sealAes256Gcm(key.expose(), NONCE, plaintext);
  return new Uint8Array(Buffer.concat([sealed, group.encodePoint(group.base(k))]));
}

/**
 * Opens what was sealed to the encryption key of `secret`.
 *
 * @param group secp256k1
 * @throws TransferError for anything else
 */
export function openShare(group: Group, secret: bigint, sealed: Uint8Array, random: Random): Secret {
  if (sealed.length < TAG_BYTES + POINT_BYTES) throw new TransferError("the sealed share is too short");
  const ephemeral = pointOf(group, sealed.subarray(-POINT_BYTES));
  using key = keyOf(group, ephemeral, secret, random);
  const plaintext = openAes256Gcm(key.expose(), NONCE, sealed.subarray(0, -POINT_BYTES));
  if (plaintext === undefined) throw new TransferError("the share was not sealed to this key, or was changed since");
  return new Secret(plaintext);
}

function keyOf(group: Group, point: Point, secret: bigint, random: Random): Secret {
  using shared = new Secret(group.encodePoint(multiplySecret(group, point, secret, random)));
  return new Secret(hkdfSha256(shared.expose(), SALT, INFO, 32));
}

function pointOf(group: Group, bytes: Uint8Array): Point {
  try {
    return group.decodePoint(bytes);
  } catch (error) {
    throw new TransferError(`not a point of ${group.name}: ${(error as Error).message}`);
  }
}
