import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { group } from "./groups.ts";
import { integerToBytes } from "./integer.ts";
import { evaluate, evaluateInExponent, lagrange, randomScalar } from "./polynomial.ts";

describe.each(["ed25519", "secp256k1", "p256"] as const)("polynomials over %s", (name) => {
  const G = group(name, "fast");
  const scalar = fc.bigInt(0n, G.order - 1n);

  test("any t values interpolate to the value anywhere", () => {
    const quorum = fc.uniqueArray(fc.integer({ min: 1, max: 15 }), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(quorum, fc.array(scalar, { minLength: 7, maxLength: 7 }), fc.nat(15), (identifiers, seven, at) => {
        const coefficients = seven.slice(0, identifiers.length);
        const interpolate = (x: bigint) =>
          G.mod(
            identifiers.reduce(
              (sum, i) => sum + lagrange(G, identifiers, i, x) * evaluate(G, coefficients, BigInt(i)),
              0n,
            ),
          );
        expect(interpolate(BigInt(at))).toBe(evaluate(G, coefficients, BigInt(at)));
        expect(interpolate(0n)).toBe(coefficients[0]);
      }),
      { numRuns: 30 },
    );
  });

  test("the default is the coefficient at zero", () => {
    expect(lagrange(G, [1, 2, 3], 2)).toBe(G.mod(-3n));
    expect(lagrange(G, [4], 4)).toBe(1n);
    expect(lagrange(G, [1, 5], 5, 5n)).toBe(1n);
    expect(lagrange(G, [1, 5], 1, 5n)).toBe(0n);
  });

  test("evaluation in the exponent is evaluation times G", () => {
    fc.assert(
      fc.property(fc.array(scalar, { minLength: 1, maxLength: 5 }), fc.nat(15), (coefficients, x) => {
        const commitments = coefficients.map(G.base);
        const expected = G.base(evaluate(G, coefficients, BigInt(x)));
        expect(G.equals(evaluateInExponent(G, commitments, x), expected)).toBe(true);
      }),
      { numRuns: 15 },
    );
  });

  test("a random scalar is 48 bytes reduced, drawn again on zero", () => {
    const draws = [new Uint8Array(48), integerToBytes(G.order, 48), integerToBytes(5n * G.order + 9n, 48)];
    const lengths: number[] = [];
    const k = randomScalar(G, (length) => {
      lengths.push(length);
      return draws.shift()!;
    });
    expect(k).toBe(9n);
    expect(lengths).toEqual([48, 48, 48]);
    const wide = new Uint8Array(48).fill(0xff);
    expect(randomScalar(G, () => wide)).toBe(((1n << 384n) - 1n) % G.order);
  });
});

test.each<[string, number[], number]>([
  ["an identifier of zero", [0, 1], 1],
  ["a negative identifier", [-1, 1], 1],
  ["a fraction", [0.5, 1], 1],
  ["a duplicate", [1, 2, 2], 1],
  ["a stranger", [1, 2], 3],
])("%s has no Lagrange coefficient", (_, identifiers, self) => {
  expect(() => lagrange(group("p256", "fast"), identifiers, self)).toThrow();
});
