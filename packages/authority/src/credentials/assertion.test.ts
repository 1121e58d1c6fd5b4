import { AsymmetricKeySigner } from "@dfns/sdk-keysigner";
import { describe, expect, test } from "vitest";
import { keyCredential, type PasskeyTwist, passkey } from "../testing/index.ts";
import { verifyAssertion } from "./assertion.ts";
import { readAttestation } from "./attestation.ts";
import { type Assertion, type KeyAssertion, type PasskeyAssertion, parseAssertion } from "./types.ts";

const ORIGIN = "http://localhost:8080";
const relyingParty = { id: "localhost", name: "Quorate", origins: [ORIGIN], userVerification: true };
const challenge = Buffer.from('{"purpose":"action","v":1}').toString("base64url");
const CURVES = ["Ed25519", "P-256", "P-384", "secp256k1", "RSA"] as const;

const refusal = (code: string, field: string) => expect.objectContaining({ name: "AuthorityError", code, field });

/** With one bit of the bytes behind base64url changed. */
function flipped(text: string, at: number): string {
  const bytes = Buffer.from(text, "base64url");
  bytes[at < 0 ? bytes.length + at : at]! ^= 1;
  return bytes.toString("base64url");
}

function edited<A extends Assertion>(assertion: A, edit: Partial<A["credentialAssertion"]>): A {
  return { ...assertion, credentialAssertion: { ...assertion.credentialAssertion, ...edit } };
}

describe.each(CURVES)("an assertion of a key on %s", (curve) => {
  const credential = keyCredential(curve);
  const verify = (assertion: Assertion) => verifyAssertion({ credential, assertion, challenge, relyingParty });
  const assertion = credential.assert(challenge);

  test("verifies", () => expect(verify(assertion)).toEqual({}));
  test("made by the official signer verifies", async () => {
    const { credentialId: credId, privateKey } = credential;
    const signer = new AsymmetricKeySigner({
      credId,
      privateKey: privateKey.export({ format: "pem", type: "pkcs8" }) as string,
    });
    const official = await signer.sign({
      supportedCredentialKinds: [],
      challenge,
      challengeIdentifier: "",
      externalAuthenticationUrl: "",
      allowCredentials: { key: [{ type: "public-key", id: credId }], webauthn: [] },
      userVerification: "required",
    });
    expect(verify(parseAssertion(official))).toEqual({});
    const { signature: _, ...ours } = assertion.credentialAssertion;
    expect(official).toMatchObject({ kind: "Key", credentialAssertion: ours });
  });
  test("with a signature that is changed is refused", () => {
    const { signature } = assertion.credentialAssertion;
    expect(() => verify(edited(assertion, { signature: flipped(signature, -1) }))).toThrow(
      refusal("bad_signature", "signature"),
    );
  });
  test("with client data of the same meaning in other bytes is refused", () => {
    const { clientData } = assertion.credentialAssertion;
    const spaced = Buffer.from(`${Buffer.from(clientData, "base64url")} `).toString("base64url");
    expect(() => verify(edited(assertion, { clientData: spaced }))).toThrow(refusal("bad_signature", "signature"));
  });
  test("of another key is refused", () => {
    const { signature } = keyCredential(curve).assert(challenge).credentialAssertion;
    expect(() => verify(edited(assertion, { signature }))).toThrow(refusal("bad_signature", "signature"));
  });
});

