import { type Codec, mapped, text } from "@quorate/curves";

/** Name of a process in the network file, such as `virginia`. */
export type NodeId = string;

/** Wire form of a node's name: at most 64 bytes. */
export const nodeId: Codec<NodeId> = mapped(
  text(64),
  (name) => {
    if (!NODE_NAME.test(name)) throw new Error("a node name has lower-case letters, digits and dashes");
    return name;
  },
  (name) => name,
);

/** Lower-case letters, digits and dashes; starts with a letter; at most 63 characters (a DNS label, so that containers can use it). */
export const NODE_NAME: RegExp = /^[a-z][a-z0-9-]{0,62}$/;

/** The kinds of thing that have a public id, and the prefix of each. */
export const ID_PREFIX = { key: "key", signature: "sig" } as const;

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/**
 * A public id of the shape `<prefix>-<5>-<5>-<16>` from at least 17 bytes: a hash of what created the thing, or random
 * bytes. 130 bits survive.
 */
export function publicId(prefix: string, seed: Uint8Array): string {
  let bits = 0n;
  for (const byte of seed.subarray(0, 17)) bits = (bits << 8n) | BigInt(byte);
  let body = "";
  for (let at = 0; at < 26; at++) {
    body += ALPHABET[Number(bits & 31n)];
    bits >>= 5n;
  }
  return `${prefix}-${body.slice(0, 5)}-${body.slice(5, 10)}-${body.slice(10)}`;
}

/** Lower-case hex. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}

/** @throws Error unless `digits` is an even number of hex digits (no prefix) */
export function unhex(digits: string): Uint8Array {
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) throw new Error("not hex");
  return new Uint8Array(Buffer.from(digits, "hex"));
}
