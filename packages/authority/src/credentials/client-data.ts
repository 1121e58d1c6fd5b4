import { z } from "zod";
import { AuthorityError } from "../error.ts";
import { remembered } from "../remembered.ts";
import { decodeBase64url, fromBase64url, toBase64url, unpadded } from "./base64url.ts";
import type { CredentialKind, RelyingParty } from "./types.ts";

const FIELD = "clientData";

const schema = z.looseObject({
  type: z.string(),
  challenge: z.string(),
  origin: z.string().optional(),
  crossOrigin: z.boolean().optional(),
});

/** What a client says of what it signs; `bytes` are those received, which the signature is over. */
export interface ClientData extends Readonly<z.output<typeof schema>> {
  readonly bytes: Uint8Array;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

function json(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Reads client data (WebAuthn section 5.8.1) from the bytes received.
 *
 * @param text base64url of JSON
 * @throws AuthorityError `bad_record`
 */
export const readClientData: (text: string) => ClientData = remembered((text) => {
  const bytes = decodeBase64url(text, FIELD);
  const parsed = schema.safeParse(json(utf8(bytes)));
  if (parsed.success) return { ...parsed.data, bytes };
  throw new AuthorityError("bad_record", `${FIELD}: is not JSON with a type and a challenge`, {
    field: FIELD,
    hint: 'sign {"type":"key.get","challenge":...}, or what the browser gives',
  });
});

function checkOrigin({ origin, crossOrigin }: ClientData, kind: CredentialKind, { origins }: RelyingParty): void {
  if (crossOrigin === true) {
    throw new AuthorityError("wrong_origin", `${FIELD}.crossOrigin: a frame of another page asked for this`, {
      field: `${FIELD}.crossOrigin`,
      hint: "sign on the page itself",
    });
  }
  const isFree = kind !== "Fido2" && (origin === undefined || origins.length === 0);
  if (isFree || (origin !== undefined && origins.includes(origin))) return;
  const named = origin === undefined ? "none is named" : `${origin.slice(0, 100)} is not allowed`;
  throw new AuthorityError("wrong_origin", `${FIELD}.origin: ${named}`, {
    field: `${FIELD}.origin`,
    hint: `allowed are ${origins.join(", ") || "none"}; the network's settings name them`,
  });
}

/** What the client data of a kind has to be: made for this purpose, over this challenge, at an allowed origin. */
export interface ClientDataRules {
  readonly kind: CredentialKind;
  readonly purpose: "get" | "create";
  readonly challenge: string;
  readonly relyingParty: RelyingParty;
}

/** @throws AuthorityError `wrong_purpose`, `bad_challenge` or `wrong_origin` */
export function checkClientData(data: ClientData, { kind, purpose, challenge, relyingParty }: ClientDataRules): void {
  const type = `${kind === "Fido2" ? "webauthn" : "key"}.${purpose}`;
  if (data.type !== type) {
    throw new AuthorityError("wrong_purpose", `${FIELD}.type: is ${data.type.slice(0, 50)}, not ${type}`, {
      field: `${FIELD}.type`,
      hint: "a signature made to register a credential approves nothing, and the other way round",
    });
  }
  // A browser encodes the bytes of the challenge text again, key signers copy the text.
  const received = unpadded(data.challenge);
  if (received !== unpadded(challenge) && received !== toBase64url(new TextEncoder().encode(challenge))) {
    throw new AuthorityError("bad_challenge", `${FIELD}.challenge: is not the challenge that was given`, {
      field: `${FIELD}.challenge`,
      hint: "ask for a new challenge and sign that",
    });
  }
  checkOrigin(data, kind, relyingParty);
}

/**
 * The challenge that a user signed, as it was given: a signer learns from it what was agreed to, and may pass it to `verifyAssertion`.
 *
 * Challenges of the authority are base64url of the text of a JSON object. Key signers copy that; browsers encode it once more, and that
 * is taken off. The two readings exclude each other: the text of an object has braces, which base64url has not. A challenge of any
 * other form comes back as it stands.
 *
 * @param clientData base64url of JSON, as received
 * @throws AuthorityError `bad_record`
 */
export const challengeOf: (clientData: string) => string = remembered((clientData) => {
  const received = unpadded(readClientData(clientData).challenge);
  const inner = decodedText(received);
  const isEncodedTwice = inner !== undefined && isObject(json(decodedText(inner)));
  return isEncodedTwice ? unpadded(inner) : received;
});

function decodedText(text: string): string | undefined {
  const bytes = fromBase64url(text);
  return bytes === undefined ? undefined : utf8(bytes);
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
