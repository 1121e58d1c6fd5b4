import { sha256, verifyCredentialSignature } from "@quorate/curves";
import { AuthorityError } from "../error.ts";
import { checkAuthenticatorData, readAuthenticatorData } from "./authenticator-data.ts";
import { decodeBase64url, unpadded } from "./base64url.ts";
import { type ClientData, checkClientData, readClientData } from "./client-data.ts";
import type { Assertion, CredentialKind, PasskeyAssertion, RelyingParty } from "./types.ts";

/** What is known of a credential. Whether it is active is the caller's to check. */
export interface KnownCredential {
  readonly kind: CredentialKind;
  readonly credentialId: string;
  /** PEM. */
  readonly publicKey: string;
  /** The last count of a passkey, where the caller keeps it: then the next has to be above it. */
  readonly signCount?: number;
}

export interface AssertionCheck {
  readonly credential: KnownCredential;
  readonly assertion: Assertion;
  /** The text that was given to be signed. */
  readonly challenge: string;
  readonly relyingParty: RelyingParty;
}

function checkCredential({ kind, credentialId }: KnownCredential, assertion: Assertion): void {
  if (assertion.kind !== kind) {
    throw new AuthorityError("unknown_credential", `kind: the credential is a ${kind}, not a ${assertion.kind}`, {
      field: "kind",
      hint: `sign with the ${kind}, or name the credential that signed`,
    });
  }
  if (unpadded(assertion.credentialAssertion.credId) !== unpadded(credentialId)) {
    throw new AuthorityError("unknown_credential", "credId: names another credential", {
      field: "credId",
      hint: "name the credential that signed",
    });
  }
}

/** How many signatures that verified are known: coordinator and signers ask for that of one request several times. */
const KNOWN = 64;
const verified = new Set<string>();

function checkSignature(
  publicKey: string,
  algorithm: string | undefined,
  message: Uint8Array,
  signature: string,
): void {
  // Told so that no two of them read alike: the algorithm is whatever somebody says.
  const whole = JSON.stringify([publicKey, algorithm ?? null, Buffer.from(message).toString("base64"), signature]);
  if (verified.has(whole)) return;
  if (verifyCredentialSignature(publicKey, algorithm, message, decodeBase64url(signature, "signature"))) {
    if (verified.size >= KNOWN) verified.delete(verified.values().next().value!);
    verified.add(whole);
    return;
  }
  throw new AuthorityError("bad_signature", "signature: is not one of this credential over this client data", {
    field: "signature",
    hint: "sign the bytes of the client data as they are sent: Ed25519 in 64 bytes, ECDSA in DER, RSA by PKCS#1 v1.5",
  });
}

/** Some authenticators do not count and always say 0. */
function checkCount(known: number | undefined, count: number): void {
  if (known === undefined || count > known || (count === 0 && known === 0)) return;
  throw new AuthorityError("stale_counter", `authenticatorData: the count ${count} is not above ${known}`, {
    field: "authenticatorData",
    hint: "the passkey may have been copied, or this assertion was used before; deactivate it if it was not you",
  });
}

/** WebAuthn section 7.2. The signature is checked first: nothing that an unsigned text says is believed. */
function verifyPasskey(
  credential: KnownCredential,
  { credentialAssertion }: PasskeyAssertion,
  data: ClientData,
  relyingParty: RelyingParty,
): number {
  const raw = decodeBase64url(credentialAssertion.authenticatorData, "authenticatorData");
  const message = Uint8Array.of(...raw, ...sha256(data.bytes));
  checkSignature(credential.publicKey, "SHA256", message, credentialAssertion.signature);
  const authenticator = readAuthenticatorData(raw);
  checkAuthenticatorData(authenticator, relyingParty);
  checkCount(credential.signCount, authenticator.signCount);
  return authenticator.signCount;
}

/**
 * Verifies that the holder of a credential agreed to a challenge: kind and identifier of the credential, purpose, challenge and origin of
 * the client data, and the signature over the bytes as received. For a passkey also the relying party, the presence of the user and,
 * where it is asked for, the verification. Pure: coordinator and signers come to the same answer.
 *
 * @returns the count of a passkey
 * @throws AuthorityError `unknown_credential`, `bad_record`, `wrong_purpose`, `bad_challenge`, `wrong_origin`, `bad_signature`,
 * `user_absent`, `user_not_verified` or `stale_counter`
 */
export function verifyAssertion({ credential, assertion, challenge, relyingParty }: AssertionCheck): {
  signCount?: number;
} {
  checkCredential(credential, assertion);
  const data = readClientData(assertion.credentialAssertion.clientData);
  checkClientData(data, { kind: assertion.kind, purpose: "get", challenge, relyingParty });
  if (assertion.kind === "Fido2") return { signCount: verifyPasskey(credential, assertion, data, relyingParty) };
  const { algorithm, signature } = assertion.credentialAssertion;
  checkSignature(credential.publicKey, algorithm, data.bytes, signature);
  return {};
}