describe("an assertion of a key", () => {
  const credential = keyCredential();
  const verify = (assertion: Assertion, origins: readonly string[] = [ORIGIN]) =>
    verifyAssertion({ credential, assertion, challenge, relyingParty: { ...relyingParty, origins } });
  const twisted = (clientData: Record<string, unknown>) => credential.assert(challenge, { clientData });

  test("that verified vouches for itself alone, however the parts of another are cut", () => {
    const ed25519 = keyCredential("Ed25519");
    const check = (assertion: Assertion) =>
      verifyAssertion({ credential: ed25519, assertion, challenge, relyingParty });
    const genuine = ed25519.assert(challenge);
    const { clientData, signature } = genuine.credentialAssertion;
    const message = Buffer.from(clientData, "base64url").toString("base64");
    for (const gap of ["\n", "\n\n", '","', ",", "|", " ", "\0"]) {
      // The algorithm is not signed, and Ed25519 has no use for it.
      const algorithm = ["SHA256", message, "AAAA"].join(gap);
      expect(check(edited(genuine, { algorithm }))).toEqual({});
      const cut = { algorithm: "SHA256", signature: ["AAAA", message, signature].join(gap) };
      expect(() => check(edited(genuine, cut))).toThrow(expect.objectContaining({ name: "AuthorityError" }));
    }
  });

  test.each([
    ["padding everywhere", (text: string) => text.padEnd(Math.ceil(text.length / 4) * 4, "=")],
    ["no padding", (text: string) => text],
  ])("with %s verifies", (_, change) => {
    const { credId, clientData, signature } = credential.assert(challenge).credentialAssertion;
    const all = { credId: change(credId), clientData: change(clientData), signature: change(signature) };
    expect(verify(edited(credential.assert(challenge), all))).toEqual({});
  });
  test("verifies over the challenge encoded once more", () => {
    expect(verify(twisted({ challenge: Buffer.from(challenge).toString("base64url") }))).toEqual({});
  });
  test("with its members sorted and more of them verifies", () => {
    expect(verify(twisted({ origin: ORIGIN, crossOrigin: false, androidPackageName: "x" }))).toEqual({});
  });
  test("with a digest that it does not announce verifies", () => {
    expect(verify(credential.assert(challenge, { algorithm: "SHA512", silent: true }))).toEqual({});
  });
  test("with a digest that it announces verifies by that alone", () => {
    const assertion: KeyAssertion = credential.assert(challenge, { algorithm: "SHA512" });
    expect(verify(assertion)).toEqual({});
    expect(() => verify(edited(assertion, { algorithm: "SHA256" }))).toThrow(refusal("bad_signature", "signature"));
  });

  test.each(["key.create", "webauthn.get", "webauthn.create", ""])("made for purpose %j is refused", (type) => {
    expect(() => verify(twisted({ type }))).toThrow(refusal("wrong_purpose", "clientData.type"));
  });
  test.each([
    ["another challenge", Buffer.from('{"purpose":"action","v":2}').toString("base64url")],
    ["the decoded challenge", '{"purpose":"action","v":1}'],
    ["the beginning of the challenge", challenge.slice(0, -1)],
    [
      "the challenge encoded twice more",
      Buffer.from(Buffer.from(challenge).toString("base64url")).toString("base64url"),
    ],
    ["no challenge", ""],
  ])("over %s is refused", (_, other) => {
    expect(() => verify(twisted({ challenge: other }))).toThrow(refusal("bad_challenge", "clientData.challenge"));
  });
  test.each(["http://localhost:8081", "https://localhost:8080", "http://localhost:8080/", "null", ""])(
    "made at %j is refused where origins are listed",
    (origin) => {
      expect(() => verify(twisted({ origin }))).toThrow(refusal("wrong_origin", "clientData.origin"));
      expect(verify(twisted({ origin }), [])).toEqual({});
    },
  );
  test("made in a frame of another page is refused", () => {
    expect(() => verify(twisted({ crossOrigin: true }), [])).toThrow(refusal("wrong_origin", "clientData.crossOrigin"));
  });
  test("that names another credential is refused", () => {
    const other = edited(credential.assert(challenge), { credId: keyCredential().credentialId });
    expect(() => verify(other)).toThrow(refusal("unknown_credential", "credId"));
  });
  test.each(["RecoveryKey", "PasswordProtectedKey"] as const)("that passes for a %s is refused", (kind) => {
    expect(() => verify({ ...credential.assert(challenge), kind })).toThrow(refusal("unknown_credential", "kind"));
  });
  test("with a signature in base64url of two forms is refused", () => {
    const { signature } = credential.assert(challenge).credentialAssertion;
    const bad = edited(credential.assert(challenge), { signature: `${signature.slice(0, 40)}B` });
    expect(() => verify(bad)).toThrow(refusal("bad_record", "signature"));
  });
});

