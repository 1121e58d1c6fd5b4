import { unhex } from "@quorate/orders";
import * as Hex from "ox/Hex";
import * as PersonalMessage from "ox/PersonalMessage";

/** The digest of a message that a person signs (ERC-191 version 0x45, `personal_sign`): Keccak-256 behind a prefix that no transaction has. */
export function personalMessageDigest(message: Uint8Array): Uint8Array {
  return unhex(PersonalMessage.getSignPayload(Hex.fromBytes(message)).slice(2));
}
