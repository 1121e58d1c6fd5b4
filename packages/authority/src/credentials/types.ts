import { InputError } from "@quorate/orders";
import { z } from "zod";
import { remembered } from "../remembered.ts";
import { BASE64URL } from "./base64url.ts";

/** Kinds of credential whose private key signs a text of JSON. Only the place where the private key is kept differs. */
export const KEY_KINDS = ["Key", "PasswordProtectedKey", "RecoveryKey"] as const;
export type KeyKind = (typeof KEY_KINDS)[number];
export type CredentialKind = KeyKind | "Fido2";

/** Whom passkeys are made for, and which pages may use them. */
export interface RelyingParty {
  /** A domain, as in `localhost`. */
  readonly id: string;
  readonly name: string;
  /** As in `http://localhost:8080`. Without any, no passkey is accepted, and the keys of other kinds are not asked. */
  readonly origins: readonly string[];
  /** Whether an authenticator has to verify its user (PIN, finger) and not only notice one. */
  readonly userVerification: boolean;
}

/** Bounds in characters. A recovery signs the whole of the new credentials in its client data. */
const MAX = {
  id: 1368,
  clientData: 65_536,
  signature: 1368,
  authenticatorData: 4096,
  attestation: 16_384,
  wrapped: 16_384,
};

function base64url(max: number) {
  return z.string().min(1).max(max, `at most ${max} characters`).regex(BASE64URL, "base64url, with or without padding");
}

const signed = {
  credId: base64url(MAX.id),
  clientData: base64url(MAX.clientData),
  signature: base64url(MAX.signature),
};

const keyAssertion = z.strictObject({
  kind: z.enum(KEY_KINDS),
  credentialAssertion: z.strictObject({ ...signed, algorithm: z.string().max(20).optional() }),
});

const passkeyAssertion = z.strictObject({
  kind: z.literal("Fido2"),
  credentialAssertion: z.strictObject({
    ...signed,
    authenticatorData: base64url(MAX.authenticatorData),
    userHandle: z.string().max(128).regex(BASE64URL, "base64url, or empty").nullish(),
  }),
});

const attested = {
  credentialInfo: z.strictObject({
    credId: base64url(MAX.id),
    clientData: base64url(MAX.clientData),
    attestationData: base64url(MAX.attestation),
  }),
  credentialName: z.string().min(1).max(128).optional(),
};
const wrapped = z.string().min(1).max(MAX.wrapped);
const unwrapped = z.undefined("belongs to kinds PasswordProtectedKey and RecoveryKey").optional();

const attestation = z.discriminatedUnion("credentialKind", [
  z.strictObject({ credentialKind: z.enum(["Key", "Fido2"]), ...attested, encryptedPrivateKey: unwrapped }),
  z.strictObject({ credentialKind: z.literal("PasswordProtectedKey"), ...attested, encryptedPrivateKey: wrapped }),
  z.strictObject({ credentialKind: z.literal("RecoveryKey"), ...attested, encryptedPrivateKey: wrapped.optional() }),
]);

export type KeyAssertion = z.output<typeof keyAssertion>;
export type PasskeyAssertion = z.output<typeof passkeyAssertion>;
/** What proves that the holder of a credential agreed to a challenge, as it comes over the wire. */
export type Assertion = KeyAssertion | PasskeyAssertion;
/** What proves that somebody holds the private key of a new credential, as it comes over the wire. */
export type Attestation = z.output<typeof attestation>;

const HINT = "use a credential of kind Key, PasswordProtectedKey, RecoveryKey or Fido2";

function parse<T>(schema: z.ZodType<T>, value: unknown, kind: unknown, where: string, kindName: string): T {
  if (kind === "Password" || kind === "Totp") {
    const problem = `${where}.${kindName}: ${kind} proves nothing to a signer, who cannot check it`;
    throw new InputError("unsupported", problem, { field: `${where}.${kindName}`, hint: HINT });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const extra = issue.code === "unrecognized_keys" ? [(issue.keys[0] ?? "").slice(0, 50)] : [];
  const field = [where, ...issue.path.map(String), ...extra].join(".");
  const problem = extra.length > 0 ? "does not belong there" : issue.message;
  throw new InputError("invalid_input", `${field}: ${problem}`, { field, hint: HINT });
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

/**
 * Checks the form of an assertion: its members, no others, their lengths. `verifyAssertion` checks what it says.
 *
 * @param where what the caller calls it, for errors
 * @throws InputError naming the field; `unsupported` for passwords and one-time codes
 */
export function parseAssertion(value: unknown, where = "firstFactor"): Assertion {
  const kind = memberOf(value, "kind");
  const schema: z.ZodType<Assertion> = kind === "Fido2" ? passkeyAssertion : keyAssertion;
  return parse(schema, value, kind, where, "kind");
}

/** The same of its JSON. @throws SyntaxError where it is none; InputError */
export const readAssertion: (text: string) => Assertion = remembered((text) => {
  return parseAssertion(JSON.parse(text), "assertion");
});

/**
 * Checks the form of an attestation, likewise. `readAttestation` checks what it says.
 *
 * @throws InputError naming the field; `unsupported` for passwords and one-time codes
 */
export function parseAttestation(value: unknown, where = "firstFactorCredential"): Attestation {
  return parse(attestation, value, memberOf(value, "credentialKind"), where, "credentialKind");
}
