import { constants, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { ED25519_TORSION_SUBGROUP } from "@noble/curves/ed25519.js";
import { describe, expect, test } from "vitest";
import { verifyCredentialSignature } from "./credential-signature.ts";

const message = Buffer.from("what the user agreed to");
const pem = (key: KeyObject) => key.export({ format: "pem", type: "spki" }) as string;
const ec = (namedCurve: string) => generateKeyPairSync("ec", { namedCurve });

const PAIRS = {
  Ed25519: generateKeyPairSync("ed25519"),
  "P-256": ec("P-256"),
  secp256k1: ec("secp256k1"),
  "P-384": ec("P-384"),
  RSA: generateKeyPairSync("rsa", { modulusLength: 2048 }),
};
const names = Object.keys(PAIRS) as (keyof typeof PAIRS)[];
const digesting = names.filter((name) => name !== "Ed25519");

function flipped(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[copy.length - 1]! ^= 1;
  return copy;
}

describe.each(names)("a signature of a credential on %s", (name) => {
  const { publicKey, privateKey } = PAIRS[name];
  const signature = sign(undefined, message, privateKey);
  const verify = (of: Uint8Array, by: Uint8Array, hint?: string) =>
    verifyCredentialSignature(pem(publicKey), hint, of, by);

  test("with the digest that Node picks verifies, again and again", () => {
    expect(verify(message, signature)).toBe(true);
    expect(verify(message, signature)).toBe(true);
  });
  test("over another message does not verify", () => expect(verify(flipped(message), signature)).toBe(false));
  test("with a bit changed does not verify", () => expect(verify(message, flipped(signature))).toBe(false));
  test("of another length does not verify", () => {
    for (const length of [0, 1, 63, 65, 5000]) expect(verify(message, new Uint8Array(length))).toBe(false);
    expect(verify(message, Buffer.concat([signature, Buffer.of(0)]))).toBe(false);
  });
  test("by another key does not verify", () => {
    const other = name === "Ed25519" ? generateKeyPairSync("ed25519").publicKey : ec("P-256").publicKey;
    expect(verifyCredentialSignature(pem(other), undefined, message, signature)).toBe(false);
  });
});

describe.each(digesting)("a digest on %s", (name) => {
  const { publicKey, privateKey } = PAIRS[name];
  const verify = (digest: string, hint?: string) =>
    verifyCredentialSignature(pem(publicKey), hint, message, sign(digest, message, privateKey));

  test.each(["sha256", "sha384", "sha512"])("%s is found without being announced", (digest) => {
    expect(verify(digest)).toBe(true);
  });
  test.each([
    ["sha256", "SHA256"],
    ["sha512", "sha512"],
    ["sha512", "SHA-512"],
    ["sha512", "RSA-SHA512"],
  ])("%s is taken by its name %s", (digest, hint) => expect(verify(digest, hint)).toBe(true));
  test.each(["sha1", "sha224", "sha512-256"])("%s is not accepted", (digest) => {
    expect(verify(digest)).toBe(false);
    expect(verify(digest, digest)).toBe(false);
  });
  test("that is announced is the only one", () => expect(verify("sha256", "SHA512")).toBe(false));
  test("of an unknown name verifies nothing", () => expect(verify("sha256", "constructor")).toBe(false));
});

test("r and s without DER are not an ECDSA signature", () => {
  const { publicKey, privateKey } = PAIRS["P-256"];
  const raw = sign("sha256", message, { key: privateKey, dsaEncoding: "ieee-p1363" });
  expect(verifyCredentialSignature(pem(publicKey), undefined, message, raw)).toBe(false);
});

test("RSA with the padding PSS is not accepted", () => {
  const { publicKey, privateKey } = PAIRS.RSA;
  const pss = sign("sha256", message, { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING });
  expect(verifyCredentialSignature(pem(publicKey), undefined, message, pss)).toBe(false);
});

test("under a key of small order nothing verifies, though the equation holds", () => {
  const raw = Buffer.from(ED25519_TORSION_SUBGROUP[0]!, "hex");
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), raw]);
  const text = `-----BEGIN PUBLIC KEY-----\n${der.toString("base64")}\n-----END PUBLIC KEY-----\n`;
  const forged = Buffer.concat([raw, Buffer.alloc(32)]);
  expect(verifyCredentialSignature(text, undefined, message, forged)).toBe(false);
});

test.each(["", "no key", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])(
  "a key %j verifies nothing and does not throw",
  (key) => expect(verifyCredentialSignature(key, undefined, message, new Uint8Array(64))).toBe(false),
);

test("more keys than are kept all verify", () => {
  const pairs = Array.from({ length: 1100 }, () => generateKeyPairSync("ed25519"));
  const all = () =>
    pairs.every(({ publicKey, privateKey }) =>
      verifyCredentialSignature(pem(publicKey), undefined, message, sign(null, message, privateKey)),
    );
  expect(all()).toBe(true);
  expect(all()).toBe(true);
});
