import {
  type CborValue,
  coseToPem,
  DecodeError,
  parseCredentialKey,
  Reader,
  readCbor,
  sha256,
  verifyCredentialSignature,
} from "@quorate/curves";
import { AuthorityError } from "../error.ts";
import { type AttestedCredential, checkAuthenticatorData, readAuthenticatorData } from "./authenticator-data.ts";
import { decodeBase64url } from "./base64url.ts";
import type { ClientData } from "./client-data.ts";
import type { RelyingParty } from "./types.ts";

const FIELD = "attestationData";
/** Identifiers of COSE algorithms for the keys that `coseToPem` reads. */
const ALGORITHMS: Readonly<Record<string, number>> = { ES256: -7, Ed25519: -8, RS256: -257 };

type Members = ReadonlyMap<number | string, CborValue>;

function refuse(problem: string, hint = "send what the browser gives"): never {
  throw new AuthorityError("bad_record", `${FIELD}: ${problem}`, { field: FIELD, hint });
}

/** WebAuthn section 6.5.4: `fmt`, `attStmt`, `authData`, nothing else. */
function readObject(bytes: Uint8Array): { format: string; statement: Members; authData: Uint8Array } {
  const reader = new Reader(bytes);
  const object = readCbor(reader);
  reader.end();
  if (!(object instanceof Map) || object.size !== 3) return refuse("is not an attestation object");
  const [format, statement, authData] = [object.get("fmt"), object.get("attStmt"), object.get("authData")];
  if (typeof format !== "string" || !(statement instanceof Map) || !(authData instanceof Uint8Array)) {
    return refuse("is not an attestation object");
  }
  return { format, statement, authData };
}

/** Section 8.2, by the credential's own key. */
function checkSelfAttestation(statement: Members, publicKey: string, message: Uint8Array): void {
  if (statement.has("x5c")) {
    refuse("comes with certificates, which nobody here can judge", 'register with attestation "none"');
  }
  const [algorithm, signature] = [statement.get("alg"), statement.get("sig")];
  if (statement.size !== 2 || !(signature instanceof Uint8Array)) refuse("has a statement that is not packed");
  if (algorithm !== ALGORITHMS[parseCredentialKey(publicKey).kind])
    refuse("is signed with another algorithm than the key's");
  if (verifyCredentialSignature(publicKey, "SHA256", message, signature as Uint8Array)) return;
  throw new AuthorityError("bad_signature", `${FIELD}: is not signed by the key that it attests`, {
    field: FIELD,
    hint: "register again",
  });
}

function checkStatement(format: string, statement: Members, publicKey: string, message: Uint8Array): void {
  if (format === "packed") return checkSelfAttestation(statement, publicKey, message);
  if (format !== "none") {
    refuse(`is of format ${format.slice(0, 30)}, which nobody here can judge`, 'register with attestation "none"');
  }
  if (statement.size !== 0) refuse("has a statement where none belongs");
}

function readPem({ publicKey }: AttestedCredential): string {
  try {
    return coseToPem(publicKey);
  } catch (error) {
    return refuse((error as Error).message, "offer the algorithms -7, -8 and -257");
  }
}

/** A passkey that an authenticator made. */
export interface AttestedPasskey {
  readonly credentialId: Uint8Array;
  /** PEM, in its one form. */
  readonly publicKey: string;
  readonly signCount: number;
}

function decodeObject(text: string): ReturnType<typeof readObject> {
  try {
    return readObject(decodeBase64url(text, FIELD));
  } catch (error) {
    if (error instanceof DecodeError) return refuse(error.message);
    throw error;
  }
}

/**
 * Verifies a registration (WebAuthn section 7.1) from the attestation object on: relying party, presence and verification of the user, the
 * key, and the statement. Formats are `none`, and `packed` signed by the credential itself. Statements with certificates are refused:
 * no vendor's roots are kept here, and without them they prove no more than `none`.
 *
 * @throws AuthorityError `bad_record`, `bad_signature`, `wrong_origin`, `user_absent` or `user_not_verified`
 */
export function readPasskeyAttestation(
  attestationData: string,
  data: ClientData,
  relyingParty: RelyingParty,
): AttestedPasskey {
  const { format, statement, authData } = decodeObject(attestationData);
  const authenticator = readAuthenticatorData(authData);
  checkAuthenticatorData(authenticator, relyingParty);
  const { attested, signCount } = authenticator;
  if (attested === undefined) return refuse("names no new credential");
  const publicKey = readPem(attested);
  checkStatement(format, statement, publicKey, Uint8Array.of(...authData, ...sha256(data.bytes)));
  return { credentialId: attested.credentialId, publicKey, signCount };
}
