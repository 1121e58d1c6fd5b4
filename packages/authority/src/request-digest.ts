import { H } from "@quorate/curves";
import { canonicalJson } from "./canonical-json.ts";

/** Names a request body: 32 bytes, the same for every order of members and every spelling of numbers and text. */
export function requestDigest(body: unknown): Uint8Array {
  return H("authority/v1", "request", Buffer.from(canonicalJson(body)));
}
