import { bytesToInteger, type GroupName, group as groupNamed, recoverEcdsa, verifyEcdsa } from "@quorate/curves";
import { seededRandom } from "@quorate/protocol/testing";
import { describe, expect, test } from "vitest";
import { type AggregationError, aggregate, type EcdsaShare } from "./index.ts";

const random = seededRandom(4);
const digest = random(32);
const join = ({ r, s }: { r: Uint8Array; s: Uint8Array }) => new Uint8Array([...r, ...s]);

function codeOf(step: () => unknown): string {
  try {
    step();
  } catch (error) {
    return (error as AggregationError).code;
  }
  return "none";
}

describe.each(["secp256k1", "p256"] as const)("on %s", (name) => {
  const group = groupNamed(name, "fast");
  const { order } = group;
  const scalar = (label: number) => group.mod(bytesToInteger(seededRandom(label)(48)));
  const share = (u: bigint, w: bigint): EcdsaShare => ({ u: group.encodeScalar(u), w: group.encodeScalar(w) });

  /** Shares of three signers of the signature with this nonce, as a dealer makes them. */
  function dealt(k: bigint, x = scalar(1)) {
    const [phi, bigR] = [scalar(2), group.encodePoint(group.base(k))];
    const [h, r] = [bytesToInteger(digest), bytesToInteger(bigR.subarray(1))];
    const [u, w] = [group.mod(k * phi), group.mod((h + r * x) * phi)];
    const [u1, u2, w1, w2] = [3, 4, 5, 6].map(scalar) as [bigint, bigint, bigint, bigint];
    const shares = [share(u1, w1), share(u2, w2), share(group.mod(u - u1 - u2), group.mod(w - w1 - w2))];
    return { publicKey: group.encodePoint(group.base(x)), bigR, shares, s: group.mod((h + r * x) * group.invert(k)) };
  }

  test("shares become the signature that the whole key would make, with low s on secp256k1 and the id that recovers the key", () => {
    const seen = new Set<string>();
    for (let k = 1n; k <= 24n; k++) {
      const { publicKey, bigR, shares, s } = dealt(k);
      const signature = aggregate(group, publicKey, bigR, digest, shares);
      const isHigh = s > order / 2n;
      const flips = name === "secp256k1" && isHigh;
      expect(bytesToInteger(signature.s)).toBe(flips ? order - s : s);
      expect(signature.r).toEqual(bigR.slice(1));
      expect(signature.recid).toBe((bigR[0]! & 1) ^ (flips ? 1 : 0));
      expect(recoverEcdsa(name, digest, join(signature), signature.recid)).toEqual(publicKey);
      expect(verifyEcdsa(name, publicKey, digest, join(signature))).toBe(true);
      seen.add(`${isHigh} ${bigR[0]}`);
    }
    // High and low s, each with an even and an odd R.
    expect(seen.size).toBe(4);
  });

  test("an x coordinate above the order is reduced, and the id says so", () => {
    // Nobody knows the logarithm of such an R; s = 7 fits the key that is recovered from it.
    const R = pointAbove();
    const bigR = group.encodePoint(R);
    const r = group.mod(bytesToInteger(bigR.subarray(1)));
    const h = group.mod(bytesToInteger(digest));
    const inverse = group.invert(r);
    const X = group.add(group.multiply(R, group.mod(7n * inverse)), group.base(group.mod(-h * inverse)));
    const signature = aggregate(group, group.encodePoint(X), bigR, digest, [share(1n, 7n), share(0n, 0n)]);
    expect(signature.recid).toBe(2 + (bigR[0]! & 1));
    expect(bytesToInteger(signature.r)).toBe(r);
    expect(r).toBeLessThan(order);
  });

  function pointAbove() {
    for (let x = order + 1n; ; x++) {
      try {
        return group.decodePoint(new Uint8Array([2, ...Buffer.from(x.toString(16), "hex")]));
      } catch {}
    }
  }

  test("shares that do not fit the key, the digest or one another are not released", () => {
    const { publicKey, bigR, shares } = dealt(9n);
    const [one, two, three] = shares as [EcdsaShare, EcdsaShare, EcdsaShare];
    const wrong = (list: readonly EcdsaShare[]) => codeOf(() => aggregate(group, publicKey, bigR, digest, list));
    expect(wrong(shares)).toBe("none");
    expect(wrong([one, two])).toBe("invalid_signature");
    expect(wrong([one, two, three, one])).toBe("invalid_signature");
    expect(wrong([one, two, { ...three, u: one.u }])).toBe("invalid_signature");
    expect(wrong([one, two, { ...three, w: one.w }])).toBe("invalid_signature");
    const other = group.encodePoint(group.base(5n));
    expect(codeOf(() => aggregate(group, other, bigR, digest, shares))).toBe("invalid_signature");
    expect(codeOf(() => aggregate(group, publicKey, other, digest, shares))).toBe("invalid_signature");
    expect(codeOf(() => aggregate(group, publicKey, bigR, random(32), shares))).toBe("invalid_signature");
    const negated = group.encodePoint(group.negate(group.decodePoint(publicKey)));
    expect(codeOf(() => aggregate(group, negated, bigR, digest, shares))).toBe("invalid_signature");
  });

  test("sums that are zero give no signature", () => {
    const { publicKey, bigR } = dealt(9n);
    const of = (...shares: EcdsaShare[]) => codeOf(() => aggregate(group, publicKey, bigR, digest, shares));
    expect(of(share(5n, 1n), share(order - 5n, 2n))).toBe("degenerate");
    expect(of(share(5n, 1n), share(6n, order - 1n))).toBe("degenerate");
    expect(of()).toBe("degenerate");
  });

  test("what has the wrong form is named as such", () => {
    const { publicKey, bigR, shares } = dealt(9n);
    const [one] = shares as [EcdsaShare];
    const big = new Uint8Array(Buffer.from(order.toString(16), "hex"));
    for (const bad of [new Uint8Array(31), new Uint8Array(33), big, new Uint8Array(32).fill(255)]) {
      for (const list of [[{ ...one, u: bad }], [one, { ...one, w: bad }]]) {
        expect(codeOf(() => aggregate(group, publicKey, bigR, digest, list))).toBe("malformed");
      }
    }
    for (const bad of [new Uint8Array(33), bigR.slice(1), new Uint8Array(33).fill(5)]) {
      expect(codeOf(() => aggregate(group, publicKey, bad, digest, shares))).toBe("malformed");
    }
    for (const length of [0, 31, 33]) {
      expect(codeOf(() => aggregate(group, publicKey, bigR, new Uint8Array(length), shares))).toBe("malformed");
      expect(codeOf(() => aggregate(group, new Uint8Array(length - 1 + 2), bigR, digest, shares))).not.toBe("none");
    }
  });
});

test("another kind of group is refused", () => {
  const group = groupNamed("ed25519" satisfies GroupName, "fast");
  expect(codeOf(() => aggregate(group, digest, digest, digest, []))).toBe("malformed");
});
