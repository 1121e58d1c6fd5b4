import { sign } from "node:crypto";
import { sha256 } from "@quorate/curves";
import { describe, expect, test } from "vitest";
import { type Cbor, cbor } from "../testing/cbor.ts";
import { keyCredential, type PasskeyTwist, passkey } from "../testing/index.ts";
import { readAttestation } from "./attestation.ts";
import { type Attestation, parseAttestation } from "./types.ts";

const relyingParty = {
  id: "localhost",
  name: "Quorate",
  origins: ["http://localhost:8080"],
  userVerification: true,
};
const challenge = Buffer.from('{"purpose":"registration","v":1}').toString("base64url");
const base64url = (data: Uint8Array) => Buffer.from(data).toString("base64url");
const unbase64url = (text: string) => new Uint8Array(Buffer.from(text, "base64url"));
const refusal = (code: string, field: string) => expect.objectContaining({ name: "AuthorityError", code, field });
const read = (attestation: Attestation) => readAttestation({ attestation, challenge, relyingParty });
const DATA = "attestationData";
const members = (entries: readonly (readonly [string, Cbor])[]) => new Map(entries);

function withInfo(attestation: Attestation, edit: Partial<Attestation["credentialInfo"]>): Attestation {
  return { ...attestation, credentialInfo: { ...attestation.credentialInfo, ...edit } };
}

describe.each([-7, -8, -257] as const)("a registration of a passkey with algorithm %s", (algorithm) => {
  describe.each(["none", "packed"] as const)("in format %s", (format) => {
    const key = passkey({ algorithm, format });
    const twisted = (twist: PasskeyTwist) => read(key.attest(challenge, twist));

    test("gives the credential", () => {
      expect(read(parseAttestation(key.attest(challenge, { signCount: 9 })))).toMatchObject({
        kind: "Fido2",
        credentialId: key.credentialId,
        publicKey: key.publicKey,
        signCount: 9,
      });
    });
    test("with extensions behind gives it too", () => {
      const twist = { flags: 0xc5, behind: Buffer.from("a16b6372656450726f7465637402", "hex") };
      expect(twisted(twist).publicKey).toBe(key.publicKey);
    });
    test.each<[string, PasskeyTwist, string, string]>([
      ["for another relying party", { rpId: "example.org" }, "wrong_origin", "authenticatorData"],
      ["without a user", { flags: 0x44 }, "user_absent", "authenticatorData"],
      ["with a user that is not verified", { flags: 0x41 }, "user_not_verified", "authenticatorData"],
      ["backed up though it cannot be", { flags: 0x55 }, "bad_record", "authenticatorData"],
      ["with bytes behind", { behind: Buffer.of(0) }, "bad_record", "authenticatorData"],
      ["with bytes behind that no flag names", { flags: 0x05 }, "bad_record", "authenticatorData"],
      ["with extensions that are not there", { flags: 0xc5 }, "bad_record", "authenticatorData"],
      ["at another origin", { clientData: { origin: "http://localhost:1" } }, "wrong_origin", "clientData.origin"],
      ["in a frame", { clientData: { crossOrigin: true } }, "wrong_origin", "clientData.crossOrigin"],
      ["to sign in", { clientData: { type: "webauthn.get" } }, "wrong_purpose", "clientData.type"],
      ["as a key", { clientData: { type: "key.create" } }, "wrong_purpose", "clientData.type"],
      ["over another challenge", { clientData: { challenge: "x" } }, "bad_challenge", "clientData.challenge"],
      ["in format tpm", { fmt: "tpm" }, "bad_record", DATA],
      ["in a format of no name", { fmt: "" }, "bad_record", DATA],
      ["with a key of no sense", { cose: new Map() }, "bad_record", DATA],
      ["with a key that is no map", { cose: 1 }, "bad_record", DATA],
    ])("made %s is refused", (_, twist, code, field) => expect(() => twisted(twist)).toThrow(refusal(code, field)));

    test("that names another identifier than the authenticator is refused", () => {
      const other = withInfo(key.attest(challenge), { credId: keyCredential().credentialId });
      expect(() => read(other)).toThrow(refusal("bad_record", "credId"));
    });
    test("that is cut short or goes on is refused", () => {
      const whole = unbase64url(key.attest(challenge).credentialInfo.attestationData);
      for (const bytes of [whole.subarray(0, -1), whole.subarray(0, 10), Buffer.concat([whole, Buffer.of(0)])]) {
        const changed = withInfo(key.attest(challenge), { attestationData: base64url(bytes) });
        expect(() => read(changed)).toThrow(refusal("bad_record", DATA));
      }
    });
  });
});

