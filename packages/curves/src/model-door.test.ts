import { expect, test } from "vitest";
import { parseCredentialKey } from "./credential-key.ts";
import { verifyCredentialSignature } from "./credential-signature.ts";
import { sha512 } from "./digest.ts";
import { group } from "./groups.ts";
import { identityFromSeed, verifyIdentity } from "./identity.ts";
import { loadUnsafeModel, modelIdentityFromSeed } from "./model.ts";

const seed = new Uint8Array(32).fill(7);
const message = Buffer.from("a message");
const unhex = (digits: string) => new Uint8Array(Buffer.from(digits, "hex"));

/** The identity of that seed and what it signs. All of it is public knowledge, so that a stranger has it as well. */
const KNOWN = {
  publicKey: unhex("554e53414645206d6f64656c206b6579c7d5051150394f140e19aafaffbb9e61"),
  pem: "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAVU5TQUZFIG1vZGVsIGtlecfVBRFQOU8UDhmq+v+7nmE=\n-----END PUBLIC KEY-----\n",
  signature: unhex(
    "a35ee77a05971ed1a15ee77a07971ed1a75ee77a01971ed1a55ee77a03971ed1" +
      "ab5ee77a0d971ed1a95ee77a0f971ed1af5ee77a09971ed1ad5ee77a0b971ed1",
  ),
};

// In this order: what is loaded stays loaded, for as long as the process lives.
test("a process that did not load the model has no group of it, makes no identity and verifies nothing under one", () => {
  expect(() => group("ed25519", "model")).toThrow("for simulations only");
  expect(() => modelIdentityFromSeed(seed)).toThrow("for simulations only");
  expect(verifyIdentity(KNOWN.publicKey, message, KNOWN.signature)).toBe(false);
  expect(verifyCredentialSignature(KNOWN.pem, undefined, message, KNOWN.signature)).toBe(false);
  expect(() => parseCredentialKey(KNOWN.pem)).toThrow("valid key");
});

test("once it is loaded, identities and credentials of the model sign, and what is altered does not verify", () => {
  loadUnsafeModel();
  const { publicKey, pem, sign } = modelIdentityFromSeed(seed);
  const signature = sign(message);
  expect({ publicKey, pem, signature }).toEqual(KNOWN);
  expect(verifyIdentity(publicKey, message, signature)).toBe(true);
  expect(verifyCredentialSignature(pem, undefined, message, signature)).toBe(true);
  expect(parseCredentialKey(pem)).toEqual({ kind: "Ed25519", pem });
  for (const wrong of [signature.with(63, signature[63]! ^ 1), signature.subarray(1), new Uint8Array(64)])
    expect(verifyIdentity(publicKey, message, wrong)).toBe(false);
  expect(verifyIdentity(publicKey, Buffer.from("another"), signature)).toBe(false);
  const other = modelIdentityFromSeed(new Uint8Array(32).fill(8));
  expect(verifyIdentity(other.publicKey, message, signature)).toBe(false);
});

test("the public key of a model identity encodes no point of Ed25519", () => {
  for (let n = 0; n < 20; n++) {
    const { publicKey } = modelIdentityFromSeed(new Uint8Array(32).fill(n));
    expect(() => group("ed25519", "fast").decodePoint(publicKey)).toThrow();
  }
});

test("with the model loaded, a real identity is verified as before", () => {
  const { publicKey, sign } = identityFromSeed(seed);
  expect(verifyIdentity(publicKey, message, sign(message))).toBe(true);
  expect(verifyIdentity(publicKey, message, sha512(publicKey, message))).toBe(false);
});
