import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { deal, seededRandom, signAll } from "../testing.ts";
import { aggregate } from "./aggregate.ts";
import { verifySignature } from "./signature.ts";
import { type FrostSuiteName, suite as suiteOf } from "./suite.ts";
import { verifyingKey } from "./tweak.ts";

const SUITES: readonly FrostSuiteName[] = ["ed25519", "taproot", "secp256k1", "p256"];
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));
const rows = readFileSync(new URL("../../../../test/vectors/bip340.csv", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .slice(1);

test.each(rows.map((row) => row.split(",")))(
  "BIP-340 vector %i",
  (_, _secret, publicKey, _aux, message, signature, valid) => {
    const suite = suiteOf("taproot", "fast");
    expect(verifySignature(suite, bytes(publicKey!), bytes(message!), bytes(signature!))).toBe(valid === "TRUE");
  },
);

describe.each(SUITES)("a signature of %s", (name) => {
  const suite = suiteOf(name, "fast");
  const { group } = suite;
  const message = Buffer.from("message");
  const keys = deal(suite, 2, 3, seededRandom(1));
  const { context, shares } = signAll(keys, [1, 2], message, seededRandom(2));
  const signature = aggregate(context, shares);
  const publicKey = verifyingKey(keys[0]!, null);
  const verify = (bytes: Uint8Array, key = publicKey) => verifySignature(suite, key, message, bytes);

  test("has the length of its standard", () => {
    expect(signature).toHaveLength({ ed25519: 64, taproot: 64, secp256k1: 65, p256: 65 }[name]);
    expect(verify(signature)).toBe(true);
  });

  test("with any one bit flipped is not valid", () => {
    for (let bit = 0; bit < signature.length * 8; bit += 7) {
      const flipped = signature.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(verify(flipped), `bit ${bit}`).toBe(false);
    }
  });

  test("of another length is not valid, and nothing throws", () => {
    for (const length of [0, 1, 32, 63, 64, 65, 66, 96]) {
      if (length !== signature.length)
        expect(verify(Uint8Array.from({ length }, (_, at) => signature[at] ?? 0))).toBe(false);
    }
  });

  test("with a scalar that is not reduced is not valid", () => {
    const z = group.decodeScalar(signature.subarray(-32)) + group.order;
    if (z >= 2n ** 256n) return expect(name).not.toBe("ed25519");
    const encoded = bytes(z.toString(16).padStart(64, "0"));
    const scalar = name === "ed25519" ? encoded.reverse() : encoded;
    expect(verify(Uint8Array.of(...signature.subarray(0, -32), ...scalar))).toBe(false);
  });

  test("is not valid under another key, nor under bytes that are no key", () => {
    const other = deal(suite, 2, 2, seededRandom(3))[0]!;
    for (const key of [
      verifyingKey(other, null),
      new Uint8Array(),
      publicKey.slice(1),
      new Uint8Array(publicKey.length),
    ]) {
      expect(verify(signature, key)).toBe(false);
    }
  });
});
