import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { ED25519_TORSION_SUBGROUP, ed25519 } from "@noble/curves/ed25519.js";
import { describe, expect, test } from "vitest";
import { coseToPem } from "./cose.ts";
import { parseCredentialKey } from "./credential-key.ts";

const unhex = (digits: string) => new Uint8Array(Buffer.from(digits, "hex"));
const ec = (namedCurve: string) => generateKeyPairSync("ec", { namedCurve }).publicKey;
const rsa = (modulusLength: number, publicExponent = 0x10001) =>
  generateKeyPairSync("rsa", { modulusLength, publicExponent }).publicKey;
const spki = (key: KeyObject) => key.export({ format: "pem", type: "spki" }) as string;
const pemOf = (der: Uint8Array) =>
  `-----BEGIN PUBLIC KEY-----\n${Buffer.from(der).toString("base64")}\n-----END PUBLIC KEY-----\n`;
const ed25519Pem = (raw: Uint8Array) => pemOf(Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), raw]));

const RSA_2048 = rsa(2048);
const P256 = ec("P-256");

describe("the public key of a credential", () => {
  test.each([
    ["Ed25519", generateKeyPairSync("ed25519").publicKey],
    ["ES256", P256],
    ["ES256K", ec("secp256k1")],
    ["ES384", ec("P-384")],
    ["RS256", RSA_2048],
  ] as const)("of kind %s is read, and its PEM comes back", (kind, key) => {
    expect(parseCredentialKey(spki(key))).toEqual({ kind, pem: spki(key) });
  });

  test("of RSA in PKCS#1 becomes SPKI", () => {
    const pem = RSA_2048.export({ format: "pem", type: "pkcs1" }) as string;
    expect(pem).toContain("BEGIN RSA PUBLIC KEY");
    expect(parseCredentialKey(pem)).toEqual({ kind: "RS256", pem: spki(RSA_2048) });
  });

  test.each([
    ["no line feed at the end", (pem: string) => pem.trimEnd()],
    ["a blank at the end", (pem: string) => `${pem.trimEnd()} `],
    ["line ends of Windows", (pem: string) => pem.replaceAll("\n", "\r\n")],
    ["one long line", (pem: string) => pemOf(createPublicKey(pem).export({ format: "der", type: "spki" }))],
  ])("with %s has the same PEM", (_, change) => {
    expect(parseCredentialKey(change(spki(P256))).pem).toBe(spki(P256));
  });

  test("with a compressed point has the same PEM", () => {
    const { x, y } = P256.export({ format: "jwk" });
    const sign = 2 + (Buffer.from(y!, "base64url").at(-1)! & 1);
    const prefix = Buffer.from("3039301306072a8648ce3d020106082a8648ce3d030107032200", "hex");
    const der = Buffer.concat([prefix, Buffer.of(sign), Buffer.from(x!, "base64url")]);
    expect(parseCredentialKey(pemOf(der)).pem).toBe(spki(P256));
  });

  const torsion = ed25519.Point.fromHex(ED25519_TORSION_SUBGROUP[1]!);
  const offCurve = () => {
    const der = Buffer.from(P256.export({ format: "der", type: "spki" }));
    der[der.length - 1]! ^= 1;
    return pemOf(der);
  };
  test.each<[string, () => string]>([
    ["X25519", () => spki(generateKeyPairSync("x25519").publicKey)],
    ["Ed448", () => spki(generateKeyPairSync("ed448").publicKey)],
    ["RSA-PSS", () => spki(generateKeyPairSync("rsa-pss", { modulusLength: 2048 }).publicKey)],
    ["DSA", () => spki(generateKeyPairSync("dsa", { modulusLength: 1024, divisorLength: 160 }).publicKey)],
    ["P-521", () => spki(ec("P-521"))],
    ["RSA of 1024 bits", () => spki(rsa(1024))],
    ["RSA of exponent 3", () => spki(rsa(2048, 3))],
    ["P-256 off the curve", offCurve],
    ["Ed25519 at the neutral element", () => ed25519Pem(ed25519.Point.ZERO.toBytes())],
    ["Ed25519 of small order", () => ed25519Pem(unhex(ED25519_TORSION_SUBGROUP[1]!))],
    ["Ed25519 of mixed order", () => ed25519Pem(ed25519.Point.BASE.add(torsion).toBytes())],
    [
      "a private key",
      () => generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }) as string,
    ],
    ["no PEM", () => "ssh-ed25519 AAAA"],
    ["PEM with something before", () => `x${spki(P256)}`],
    ["PEM with two lines behind", () => `${spki(P256)}\n\n`],
    ["two keys", () => spki(P256) + spki(P256)],
    ["RSA under the name of the other form", () => spki(RSA_2048).replaceAll("PUBLIC", "RSA PUBLIC")],
    ["a certificate", () => spki(P256).replaceAll("PUBLIC KEY", "CERTIFICATE")],
    ["a text of megabytes", () => pemOf(new Uint8Array(1_000_000))],
    ["no key inside", () => pemOf(new Uint8Array(44))],
  ])("is refused when it is %s", (_, pem) => {
    expect(() => parseCredentialKey(pem())).toThrow(/accepted are Ed25519, P-256, secp256k1, P-384 and RSA of 2048/);
  });

  test("of RSA with exponent 1, under which everybody signs, is refused", () => {
    const { n } = RSA_2048.export({ format: "jwk" });
    const one = () => spki(createPublicKey({ key: { kty: "RSA", n: n!, e: "AQ" }, format: "jwk" }));
    expect(() => parseCredentialKey(one())).toThrow();
  });
});

