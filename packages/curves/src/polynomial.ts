import type { Group, Point } from "./group.ts";
import { bytesToInteger } from "./integer.ts";
import type { Random } from "./random.ts";

/** A uniform non-zero scalar: 48 random bytes reduced modulo the order, so that the bias is below 2^-128. */
export function randomScalar(group: Group, random: Random): bigint {
  for (;;) {
    const k = group.mod(bytesToInteger(random(48)));
    if (k !== 0n) return k;
  }
}

/**
 * The Lagrange coefficient of `self`: what its share is multiplied with when the shares of `identifiers` are summed to the value of
 * their polynomial at `at` (RFC 9591 section 4.2).
 *
 * @param identifiers distinct positive integers, `self` among them
 * @throws Error otherwise
 */
export function lagrange(group: Group, identifiers: readonly number[], self: number, at = 0n): bigint {
  if (!identifiers.every((one) => Number.isSafeInteger(one) && one > 0))
    throw new Error("identifiers are positive integers");
  if (new Set(identifiers).size !== identifiers.length) throw new Error("an identifier appears twice");
  if (!identifiers.includes(self)) throw new Error(`${self} is not among the identifiers`);
  let numerator = 1n;
  let denominator = 1n;
  for (const other of identifiers) {
    if (other === self) continue;
    numerator = group.mod(numerator * (at - BigInt(other)));
    denominator = group.mod(denominator * BigInt(self - other));
  }
  return group.mod(numerator * group.invert(denominator));
}

/** The value at `x` of the polynomial with these coefficients, constant term first. */
export function evaluate(group: Group, coefficients: readonly bigint[], x: bigint): bigint {
  return coefficients.reduceRight((value, coefficient) => group.mod(value * x + coefficient), 0n);
}

/** The same for a polynomial of which only the commitments `coefficient * G` are known: its value times G. `x` is public. */
export function evaluateInExponent(group: Group, commitments: readonly Point[], x: number): Point {
  return commitments.reduceRight(
    (value, commitment) => group.add(group.multiply(value, BigInt(x)), commitment),
    group.identity,
  );
}
