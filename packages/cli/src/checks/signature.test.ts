import { readFileSync } from "node:fs";
import { unhex } from "@quorate/orders";
import { describe, expect, it } from "vitest";
import { eddsaKey, schnorrKey } from "../testing/one-key-network.ts";
import { checkSchnorr, checkSignature, taprootOutputKey } from "./signature.ts";

const vectors = (name: string) =>
  readFileSync(new URL(`../../../../test/vectors/${name}`, import.meta.url), "utf8").trim();

interface Spending {
  readonly internalPubkey: string;
  readonly merkleRoot: string | null;
  readonly sigHash: string;
  readonly signature: string;
}

const bip341: {
  readonly scriptPubKey: readonly { internalPubkey: string; merkleRoot: string | null; tweakedPubkey: string }[];
  readonly keyPathSpending: readonly Spending[];
} = JSON.parse(vectors("bip341-wallet.json"));
const rootOf = (merkleRoot: string | null) => unhex(merkleRoot ?? "");

// The vectors with messages of other lengths than 32 bytes are not for Bitcoin.
const bip340 = vectors("bip340.csv")
  .split(/\r?\n/)
  .slice(1)
  .map((row) => row.split(","))
  .filter((row) => row[4]!.length === 64);

describe("a Schnorr signature", () => {
  it.each(bip340)("is judged as BIP-340 vector %s says", (...row) => {
    const [, , publicKey, , message, signature, result] = row;
    expect(checkSchnorr(unhex(publicKey!), unhex(message!), unhex(signature!))).toBe(result === "TRUE");
  });

  it.each(bip341.scriptPubKey)("is under the output key of BIP-341: $tweakedPubkey", (vector) => {
    const outputKey = taprootOutputKey(unhex(vector.internalPubkey), rootOf(vector.merkleRoot));
    expect(outputKey).toEqual(unhex(vector.tweakedPubkey));
  });

  it.each(bip341.keyPathSpending)("of BIP-341 holds with its tweak only: $sigHash", (vector) => {
    const key = { suite: "taproot", publicKey: unhex(vector.internalPubkey) } as const;
    const [message, signature] = [unhex(vector.sigHash), unhex(vector.signature)];
    const root = rootOf(vector.merkleRoot);
    expect(checkSignature(key, message, root, signature)).toBe(true);
    expect(checkSignature(key, message, null, signature)).toBe(false);
    expect(checkSignature(key, message, root.length === 0 ? new Uint8Array(32) : new Uint8Array(), signature)).toBe(
      false,
    );
  });
});

describe.each([eddsaKey(), schnorrKey(5)])("a signature of a key for $scheme", ({ facts, sign }) => {
  const message = new Uint8Array(32).fill(9);
  const root = facts.suite === "taproot" ? new Uint8Array() : null;
  const signature = sign(message, root);

  it("holds", () => expect(checkSignature(facts, message, root, signature)).toBe(true));

  it("with any one byte changed, in it or in the message, does not", () => {
    for (let at = 0; at < 64; at++) {
      expect(checkSignature(facts, message, root, signature.with(at, signature[at]! ^ 1))).toBe(false);
      expect(checkSignature(facts, message.with(at % 32, 8), root, signature)).toBe(false);
    }
  });

  it("of another length, or under what is no key, does not hold and does not throw", () => {
    for (const wrong of [new Uint8Array(), signature.subarray(1), Uint8Array.of(...signature, 0)]) {
      expect(checkSignature(facts, message, root, wrong)).toBe(false);
    }
    for (const publicKey of [new Uint8Array(), new Uint8Array(32), new Uint8Array(33).fill(255)]) {
      expect(checkSignature({ ...facts, publicKey }, message, root, signature)).toBe(false);
    }
  });
});
