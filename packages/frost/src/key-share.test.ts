import { Secret } from "@quorate/curves";
import { describe, expect, test } from "vitest";
import { type FrostSuiteName, parsePublicKeyPackage, suite as suiteOf } from "./aggregate/index.ts";
import { keyShare } from "./key-share.ts";
import { deal, refusal, seededRandom } from "./testing.ts";

const SUITES: readonly FrostSuiteName[] = ["ed25519", "taproot", "secp256k1", "p256"];

describe.each(SUITES)("a key of %s", (name) => {
  const suite = suiteOf(name, "fast");
  const { group } = suite;
  const keys = deal(suite, 2, 3, seededRandom(1));
  const [key] = keys;
  const shares = new Map([...key!.verifyingShares].map(([one, point]) => [one, group.encodePoint(point)]));
  const encoded = { publicKey: key!.encodedPublicKey, verifyingShares: shares, minSigners: 2 };
  const parse = (change: Partial<typeof encoded>) => parsePublicKeyPackage(suite, { ...encoded, ...change });
  const secret = (k: bigint) => new Secret(group.encodeScalar(k));

  test("is parsed to the points that were encoded", () => {
    const parsed = parse({});
    expect(group.equals(parsed.publicKey, key!.publicKey)).toBe(true);
    expect([...parsed.verifyingShares.keys()]).toEqual([1, 2, 3]);
    for (const [one, point] of parsed.verifyingShares) expect(group.encodePoint(point)).toEqual(shares.get(one));
  });

  test.each([0, 1, 4, 1.5, Number.NaN])("is refused with minSigners %s of 3", (minSigners) => {
    expect(refusal(() => parse({ minSigners })).code).toBe("invalid_key");
  });

  test.each([0, -1, 1.5])("is refused with a holder numbered %s", (identifier) => {
    const holders = new Map([...shares, [identifier, shares.get(1)!]]);
    expect(refusal(() => parse({ verifyingShares: holders })).code).toBe("invalid_key");
  });

  test("is refused with a point that is not valid", () => {
    const bad = new Uint8Array(group.pointLength).fill(255);
    for (const one of [bad, key!.encodedPublicKey.slice(1), new Uint8Array()]) {
      expect(refusal(() => parse({ publicKey: one })).code).toBe("invalid_key");
      expect(refusal(() => parse({ verifyingShares: new Map([...shares, [2, one]]) })).code).toBe("invalid_key");
    }
  });

  test("takes only the share that belongs to it and to that participant", () => {
    const share = group.decodeScalar(key!.signingShare.expose());
    expect(keyShare(parse({}), 1, secret(share)).identifier).toBe(1);
    expect(refusal(() => keyShare(parse({}), 2, secret(share))).code).toBe("invalid_key");
    expect(refusal(() => keyShare(parse({}), 4, secret(share))).code).toBe("invalid_key");
    expect(refusal(() => keyShare(parse({}), 1, secret(group.mod(share + 1n)))).code).toBe("invalid_key");
    for (const bytes of [new Uint8Array(32), new Uint8Array(32).fill(255), new Uint8Array(31)]) {
      expect(refusal(() => keyShare(parse({}), 1, new Secret(bytes))).code).toBe("invalid_key");
    }
  });
});
