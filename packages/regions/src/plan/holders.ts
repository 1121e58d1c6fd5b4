import type { Domain, Seat } from "./candidate.ts";

/** How many signers each region, operator or country holds. */
export function holdings(seats: readonly Seat[], domain: Domain): ReadonlyMap<string, number> {
  const held = new Map<string, number>();
  for (const seat of seats) held.set(seat[domain], (held.get(seat[domain]) ?? 0) + 1);
  return held;
}

/** How many signers the `count` largest of a domain hold: the most that their loss takes. */
export function mostHeld(seats: readonly Seat[], domain: Domain, count: number): number {
  const sizes = [...holdings(seats, domain).values()].sort((a, b) => b - a);
  return sizes.slice(0, count).reduce((sum, size) => sum + size, 0);
}

/** How many of the largest it takes to hold `needed` signers; `needed` is at most as many as there are. */
export function fewestHolding(seats: readonly Seat[], domain: Domain, needed: number): number {
  let count = 0;
  while (mostHeld(seats, domain, count) < needed) count++;
  return count;
}

/** Who reaches a number of signers together, by as few as possible. */
export interface SmallestSets {
  /** How many it takes. */
  readonly size: number;
  /** How many sets of that size there are. */
  readonly total: number;
  /** Some of them, at most `MAX_SETS`. */
  readonly sets: readonly (readonly string[])[];
  /** Any of that size do. */
  readonly any: boolean;
}

/** So many sets are named. */
const MAX_SETS = 20;

/** The smallest sets of regions, operators or countries that hold `needed` signers; `needed` is at most as many as there are. */
export function smallestSets(seats: readonly Seat[], domain: Domain, needed: number): SmallestSets {
  const held = [...holdings(seats, domain)].sort((a, b) => b[1] - a[1]);
  const size = fewestHolding(seats, domain, needed);
  const sets: string[][] = [];
  let total = 0;
  let all = 0;
  for (const some of choose(held, size)) {
    all += 1;
    if (some.reduce((sum, [, count]) => sum + count, 0) < needed) continue;
    total += 1;
    if (sets.length < MAX_SETS) sets.push(some.map(([name]) => name));
  }
  return { size, total, sets, any: total === all };
}

function* choose<T>(from: readonly T[], count: number): Generator<readonly T[]> {
  if (count === 0) yield [];
  else {
    for (const [at, first] of from.entries()) {
      for (const rest of choose(from.slice(at + 1), count - 1)) yield [first, ...rest];
    }
  }
}
