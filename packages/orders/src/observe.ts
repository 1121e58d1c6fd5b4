import { bytes, type Codec, decode, fixed, struct } from "@quorate/curves";
import { MAX_SIGNED_BYTES } from "./signed.ts";

const envelope = struct({ body: bytes(MAX_SIGNED_BYTES), signature: fixed(64) });

/**
 * What a signed message says, whoever signed it: for those who only watch. Nobody who acts on a message may read it this way.
 *
 * @throws DecodeError when it is no message
 */
export function unchecked<T>(codec: Codec<T>, message: Uint8Array): T {
  return decode(codec, decode(envelope, message).body);
}
