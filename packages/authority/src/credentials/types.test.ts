import { describe, expect, test } from "vitest";
import { keyCredential, passkey } from "../testing/index.ts";
import { parseAssertion, parseAttestation } from "./types.ts";

type Json = Record<string, unknown>;

const key = keyCredential();
const keyAssertion = key.assert("challenge");
const passkeyAssertion = passkey().assert("challenge");
const attestation = key.attest("challenge");

/** A copy with one member put in, or left out with `undefined`. */
function put(value: unknown, path: string, member: unknown): unknown {
  const copy = structuredClone(value) as Json;
  const names = path.split(".");
  const last = names.pop()!;
  const inside = names.reduce((at, name) => at[name] as Json, copy);
  if (member === undefined) delete inside[last];
  else inside[last] = member;
  return copy;
}

describe("an assertion on the wire", () => {
  test.each([
    ["a key", keyAssertion],
    ["a passkey", passkeyAssertion],
    ["a passkey without a user handle", put(passkeyAssertion, "credentialAssertion.userHandle", undefined)],
    ["a passkey with a user handle of null", put(passkeyAssertion, "credentialAssertion.userHandle", null)],
    ["a key that names its digest", put(keyAssertion, "credentialAssertion.algorithm", "RSA-SHA256")],
    ["a key with padding", put(keyAssertion, "credentialAssertion.credId", "YQ==")],
  ])("of %s is taken as it is", (_, value) => expect(parseAssertion(value)).toEqual(value));

  test.each<[string, unknown, string]>([
    ["is no object", "text", "f"],
    ["is nothing", null, "f"],
    ["has no kind", put(keyAssertion, "kind", undefined), "f.kind"],
    ["has an unknown kind", put(keyAssertion, "kind", "Retina"), "f.kind"],
    ["has one member more", put(keyAssertion, "more", 1), "f.more"],
    ["has one member more inside", put(keyAssertion, "credentialAssertion.more", 1), "f.credentialAssertion.more"],
    [
      "is of a key and has authenticator data",
      put(keyAssertion, "credentialAssertion.authenticatorData", "AA"),
      "f.credentialAssertion.authenticatorData",
    ],
    [
      "is of a passkey and has none",
      put(passkeyAssertion, "credentialAssertion.authenticatorData", undefined),
      "f.credentialAssertion.authenticatorData",
    ],
    [
      "is of a passkey and names a digest",
      put(passkeyAssertion, "credentialAssertion.algorithm", "SHA1"),
      "f.credentialAssertion.algorithm",
    ],
    ["is in base64", put(keyAssertion, "credentialAssertion.signature", "a+/="), "f.credentialAssertion.signature"],
    ["has no signature", put(keyAssertion, "credentialAssertion.signature", ""), "f.credentialAssertion.signature"],
    [
      "has a long id",
      put(keyAssertion, "credentialAssertion.credId", "a".repeat(1369)),
      "f.credentialAssertion.credId",
    ],
    [
      "has long client data",
      put(keyAssertion, "credentialAssertion.clientData", "a".repeat(65_537)),
      "f.credentialAssertion.clientData",
    ],
    [
      "has a long signature",
      put(keyAssertion, "credentialAssertion.signature", "a".repeat(1369)),
      "f.credentialAssertion.signature",
    ],
  ])("that %s is refused, naming the field", (_, value, field) => {
    expect(() => parseAssertion(value, "f")).toThrow(expect.objectContaining({ code: "invalid_input", field }));
  });

  test.each(["Password", "Totp"])("of kind %s is refused: no signer can check it", (kind) => {
    const refusal = expect.objectContaining({ code: "unsupported", field: "firstFactor.kind" });
    expect(() => parseAssertion({ kind, password: "x", otpCode: "1" })).toThrow(refusal);
  });
});

describe("an attestation on the wire", () => {
  test.each([
    ["a key", attestation],
    ["a key with a name", put(attestation, "credentialName", "laptop")],
    ["a key under a password", keyCredential("P-256", "PasswordProtectedKey").attest("challenge")],
    ["a recovery key", keyCredential("P-256", "RecoveryKey").attest("challenge")],
    ["a passkey", passkey().attest("challenge")],
  ])("of %s is taken as it is", (_, value) => expect(parseAttestation(value)).toEqual(value));

  test.each<[string, unknown, string]>([
    ["is a list", [], "f"],
    ["has an unknown kind", put(attestation, "credentialKind", "Retina"), "f.credentialKind"],
    ["has one member more", put(attestation, "more", 1), "f.more"],
    ["has one member more inside", put(attestation, "credentialInfo.more", 1), "f.credentialInfo.more"],
    [
      "lacks its data",
      put(attestation, "credentialInfo.attestationData", undefined),
      "f.credentialInfo.attestationData",
    ],
    ["is of a key and has a wrapped one", put(attestation, "encryptedPrivateKey", "x"), "f.encryptedPrivateKey"],
    [
      "is of a key under a password and has no wrapped one",
      put(attestation, "credentialKind", "PasswordProtectedKey"),
      "f.encryptedPrivateKey",
    ],
    ["has a long name", put(attestation, "credentialName", "a".repeat(129)), "f.credentialName"],
    [
      "has long data",
      put(attestation, "credentialInfo.attestationData", "a".repeat(16_385)),
      "f.credentialInfo.attestationData",
    ],
  ])("that %s is refused, naming the field", (_, value, field) => {
    expect(() => parseAttestation(value, "f")).toThrow(expect.objectContaining({ code: "invalid_input", field }));
  });

  test.each(["Password", "Totp"])("of kind %s is refused: no signer can check it", (credentialKind) => {
    const refusal = expect.objectContaining({ code: "unsupported", field: "firstFactorCredential.credentialKind" });
    expect(() => parseAttestation({ credentialKind, credentialInfo: {} })).toThrow(refusal);
  });
});