/** The members of a key in COSE as hex of CBOR, by label. */
const text = (value: string | undefined) => Buffer.from(value ?? "", "base64url").toString("hex");
const { x, y } = P256.export({ format: "jwk" });
const ES256 = `a5010203262001215820${text(x)}225820${text(y)}`;
const edKey = generateKeyPairSync("ed25519").publicKey;
const EDDSA = `a4010103272006215820${text(edKey.export({ format: "jwk" }).x)}`;
const n = text(RSA_2048.export({ format: "jwk" }).n);
const RS256 = `a401030339010020590100${n}2143010001`;

describe("a key in COSE", () => {
  test.each([
    ["ES256", ES256, P256],
    ["EdDSA", EDDSA, edKey],
    ["RS256", RS256, RSA_2048],
  ])("of %s becomes PEM", (_, cose, key) => expect(coseToPem(unhex(cose))).toBe(spki(key)));

  test.each([
    ["of ES384", ES256.replace("a5010203262001", "a501020338222001"), "another algorithm"],
    ["of ES256 and of another type", ES256.replace("a50102", "a50103"), "2 at 1"],
    ["of ES256 on another curve", ES256.replace("262001", "262002"), "1 at -1"],
    ["of ES256 with a short coordinate", `a5010203262001215820${text(x)}22581f${text(y).slice(2)}`, "32 bytes at -3"],
    ["of ES256 off the curve", `a5010203262001215820${text(y)}225820${text(y)}`, ""],
    ["of ES256 with one member more", `a6${ES256.slice(2)}6161f5`, "6 members"],
    ["of EdDSA on Ed448", EDDSA.replace("272006", "272007"), "6 at -1"],
    ["of EdDSA of small order", `a4010103272006215820${ED25519_TORSION_SUBGROUP[1]}`, "accepted"],
    ["of EdDSA with one member more", `a5${EDDSA.slice(2)}6161f5`, "5 members"],
    ["of RS256 with 1024 bits", `a401030339010020588080${"01".repeat(127)}2143010001`, "accepted"],
    ["of RS256 without a modulus", `a40103033901002001${"2143010001"}`, "no sound bytes at -1"],
    ["that is a list", "80", "not a map"],
    ["with bytes behind it", `${ES256}00`, "follow"],
  ])("%s is refused", (_, cose, problem) => {
    const refused = () => coseToPem(unhex(cose));
    if (problem === "") expect(refused).toThrow();
    else expect(refused).toThrow(problem);
  });
});
