import {
  type Assertion,
  bodyDigest,
  challengeOf,
  challengeText,
  fingerprintOf,
  parseAttestation,
  REGISTRATION_PATH,
  type RelyingParty,
  readAttestation,
} from "@quorate/authority";
import type { Random } from "@quorate/curves";
import type { SdkSigner } from "../sdk.ts";
import { verifyChallenge } from "../verify-challenge.ts";

/** The credentials that a new user is about to register: the body of `POST /auth/registration`. */
export interface NewCredentials {
  readonly firstFactorCredential: unknown;
  readonly secondFactorCredential?: unknown;
  readonly recoveryCredential?: unknown;
}

/** Whom somebody vouches for, and where. */
export interface Newcomer {
  readonly network: string;
  readonly organisation: string;
  /** `us-…` */
  readonly user: string;
  /** Of the organisation: passkeys are made for it. */
  readonly relyingParty: RelyingParty;
}

/** What the signers of the SDK are shown. */
interface Shown {
  readonly challenge: string;
  readonly allowCredentials: {
    readonly key: readonly { readonly type: "public-key"; readonly id: string }[];
    readonly webauthn: readonly { readonly type: "public-key"; readonly id: string }[];
  };
}

/** How long an endorsement may lie before it is used, milliseconds. */
const LIFE_MS = 600_000;
const FACTORS = ["firstFactorCredential", "secondFactorCredential", "recoveryCredential"] as const;

/**
 * Vouches for a new user's credentials, as an administrator or a service account does where an organisation registers nobody without:
 * so that the coordinator cannot put a credential of its own in their place. The credentials must have reached the caller from the user
 * by a way of their own, not through the coordinator.
 *
 * @param by who vouches: the id of its credential, and a signer of the SDK with its key
 * @param now milliseconds since 1970
 * @returns what goes beside the credentials, as `endorsement`
 * @throws ChallengeError or AuthorityError unless the credentials were made for this user, network and organisation
 */
export async function endorse(
  credentials: NewCredentials,
  newcomer: Newcomer,
  by: { readonly credentialId: string; readonly signer: SdkSigner<Shown, unknown> },
  random: Random,
  now: number = Date.now(),
): Promise<Assertion> {
  const { network, organisation, user, relyingParty } = newcomer;
  const made = FACTORS.filter((name) => credentials[name] !== undefined).map((name) => {
    const attestation = parseAttestation(credentials[name], name);
    const challenge = challengeOf(attestation.credentialInfo.clientData);
    verifyChallenge(challenge, { purpose: "registration", path: REGISTRATION_PATH, network, organisation, user, now });
    return readAttestation({ attestation, challenge, relyingParty });
  });
  const challenge = challengeText({
    ...{ v: 1, network, organisation, purpose: "endorsement", method: "POST", path: REGISTRATION_PATH, user },
    body: bodyDigest({ fingerprint: fingerprintOf(made) }),
    nonce: Buffer.from(random(16)).toString("base64url"),
    expires: now + LIFE_MS,
  });
  const allowed = [{ type: "public-key", id: by.credentialId }] as const;
  const signed = await by.signer.sign({ challenge, allowCredentials: { key: allowed, webauthn: allowed } });
  // What signers of the SDK return; its form is checked by whoever takes it.
  return signed as Assertion;
}
