import { H, sha256 } from "@quorate/curves";
import { hex } from "@quorate/orders";
import { bodyText } from "./challenge-text.ts";

export * from "./challenge-text.ts";

/** Names an authorisation: whatever was signed over this challenge is used for one thing, once. 32 bytes. */
export function authorisationId(text: string): Uint8Array {
  return H("authority/v1", "authorisation", Buffer.from(text));
}

/** Hex SHA-256 of the canonical JSON of a body; that of `{}` for an empty text, no body and `{}` itself, which clients do not tell apart. */
export function bodyDigest(body: unknown): string {
  return hex(sha256(Buffer.from(bodyText(body))));
}
