import {
  bytes,
  type Codec,
  decode,
  encode,
  encoding,
  fixed,
  H,
  type Identity,
  struct,
  text,
  verifyIdentity,
} from "@quorate/curves";

/** The largest signed message, bytes. */
export const MAX_SIGNED_BYTES = 1 << 20;

const envelope = struct({ body: bytes(MAX_SIGNED_BYTES), signature: fixed(64) });

const name = text(64);

function statement(networkHash: Uint8Array, purpose: string, from: string, to: string, body: Uint8Array): Uint8Array {
  return H("orders/v1", purpose, networkHash, encode(name, from), encode(name, to), body);
}

/** Which message this is, between whom; all of it is signed, none of it is sent. */
export interface Addressing {
  readonly networkHash: Uint8Array;
  readonly purpose: "order" | "outcome";
  readonly from: string;
  readonly to: string;
}

/** Encodes and signs a message. */
export function seal<T>(codec: Codec<T>, value: T, identity: Identity, address: Addressing): Uint8Array {
  const { networkHash, purpose, from, to } = address;
  return encoding(codec, value, (body) => {
    return encode(envelope, { body, signature: identity.sign(statement(networkHash, purpose, from, to, body)) });
  });
}

/**
 * Checks the signature, then decodes.
 *
 * @returns `undefined` when the signature is not `publicKey`'s over exactly this message between these two
 * @throws DecodeError when it is signed, but not a message
 */
export function open<T>(
  codec: Codec<T>,
  message: Uint8Array,
  publicKey: Uint8Array,
  address: Addressing,
): T | undefined {
  const { body, signature } = decode(envelope, message);
  const { networkHash, purpose, from, to } = address;
  if (!verifyIdentity(publicKey, statement(networkHash, purpose, from, to, body), signature)) return undefined;
  return decode(codec, body);
}