describe.each([-7, -8, -257] as const)("an assertion of a passkey with algorithm %s", (algorithm) => {
  const key = passkey({ algorithm, origin: ORIGIN });
  const credential = readAttestation({ attestation: key.attest(challenge), challenge, relyingParty });
  const { signCount: _, ...uncounted } = credential;
  const verify = (assertion: Assertion) =>
    verifyAssertion({ credential: uncounted, assertion, challenge, relyingParty });
  const twisted = (twist: PasskeyTwist) => verify(key.assert(challenge, twist));

  test("verifies, and gives the count", () => expect(twisted({ signCount: 7 })).toEqual({ signCount: 7 }));
  test("with extensions behind verifies", () => {
    expect(twisted({ flags: 0x85, behind: Buffer.from("a1636b6579f5", "hex"), signCount: 0 })).toEqual({
      signCount: 0,
    });
  });
  test("over the challenge text itself, as mobile clients sign it, verifies", () => {
    expect(twisted({ clientData: { challenge }, signCount: 1 })).toEqual({ signCount: 1 });
  });
  test.each<[string, PasskeyTwist, string, string]>([
    ["for another relying party", { rpId: "example.org" }, "wrong_origin", "authenticatorData"],
    ["without a user", { flags: 0x04 }, "user_absent", "authenticatorData"],
    ["with a user that is not verified", { flags: 0x01 }, "user_not_verified", "authenticatorData"],
    ["backed up though it cannot be", { flags: 0x15 }, "bad_record", "authenticatorData"],
    ["with bytes behind", { behind: Buffer.of(0) }, "bad_record", "authenticatorData"],
    ["with extensions that are not there", { flags: 0x85 }, "bad_record", "authenticatorData"],
    ["with a new credential that is not there", { flags: 0x45 }, "bad_record", "authenticatorData"],
    ["at another origin", { clientData: { origin: "http://localhost:1" } }, "wrong_origin", "clientData.origin"],
    ["at no origin", { clientData: { origin: undefined } }, "wrong_origin", "clientData.origin"],
    ["in a frame", { clientData: { crossOrigin: true } }, "wrong_origin", "clientData.crossOrigin"],
    ["to register", { clientData: { type: "webauthn.create" } }, "wrong_purpose", "clientData.type"],
    ["as a key", { clientData: { type: "key.get" } }, "wrong_purpose", "clientData.type"],
    ["over another challenge", { clientData: { challenge: "x" } }, "bad_challenge", "clientData.challenge"],
  ])("made %s is refused", (_, twist, code, field) => expect(() => twisted(twist)).toThrow(refusal(code, field)));

  const changes: [string, (assertion: PasskeyAssertion["credentialAssertion"]) => object][] = [
    ["a signature that is changed", ({ signature }) => ({ signature: flipped(signature, -1) })],
    ["a count that is changed", ({ authenticatorData }) => ({ authenticatorData: flipped(authenticatorData, 36) })],
    ["flags that are changed", ({ authenticatorData }) => ({ authenticatorData: flipped(authenticatorData, 32) })],
    [
      "other client data",
      () => ({ clientData: key.assert(challenge, { clientData: { more: 1 } }).credentialAssertion.clientData }),
    ],
  ];
  test.each(changes)("with %s is refused", (_, change) => {
    const assertion = key.assert(challenge);
    const changed = edited(assertion, change(assertion.credentialAssertion));
    expect(() => verify(changed)).toThrow(refusal("bad_signature", "signature"));
  });
  test("is refused where no origin is allowed", () => {
    const nowhere = { ...relyingParty, origins: [] };
    const check = () =>
      verifyAssertion({ credential: uncounted, assertion: key.assert(challenge), challenge, relyingParty: nowhere });
    expect(check).toThrow(refusal("wrong_origin", "clientData.origin"));
  });
  test("without verification of the user verifies where none is asked for", () => {
    const lax = { ...relyingParty, userVerification: false };
    const assertion = key.assert(challenge, { flags: 0x01, signCount: 3 });
    expect(verifyAssertion({ credential: uncounted, assertion, challenge, relyingParty: lax })).toEqual({
      signCount: 3,
    });
  });
  test("that names another credential is refused", () => {
    const other = edited(key.assert(challenge), { credId: keyCredential().credentialId });
    expect(() => verify(other)).toThrow(refusal("unknown_credential", "credId"));
  });
});

describe("the count of a passkey", () => {
  const key = passkey({ origin: ORIGIN });
  const attested = readAttestation({ attestation: key.attest(challenge), challenge, relyingParty });
  const verify = (known: number, next: number) => {
    const credential = { ...attested, signCount: known };
    return verifyAssertion({
      credential,
      assertion: key.assert(challenge, { signCount: next }),
      challenge,
      relyingParty,
    });
  };
  test.each([
    [0, 0],
    [0, 1],
    [5, 6],
    [5, 2 ** 32 - 1],
  ])("may go from %i to %i", (known, next) => expect(verify(known, next)).toEqual({ signCount: next }));
  test.each([
    [1, 1],
    [6, 5],
    [5, 0],
  ])("may not go from %i to %i", (known, next) => {
    expect(() => verify(known, next)).toThrow(refusal("stale_counter", "authenticatorData"));
  });
});
