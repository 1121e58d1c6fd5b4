import { H } from "@quorate/curves";
import { hex } from "@quorate/orders";
import { AuthorityError } from "../error.ts";
import { toBase64url, unpadded } from "./base64url.ts";
import { type ClientData, checkClientData, readClientData } from "./client-data.ts";
import { type AttestedKey, readKeyAttestation } from "./key-attestation.ts";
import { type AttestedPasskey, readPasskeyAttestation } from "./passkey-attestation.ts";
import type { Attestation, CredentialKind, RelyingParty } from "./types.ts";

/** A new credential whose holder proved to have its private key. */
export interface NewCredential {
  readonly kind: CredentialKind;
  /** base64url, without padding. */
  readonly credentialId: string;
  /** PEM, in its one form. */
  readonly publicKey: string;
  /** The private key as its holder wrapped it, kept for them. */
  readonly encryptedPrivateKey?: string;
  /** The digest that a key announced. */
  readonly algorithm?: string;
  /** Of a passkey. */
  readonly signCount?: number;
  /** Names the credential, in 64 hex digits: see `credentialFingerprint`. */
  readonly fingerprint: string;
}

export interface AttestationCheck {
  readonly attestation: Attestation;
  /** The text that was given to be signed. */
  readonly challenge: string;
  readonly relyingParty: RelyingParty;
}

/**
 * Names a credential by all that decides what it can prove, for users to compare and for challenges to refer to.
 *
 * @param credentialId without padding
 * @param publicKey PEM, in its one form
 * @returns 64 hex digits
 */
export function credentialFingerprint(kind: CredentialKind, credentialId: string, publicKey: string): string {
  const parts = [kind, credentialId, publicKey].map((part) => new TextEncoder().encode(part));
  return hex(H("authority/v1", "credential", ...parts));
}

function readPasskey(
  attestation: Attestation,
  data: ClientData,
  relyingParty: RelyingParty,
): Omit<AttestedPasskey, "credentialId"> {
  const { credId, attestationData } = attestation.credentialInfo;
  const { credentialId, ...passkey } = readPasskeyAttestation(attestationData, data, relyingParty);
  if (toBase64url(credentialId) === unpadded(credId)) return passkey;
  throw new AuthorityError("bad_record", "credId: is not the one that the authenticator attests", {
    field: "credId",
    hint: "send the identifier that the browser gives",
  });
}

/**
 * Verifies that somebody made a new credential for this challenge and holds its private key.
 *
 * @throws AuthorityError `bad_record`, `wrong_purpose`, `bad_challenge`, `wrong_origin`, `bad_signature`, `user_absent` or
 * `user_not_verified`
 */
export function readAttestation({ attestation, challenge, relyingParty }: AttestationCheck): NewCredential {
  const { credentialKind: kind, credentialInfo, encryptedPrivateKey } = attestation;
  const data = readClientData(credentialInfo.clientData);
  checkClientData(data, { kind, purpose: "create", challenge, relyingParty });
  const attested: AttestedKey | Omit<AttestedPasskey, "credentialId"> =
    kind === "Fido2"
      ? readPasskey(attestation, data, relyingParty)
      : readKeyAttestation(credentialInfo.attestationData, data);
  const credentialId = unpadded(credentialInfo.credId);
  return {
    kind,
    credentialId,
    ...attested,
    ...(encryptedPrivateKey === undefined ? {} : { encryptedPrivateKey }),
    fingerprint: credentialFingerprint(kind, credentialId, attested.publicKey),
  };
}
