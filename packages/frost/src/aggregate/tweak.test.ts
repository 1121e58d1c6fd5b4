import { readFileSync } from "node:fs";
import { evaluate, Secret, verifySchnorr } from "@quorate/curves";
import { describe, expect, test } from "vitest";
import { keyShare } from "../key-share.ts";
import { deal, refusal, seededRandom, sharesOf, signAll } from "../testing.ts";
import { aggregate, verifyShare } from "./aggregate.ts";
import { parsePublicKeyPackage } from "./key.ts";
import { suite as suiteOf } from "./suite.ts";
import { signingKey, verifyingKey } from "./tweak.ts";

interface Vectors {
  scriptPubKey: { internalPubkey: string; merkleRoot: string | null; tweak: string; tweakedPubkey: string }[];
  keyPathSpending: {
    internalPrivkey: string;
    internalPubkey: string;
    merkleRoot: string | null;
    tweakedPrivkey: string;
    sigHash: string;
  }[];
}
const file = new URL("../../../../test/vectors/bip341-wallet.json", import.meta.url);
const vectors: Vectors = JSON.parse(readFileSync(file, "utf8"));
const bytes = (hex: string | null) => new Uint8Array(Buffer.from(hex ?? "", "hex"));
/** For tests that compute much, on a machine that does much else. */
const SLOW_MS = 60_000;
const hex = (value: Uint8Array) => Buffer.from(value).toString("hex");

describe.each(["fast", "noble"] as const)("taproot keys with %s", (backend) => {
  const suite = suiteOf("taproot", backend);
  const { group } = suite;

  test.each(vectors.scriptPubKey)("BIP-341 vector $internalPubkey, with even and odd internal y", (vector) => {
    for (const parity of [2, 3]) {
      const publicKey = Uint8Array.of(parity, ...bytes(vector.internalPubkey));
      const verifyingShares = new Map([1, 2].map((one) => [one, publicKey]));
      const key = parsePublicKeyPackage(suite, { publicKey, verifyingShares, minSigners: 2 });
      expect(hex(verifyingKey(key, bytes(vector.merkleRoot)))).toBe(vector.tweakedPubkey);
      expect(hex(verifyingKey(key, null))).toBe(vector.internalPubkey);
      const { offset } = signingKey(key, bytes(vector.merkleRoot));
      expect([offset, group.mod(-offset)].map((k) => hex(group.encodeScalar(k)))).toContain(vector.tweak);
    }
  });

  test.each(vectors.keyPathSpending)(
    "BIP-341 key path $internalPubkey: shares sum up to the tweaked key, and sign",
    (vector) => {
      const secret = group.decodeScalar(bytes(vector.internalPrivkey));
      const keys = sharesOf(suite, [secret, 12345678901234567890n], [1, 2, 3]);
      const merkleRoot = bytes(vector.merkleRoot);
      const { negated, offset, publicKey } = signingKey(keys[0]!, merkleRoot);
      const tweaked = group.mod((negated ? -secret : secret) + offset);
      expect(group.equals(group.base(tweaked), publicKey)).toBe(true);
      expect([tweaked, group.mod(-tweaked)].map((k) => hex(group.encodeScalar(k)))).toContain(vector.tweakedPrivkey);
      const message = bytes(vector.sigHash);
      const { context, shares } = signAll(keys, [1, 3], message, seededRandom(1), merkleRoot);
      const output = vectors.scriptPubKey.find((one) => one.internalPubkey === vector.internalPubkey)!.tweakedPubkey;
      expect(verifySchnorr(bytes(output), message, aggregate(context, shares))).toBe(true);
    },
  );
});

