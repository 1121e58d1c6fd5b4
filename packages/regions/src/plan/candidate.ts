import { findRegion } from "../places.ts";

/** Where signers could be, and who would run them. */
export interface Candidate {
  readonly region: string;
  /** Absent: each signer there has an operator of its own. */
  readonly operator?: string;
  /** How many signers may be placed there. */
  readonly count: number;
}

/** One signer of a placement, named after its region. */
export interface Seat {
  readonly name: string;
  readonly region: string;
  /** That of the candidate, or the signer's own, which is called like it. */
  readonly operator: string;
  /** ISO 3166-1, two letters. */
  readonly country: string;
}

/** Which signers fail, or conspire, together. */
export const DOMAINS = ["region", "operator", "country"] as const;
export type Domain = (typeof DOMAINS)[number];

/** A choice of candidates, by index, ascending; one that is named twice gives two signers. */
export type Placement = readonly number[];

/** The signers of a placement; a second one in a region gets a number. */
export function seatsOf(candidates: readonly Candidate[], placement: Placement): readonly Seat[] {
  const before = new Map<string, number>();
  return placement.map((at) => {
    const { region, operator } = candidates[at]!;
    const count = (before.get(region) ?? 0) + 1;
    before.set(region, count);
    const name = count === 1 ? region : `${region}-${count}`;
    return { name, region, operator: operator ?? name, country: findRegion(region).country };
  });
}

/** How many placements of `maxSigners` signers there are. */
export function countPlacements(candidates: readonly Candidate[], maxSigners: number): number {
  // ways[k]: to place k signers at the candidates so far
  let ways = [1, ...Array.from({ length: maxSigners }, () => 0)];
  for (const { count } of candidates) {
    ways = ways.map((_, placed) => {
      let sum = 0;
      for (let here = 0; here <= Math.min(count, placed); here++) sum += ways[placed - here]!;
      return sum;
    });
  }
  return ways[maxSigners]!;
}

/** Every placement of `maxSigners` signers, once, in the order of the candidates. */
export function* placements(candidates: readonly Candidate[], maxSigners: number, from = 0): Generator<Placement> {
  if (maxSigners === 0) yield [];
  const candidate = candidates[from];
  if (maxSigners === 0 || candidate === undefined) return;
  for (let here = Math.min(candidate.count, maxSigners); here >= 0; here--) {
    const chosen = Array.from({ length: here }, () => from);
    for (const rest of placements(candidates, maxSigners - here, from + 1)) yield [...chosen, ...rest];
  }
}