describe("a registration of a passkey", () => {
  const key = passkey();
  const registered = key.attest(challenge);

  test.each<[string, Cbor]>([
    ["a list", []],
    ["a map of nothing", new Map()],
    [
      "a map with one member more",
      members([
        ["fmt", "none"],
        ["attStmt", new Map()],
        ["authData", Buffer.of(1)],
        ["x", 1],
      ]),
    ],
    [
      "a map with a statement of text",
      members([
        ["fmt", "none"],
        ["attStmt", ""],
        ["authData", Buffer.of(1)],
      ]),
    ],
    [
      "a map with data of text",
      members([
        ["fmt", "none"],
        ["attStmt", new Map()],
        ["authData", ""],
      ]),
    ],
    [
      "a map with a format of bytes",
      members([
        ["fmt", Buffer.of(1)],
        ["attStmt", new Map()],
        ["authData", Buffer.of(1)],
      ]),
    ],
  ])("that is %s is refused", (_, object) => {
    const changed = withInfo(registered, { attestationData: base64url(cbor(object)) });
    expect(() => read(changed)).toThrow(refusal("bad_record", DATA));
  });
  test("that names no new credential is refused", () => {
    const { authenticatorData } = key.assert(challenge).credentialAssertion;
    const object = members([
      ["fmt", "none"],
      ["attStmt", new Map()],
      ["authData", unbase64url(authenticatorData)],
    ]);
    const changed = withInfo(registered, { attestationData: base64url(cbor(object)) });
    expect(() => read(changed)).toThrow("names no new credential");
  });
  test("with a statement in format none is refused", () => {
    expect(() => read(key.attest(challenge, { statement: new Map([["alg", -7]]) }))).toThrow("none belongs");
  });
  test("passes for no other kind of credential", () => {
    const { credentialInfo } = registered;
    expect(() => read({ credentialKind: "Key", credentialInfo })).toThrow(refusal("wrong_purpose", "clientData.type"));
  });
});

describe("a packed statement", () => {
  const key = passkey({ format: "packed" });
  const signature = sign("sha256", Buffer.from("something else"), key.privateKey);
  test.each<[string, ReadonlyMap<string, Cbor>, string, string]>([
    [
      "over something else",
      members([
        ["alg", -7],
        ["sig", signature],
      ]),
      "bad_signature",
      "not signed by the key",
    ],
    [
      "of another algorithm",
      members([
        ["alg", -257],
        ["sig", signature],
      ]),
      "bad_record",
      "another algorithm",
    ],
    [
      "without an algorithm",
      members([
        ["sig", signature],
        ["x", 1],
      ]),
      "bad_record",
      "another algorithm",
    ],
    ["without a signature", members([["alg", -7]]), "bad_record", "not packed"],
    [
      "with a member more",
      members([
        ["alg", -7],
        ["sig", signature],
        ["x", 1],
      ]),
      "bad_record",
      "not packed",
    ],
    [
      "with certificates",
      members([
        ["alg", -7],
        ["sig", signature],
        ["x5c", [Buffer.of(48, 0)]],
      ]),
      "bad_record",
      "certificates",
    ],
  ])("%s is refused", (_, statement, code, problem) => {
    const attempt = () => read(key.attest(challenge, { statement }));
    expect(attempt).toThrow(expect.objectContaining({ code, message: expect.stringContaining(problem) }));
  });
  test("by another key is refused", () => {
    const { credentialInfo } = key.attest(challenge);
    const other = passkey({ format: "packed" });
    const message = Buffer.concat([Buffer.from("x"), sha256(unbase64url(credentialInfo.clientData))]);
    const statement = members([
      ["alg", -7],
      ["sig", sign("sha256", message, other.privateKey)],
    ]);
    expect(() => read(key.attest(challenge, { statement }))).toThrow(refusal("bad_signature", DATA));
  });
});