describe("the taproot tweak", () => {
  const suite = suiteOf("taproot", "fast");
  const { group } = suite;
  const message = Buffer.from("sighash");
  const roots = [null, new Uint8Array(), new Uint8Array(32).fill(7)];

  test(
    "is right for every parity of internal key, output key and R",
    () => {
      // Without a tweak the output key is the internal key lifted: one parity fewer.
      const all = 4 + 8 + 8;
      const seen = new Set<string>();
      for (let seed = 0; seed < 200 && seen.size < all; seed++) {
        const keys = deal(suite, 2, 3, seededRandom(seed));
        for (const root of roots) {
          const { context, shares } = signAll(keys, [1, 2], message, seededRandom(1000 + seed), root);
          for (const [one, share] of shares) expect(verifyShare(context, one, share)).toBe(true);
          expect(verifySchnorr(verifyingKey(keys[0]!, root), message, aggregate(context, shares))).toBe(true);
          const odd = group.hasOddY(keys[0]!.publicKey);
          seen.add(`${root?.length} ${odd} ${context.signingKey.negated !== odd} ${context.noncesNegated}`);
        }
      }
      expect(seen.size).toBe(all);
    },
    SLOW_MS,
  );

  test("is one tweak: a signature is valid under the key of its own merkle root only", () => {
    const keys = deal(suite, 2, 3, seededRandom(5));
    for (const root of roots) {
      const { context, shares } = signAll(keys, [2, 3], message, seededRandom(6), root);
      const signature = aggregate(context, shares);
      const valid = roots.filter((other) => verifySchnorr(verifyingKey(keys[0]!, other), message, signature));
      expect(valid).toEqual([root]);
    }
  });

  test("applied twice is another key", () => {
    const [key, ...rest] = deal(suite, 2, 3, seededRandom(7));
    const once = signingKey(key!, roots[1]!);
    const stored = [key!, ...rest].map((one) => group.decodeScalar(one.signingShare.expose()));
    const tweaked = stored.map((share) => group.mod((once.negated ? -share : share) + once.offset));
    const package2 = parsePublicKeyPackage(suite, {
      publicKey: once.encoded,
      verifyingShares: new Map(tweaked.map((share, at) => [at + 1, group.encodePoint(group.base(share))])),
      minSigners: 2,
    });
    const keys = tweaked.map((share, at) => keyShare(package2, at + 1, new Secret(group.encodeScalar(share))));
    const output = verifyingKey(key!, roots[1]!);
    const untweaked = signAll(keys, [1, 2], message, seededRandom(8), null);
    expect(verifySchnorr(output, message, aggregate(untweaked.context, untweaked.shares))).toBe(true);
    const twice = signAll(keys, [1, 2], message, seededRandom(8), roots[1]!);
    expect(verifySchnorr(output, message, aggregate(twice.context, twice.shares))).toBe(false);
  });

  test("is not confused by another merkle root of the same key in between", () => {
    const [key] = deal(suite, 2, 2, seededRandom(9));
    const fresh = roots.map((root) =>
      hex(verifyingKey({ ...key!, publicKey: group.decodePoint(key!.encodedPublicKey) }, root)),
    );
    const root = new Uint8Array(32).fill(9);
    expect(roots.concat(roots).map((one) => hex(verifyingKey(key!, one)))).toEqual([...fresh, ...fresh]);
    verifyingKey(key!, root);
    root.set(roots[2]!);
    expect(hex(verifyingKey(key!, root))).toBe(fresh[2]);
  });

  test.each([1, 31, 33, 64])("refuses a merkle root of %i bytes", (length) => {
    const [key] = deal(suite, 2, 2, seededRandom(10));
    expect(refusal(() => signingKey(key!, new Uint8Array(length))).code).toBe("invalid_tweak");
  });

  test.each(["ed25519", "secp256k1", "p256"] as const)("is refused for %s, even an empty one", (name) => {
    const keys = deal(suiteOf(name, "fast"), 2, 2, seededRandom(11));
    for (const root of roots.slice(1)) {
      expect(refusal(() => signingKey(keys[0]!, root)).code).toBe("invalid_tweak");
      expect(refusal(() => signAll(keys, [1, 2], message, seededRandom(12), root)).code).toBe("invalid_tweak");
    }
  });

  test("keeps the shares on one polynomial: any quorum interpolates the same tweaked key", () => {
    const keys = sharesOf(suite, [5n, 6n, 7n], [1, 2, 3, 4, 5]);
    const { negated, offset } = signingKey(keys[0]!, roots[2]!);
    const image = (k: bigint) => group.mod((negated ? -k : k) + offset);
    expect(image(evaluate(group, [5n, 6n, 7n], 4n))).toBe(
      evaluate(group, [image(5n), ...[6n, 7n].map((k) => group.mod(negated ? -k : k))], 4n),
    );
  });
});
