import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { keyCredential } from "../testing/index.ts";
import { credentialFingerprint, readAttestation } from "./attestation.ts";
import type { Attestation } from "./types.ts";

const ORIGIN = "http://localhost:8080";
const relyingParty = { id: "localhost", name: "Quorate", origins: [ORIGIN], userVerification: true };
const challenge = Buffer.from('{"purpose":"registration","v":1}').toString("base64url");
const base64url = (data: string | Uint8Array) => Buffer.from(data).toString("base64url");
const refusal = (code: string, field: string) => expect.objectContaining({ name: "AuthorityError", code, field });
const read = (attestation: Attestation) => readAttestation({ attestation, challenge, relyingParty });

function withInfo(attestation: Attestation, edit: Partial<Attestation["credentialInfo"]>): Attestation {
  return { ...attestation, credentialInfo: { ...attestation.credentialInfo, ...edit } };
}

/** The attestation data of a key with other members. */
function withData(attestation: Attestation, edit: (data: Record<string, string>) => object): Attestation {
  const data = JSON.parse(Buffer.from(attestation.credentialInfo.attestationData, "base64url").toString());
  return withInfo(attestation, { attestationData: base64url(JSON.stringify(edit(data))) });
}

describe.each(["Ed25519", "P-256", "P-384", "secp256k1", "RSA"] as const)("the attestation of a key on %s", (curve) => {
  const key = keyCredential(curve);
  test("gives the credential", () => {
    const { credentialId, publicKey } = key;
    expect(read(key.attest(challenge))).toEqual({
      kind: "Key",
      credentialId,
      publicKey,
      fingerprint: credentialFingerprint("Key", credentialId, publicKey),
    });
  });
  test("with a signature by another key is refused", () => {
    const other = JSON.parse(
      Buffer.from(keyCredential(curve).attest(challenge).credentialInfo.attestationData, "base64url").toString(),
    );
    const forged = withData(key.attest(challenge), (data) => ({ ...data, signature: other.signature }));
    expect(() => read(forged)).toThrow(refusal("bad_signature", "attestationData.signature"));
  });
  test("for a public key that did not sign is refused", () => {
    const { publicKey } = keyCredential(curve);
    const forged = withData(key.attest(challenge), (data) => ({ ...data, publicKey }));
    expect(() => read(forged)).toThrow(refusal("bad_signature", "attestationData.signature"));
  });
  test("over other client data is refused", () => {
    const { clientData } = key.attest(challenge, { clientData: { more: 1 } }).credentialInfo;
    expect(() => read(withInfo(key.attest(challenge), { clientData }))).toThrow(
      refusal("bad_signature", "attestationData.signature"),
    );
  });
});

describe("the attestation of a key", () => {
  const key = keyCredential();
  test.each(["PasswordProtectedKey", "RecoveryKey"] as const)("of kind %s gives the wrapped key too", (kind) => {
    const attestation = keyCredential("P-256", kind).attest(challenge);
    expect(read(attestation)).toMatchObject({ kind, encryptedPrivateKey: attestation.encryptedPrivateKey });
  });
  test("gives the digest that it announces", () => {
    expect(read(key.attest(challenge, { algorithm: "RSA-SHA256" }))).toMatchObject({ algorithm: "RSA-SHA256" });
  });
  test("with padding gives an identifier without", () => {
    const { credentialId, fingerprint } = read(key.attest(challenge));
    const padded = withInfo(key.attest(challenge), { credId: `${credentialId}=` });
    expect(read(padded)).toMatchObject({ credentialId, fingerprint });
  });
  test("signs the PEM as received, and another spelling of it does not verify", () => {
    const spelled = withData(key.attest(challenge), (data) => ({ ...data, publicKey: data.publicKey!.trimEnd() }));
    expect(() => read(spelled)).toThrow(refusal("bad_signature", "attestationData.signature"));
  });
  test("over a PEM with line ends of Windows gives the one PEM", () => {
    const publicKey = key.publicKey.replaceAll("\n", "\r\n");
    expect(read(key.attest(challenge, { publicKey })).publicKey).toBe(key.publicKey);
  });
  test("made to sign in is refused", () => {
    const attestation = key.attest(challenge, { clientData: { type: "key.get" } });
    expect(() => read(attestation)).toThrow(refusal("wrong_purpose", "clientData.type"));
  });
  test("over another challenge is refused", () => {
    expect(() => read(key.attest("b3RoZXI"))).toThrow(refusal("bad_challenge", "clientData.challenge"));
  });
  test("at an origin that is not allowed is refused", () => {
    const attestation = key.attest(challenge, { clientData: { origin: "http://example.org" } });
    expect(() => read(attestation)).toThrow(refusal("wrong_origin", "clientData.origin"));
  });
  test("of a key that is not accepted is refused, saying what is", () => {
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });
    const pem = publicKey.export({ format: "pem", type: "spki" });
    expect(() => read(withData(key.attest(challenge), (data) => ({ ...data, publicKey: pem })))).toThrow(
      refusal("bad_record", "attestationData.publicKey"),
    );
  });
  test.each<[string, (data: Record<string, string>) => object]>([
    [
      "a signature in base64url",
      ({ signature, ...rest }) => ({ ...rest, signature: base64url(Buffer.from(signature!, "hex")) }),
    ],
    ["no signature", ({ publicKey }) => ({ publicKey })],
    ["no public key", ({ signature }) => ({ signature })],
    ["one member more", (data) => ({ ...data, more: 1 })],
    ["a list in its place", () => []],
  ])("with %s is refused", (_, edit) => {
    expect(() => read(withData(key.attest(challenge), edit))).toThrow(refusal("bad_record", "attestationData"));
  });
  test.each(["AA", base64url("{"), "a b"])("whose data are %j is refused", (attestationData) => {
    expect(() => read(withInfo(key.attest(challenge), { attestationData }))).toThrow(
      refusal("bad_record", "attestationData"),
    );
  });
});

describe("a fingerprint", () => {
  const { credentialId, publicKey } = keyCredential();
  test("differs with the kind, the identifier and the key", () => {
    const all = [
      credentialFingerprint("Key", credentialId, publicKey),
      credentialFingerprint("RecoveryKey", credentialId, publicKey),
      credentialFingerprint("Key", `${credentialId}A`, publicKey),
      credentialFingerprint("Key", credentialId, keyCredential().publicKey),
    ];
    expect(new Set(all).size).toBe(4);
    for (const one of all) expect(one).toMatch(/^[0-9a-f]{64}$/);
  });
});
