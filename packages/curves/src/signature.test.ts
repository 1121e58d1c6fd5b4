import { readFileSync } from "node:fs";
import { ED25519_TORSION_SUBGROUP, ed25519 } from "@noble/curves/ed25519.js";
import { describe, expect, test } from "vitest";
import { sha512 } from "./digest.ts";
import { identityFromSeed, verifyIdentity } from "./identity.ts";
import { bytesToInteger, integerToBytes } from "./integer.ts";
import { verifyEd25519, verifySchnorr } from "./signature.ts";

const unhex = (digits: string) => new Uint8Array(Buffer.from(digits, "hex"));
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** RFC 8032 section 7.1, tests 1 to 3. */
const RFC_8032 = [
  {
    seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    message: "",
    signature:
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  },
  {
    seed: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    message: "72",
    signature:
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  },
  {
    seed: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    publicKey: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    message: "af82",
    signature:
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  },
] as const;

describe("an identity", () => {
  test.each(RFC_8032)("signs as RFC 8032 says ($publicKey)", ({ seed, publicKey, message, signature }) => {
    const identity = identityFromSeed(unhex(seed));
    expect(hex(identity.publicKey)).toBe(publicKey);
    expect(hex(identity.sign(unhex(message)))).toBe(signature);
    expect(verifyIdentity(unhex(publicKey), unhex(message), unhex(signature))).toBe(true);
  });

  test("takes a seed of 32 bytes and leaves it alone", () => {
    const seed = new Uint8Array(32).fill(7);
    identityFromSeed(seed);
    expect(seed).toEqual(new Uint8Array(32).fill(7));
    for (const length of [0, 31, 33, 64]) expect(() => identityFromSeed(new Uint8Array(length))).toThrow("32 bytes");
  });
});

describe("Ed25519 verification", () => {
  const { publicKey, message, signature } = RFC_8032[2];
  const good = [unhex(publicKey), unhex(message), unhex(signature)] as const;

  test("refuses wrong lengths without throwing", () => {
    for (const length of [0, 31, 33]) expect(verifyEd25519(new Uint8Array(length), good[1], good[2])).toBe(false);
    for (const length of [0, 63, 65]) expect(verifyEd25519(good[0], good[1], new Uint8Array(length))).toBe(false);
    expect(verifyEd25519(good[0], good[1], Uint8Array.of(...good[2], 0))).toBe(false);
  });

  test("refuses one changed bit of key, message or signature", () => {
    for (const part of [0, 1, 2]) {
      const changed = good.map((bytes) => Uint8Array.from(bytes));
      changed[part]![0]! ^= 1;
      expect(verifyEd25519(changed[0]!, changed[1]!, changed[2]!)).toBe(false);
    }
  });

  test("refuses S + L, the second form of the same signature", () => {
    const S = bytesToInteger(good[2].slice(32).reverse());
    const malleable = Uint8Array.of(
      ...good[2].subarray(0, 32),
      ...integerToBytes(S + ed25519.Point.Fn.ORDER, 32).reverse(),
    );
    expect(verifyEd25519(good[0], good[1], malleable)).toBe(false);
  });

  test("refuses keys of small order, under which everybody can sign", () => {
    // Under the identity as key the equation is S * B = R.
    const k = 5n;
    const R = ed25519.Point.BASE.multiply(k).toBytes();
    const forged = Uint8Array.of(...R, ...integerToBytes(k, 32).reverse());
    for (const torsion of ED25519_TORSION_SUBGROUP) {
      expect(verifyEd25519(unhex(torsion), good[1], forged)).toBe(false);
    }
  });
});

test("Ed25519 verification refuses keys of mixed order, whose signatures verify or not by chance", () => {
  const { Point } = ed25519;
  const { Fn } = Point;
  const [a, r] = [7n, 5n];
  const twoTorsion = Point.fromAffine({ x: 0n, y: Point.Fp.ORDER - 1n });
  const key = Point.BASE.multiply(a).add(twoTorsion).toBytes();
  const R = Point.BASE.multiply(r).toBytes();
  // The equation without cofactor holds for every even challenge.
  for (let count = 0; count < 32; count++) {
    const message = Uint8Array.of(count);
    const challenge = Fn.create(bytesToInteger(sha512(R, key, message).reverse()));
    const S = Fn.create(r + challenge * a);
    const signature = Uint8Array.of(...R, ...integerToBytes(S, 32).reverse());
    expect(verifyEd25519(key, message, signature)).toBe(false);
  }
});

describe("Schnorr verification", () => {
  const rows = readFileSync(new URL("../../../test/vectors/bip340.csv", import.meta.url), "utf8")
    .trim()
    .split(/\r?\n/);

  test.each(rows.slice(1).map((row) => row.split(",")))("agrees with BIP-340 vector %s", (...row) => {
    const [, , publicKey, , message, signature, result] = row;
    const verdict = verifySchnorr(unhex(publicKey!), unhex(message!), unhex(signature!));
    expect(verdict).toBe(result === "TRUE");
  });

  test("refuses wrong lengths without throwing", () => {
    const message = new Uint8Array(32);
    expect(rows.length).toBeGreaterThan(15);
    for (const length of [0, 31, 33])
      expect(verifySchnorr(new Uint8Array(length), message, new Uint8Array(64))).toBe(false);
    for (const length of [0, 63, 65])
      expect(verifySchnorr(new Uint8Array(32), message, new Uint8Array(length))).toBe(false);
  });
});
