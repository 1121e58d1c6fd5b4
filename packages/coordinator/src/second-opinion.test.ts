import { readFileSync } from "node:fs";
import { identityFromSeed } from "@quorate/curves";
import { expect, test } from "vitest";
import { verifyAgain } from "./second-opinion.ts";

const message = new Uint8Array(32).fill(1);
const flip = (bytes: Uint8Array) => bytes.map((byte, at) => (at === 40 ? byte ^ 1 : byte));
const refusal = "the second verification of a signature failed";

test("an Ed25519 signature that does not verify is not released", () => {
  const identity = identityFromSeed(new Uint8Array(32).fill(2));
  const signature = identity.sign(message);
  expect(() => verifyAgain("ed25519", identity.publicKey, message, signature)).not.toThrow();
  expect(() => verifyAgain("ed25519", identity.publicKey, message, flip(signature))).toThrow(refusal);
  expect(() => verifyAgain("ed25519", identity.publicKey, message.slice(1), signature)).toThrow(refusal);
});

test("a BIP-340 signature that does not verify is not released", () => {
  const file = new URL("../../../test/vectors/bip340.csv", import.meta.url);
  const [, , row] = readFileSync(file, "utf8").split("\n");
  const [, , key, , digest, signature] = row!.split(",").map((hex) => new Uint8Array(Buffer.from(hex, "hex")));
  expect(() => verifyAgain("taproot", key!, digest!, signature!)).not.toThrow();
  expect(() => verifyAgain("taproot", key!, digest!, flip(signature!))).toThrow(refusal);
});
