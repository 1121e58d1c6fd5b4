import { parseCredentialKey, sha256, verifyCredentialSignature } from "@quorate/curves";
import { hex, unhex } from "@quorate/orders";
import { z } from "zod";
import { AuthorityError } from "../error.ts";
import { decodeBase64url } from "./base64url.ts";
import type { ClientData } from "./client-data.ts";

const FIELD = "attestationData";

const schema = z.strictObject({
  publicKey: z.string().max(4096),
  signature: z
    .string()
    .max(2048)
    .regex(/^([0-9a-fA-F]{2})+$/),
  algorithm: z.string().max(20).optional(),
});

/** A key that its holder proved to have. */
export interface AttestedKey {
  /** PEM, in its one form. */
  readonly publicKey: string;
  readonly algorithm?: string;
}

function parse(text: string): z.output<typeof schema> {
  try {
    const bytes = decodeBase64url(text, FIELD);
    return schema.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)));
  } catch {
    throw new AuthorityError(
      "bad_record",
      `${FIELD}: is not JSON with a publicKey, a signature in hex and perhaps an algorithm`,
      {
        field: FIELD,
        hint: 'send base64url of {"publicKey":<PEM>,"signature":<hex>}',
      },
    );
  }
}

function normalise(pem: string): string {
  try {
    return parseCredentialKey(pem).pem;
  } catch (error) {
    const field = `${FIELD}.publicKey`;
    throw new AuthorityError("bad_record", `${field}: ${(error as Error).message}`, { field, hint: "use another key" });
  }
}

/**
 * Verifies the attestation of a key that signs JSON: its signature, in hex, is over the compact text of `clientDataHash` and `publicKey`,
 * in that order, the PEM text as received.
 *
 * @throws AuthorityError `bad_record` or `bad_signature`
 */
export function readKeyAttestation(attestationData: string, data: ClientData): AttestedKey {
  const { publicKey, signature, algorithm } = parse(attestationData);
  const pem = normalise(publicKey);
  const text = JSON.stringify({ clientDataHash: hex(sha256(data.bytes)), publicKey });
  const message = new TextEncoder().encode(text);
  if (!verifyCredentialSignature(pem, algorithm, message, unhex(signature.toLowerCase()))) {
    throw new AuthorityError("bad_signature", `${FIELD}.signature: is not one of this key over this client data`, {
      field: `${FIELD}.signature`,
      hint: 'sign {"clientDataHash":<hex of SHA-256>,"publicKey":<PEM>} and write the signature in hex, ECDSA in DER',
    });
  }
  return { publicKey: pem, ...(algorithm === undefined ? {} : { algorithm }) };
}
