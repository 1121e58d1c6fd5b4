import { H } from "@quorate/curves";
import { hex, InputError } from "@quorate/orders";
import { credentialFingerprint, readAttestation } from "../credentials/attestation.ts";
import { challengeOf } from "../credentials/client-data.ts";
import { type Attestation, parseAttestation } from "../credentials/types.ts";
import { AuthorityError } from "../error.ts";
import { checkChallenge } from "../log/authorise.ts";
import { type Purpose, readChallenge } from "../log/challenge.ts";
import { idOf } from "../log/identifiers.ts";
import type { Judged } from "../log/rule.ts";
import type { Credential } from "../log/state.ts";

/** What the attestation of a new credential has to be made for. */
export interface AttestedFor {
  readonly purpose: Extract<Purpose, "registration" | "credential" | "recovery">;
  /** Of the request that brings it, a POST. Its body cannot be named in the challenge: it holds what is signed. */
  readonly path: string;
  /** Where the body has it, for errors. */
  readonly where: string;
  /** Which of the record's credentials it is. */
  readonly n: number;
}

/** Form of an attestation in a record. @throws AuthorityError `invalid_input` */
export function attestationIn(value: unknown, where: string): Attestation {
  return formOf(() => parseAttestation(value, where));
}

/** What is wrong with the form of something, as the authority says it. @throws AuthorityError `invalid_input` */
export function formOf<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { field, hint } = error;
    throw new AuthorityError("invalid_input", error.message, {
      ...(field === undefined ? {} : { field }),
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

/**
 * A new credential whose holder made it for this: network, organisation, purpose, path and a user are what its holder signed, not long ago.
 *
 * @returns the credential, active, and the user whom the challenge names, who is its owner
 * @throws AuthorityError
 */
export function attested(judged: Judged<unknown>, value: unknown, told: AttestedFor): Credential {
  const { organisation, network, hash, time } = judged;
  const { purpose, path, where, n } = told;
  const attestation = attestationIn(value, where);
  const text = challengeOf(attestation.credentialInfo.clientData);
  const challenge = readChallenge(text);
  const request = { method: "POST", path, body: {} };
  checkChallenge(challenge, { organisation: organisation.id, network, request, now: time, purpose });
  const { relyingParty } = organisation.settings;
  const made = readAttestation({ attestation, challenge: text, relyingParty });
  if (organisation.credentialIds.has(made.credentialId)) {
    throw new AuthorityError("conflict", `${where}: there is a credential of this id already`, {
      field: `${where}.credentialInfo.credId`,
      hint: "make a new one",
    });
  }
  if (challenge.user === undefined) {
    throw new AuthorityError("bad_challenge", `${where}: the challenge names no user`, { field: "challenge" });
  }
  return {
    ...{ uuid: idOf("cr", hash, n), credentialId: made.credentialId, kind: made.kind },
    ...{ name: attestation.credentialName ?? made.kind, user: challenge.user, token: null, publicKey: made.publicKey },
    fingerprint: credentialFingerprint(made.kind, made.credentialId, made.publicKey),
    encryptedPrivateKey: made.encryptedPrivateKey ?? null,
    ...{ isActive: true, isPending: false, isArchived: false, created: time },
  };
}

/** Keeps a credential. */
export function addCredential({ organisation }: Pick<Judged<unknown>, "organisation">, credential: Credential): void {
  organisation.credentials.set(credential.uuid, credential);
  organisation.credentialIds.set(credential.credentialId, credential.uuid);
}

/** Names several new credentials at once, in their order: who vouches for them vouches for all. One is named by its own fingerprint. 64 hex digits. */
export function fingerprintOf(credentials: readonly Pick<Credential, "fingerprint">[]): string {
  const [first, ...rest] = credentials.map((one) => one.fingerprint);
  if (first !== undefined && rest.length === 0) return first;
  const parts = credentials.map((one) => new TextEncoder().encode(one.fingerprint));
  return hex(H("authority/v1", "credentials", ...parts));
}
