import { type Placement, type Seat, seatsOf } from "./candidate.ts";
import { fewestHolding } from "./holders.ts";
import type { LatencyModel } from "./latency-model.ts";
import { worstLeastMs } from "./losses.ts";
import type { PlanQuestion } from "./question.ts";
import type { Quantiles } from "./samples.ts";
import { warnings } from "./warnings.ts";

/** A placement, where its coordinator is best, and the time of a signature. */
export interface Ranked {
  readonly seats: readonly Seat[];
  readonly coordinator: string;
  readonly signature: Quantiles;
}

type Ranking = Pick<PlanQuestion, "candidates" | "minSigners" | "coordinator" | "rankBy" | "top">;

/**
 * The fastest placements, best first. Of two that are equally fast the one comes first in which fewer can sign, or keep the others from
 * signing, alone; then the one that stays fast when the worst of its regions is lost; then the one in which more operators, then more
 * countries must conspire to sign.
 *
 * Those whose least possible time is above that of all that are asked for are not computed further; nothing else is left out.
 */
export function rank(placements: readonly Placement[], ranking: Ranking, model: LatencyModel): readonly Ranked[] {
  const { candidates, top } = ranking;
  const open = placements
    .map((placement) => ({ placement, least: leastMs(placement, ranking, model) }))
    .sort((a, b) => a.least - b.least);
  const best = new Fastest(top);
  const ranked: Ranked[] = [];
  for (const { placement, least } of open) {
    if (least > best.bound) break;
    const one = timed(seatsOf(candidates, placement), best.bound, ranking, model);
    if (one === undefined) continue;
    best.add(one.signature[ranking.rankBy]);
    ranked.push(one);
  }
  return inOrder(ranked, best.bound, ranking, model);
}

/** The fastest times so far. */
class Fastest {
  readonly #count: number;
  readonly #times: number[] = [];

  constructor(count: number) {
    this.#count = count;
  }

  /** What is above it is not among them. */
  get bound(): number {
    return this.#times[this.#count - 1] ?? Number.POSITIVE_INFINITY;
  }

  add(time: number): void {
    if (time >= this.bound) return;
    const at = this.#times.findIndex((other) => other > time);
    this.#times.splice(at === -1 ? this.#times.length : at, 0, time);
    this.#times.length = Math.min(this.#times.length, this.#count);
  }
}

function homes(regions: readonly string[], { coordinator }: Ranking): readonly string[] {
  return coordinator === undefined ? [...new Set(regions)] : [coordinator];
}

function leastMs(placement: Placement, ranking: Ranking, model: LatencyModel): number {
  const signers = placement.map((at) => ranking.candidates[at]!.region);
  const { minSigners } = ranking;
  const times = homes(signers, ranking).map((coordinator) => model.leastMs({ coordinator, signers, minSigners }));
  return Math.min(...times);
}

/** With the best coordinator; undefined if it cannot be within `bound`. */
function timed(seats: readonly Seat[], bound: number, ranking: Ranking, model: LatencyModel): Ranked | undefined {
  const signers = seats.map(({ region }) => region);
  const { minSigners, rankBy } = ranking;
  const [first] = homes(signers, ranking)
    .filter((coordinator) => model.leastMs({ coordinator, signers, minSigners }) <= bound)
    .map((coordinator) => ({ coordinator, signature: model.of({ coordinator, signers, minSigners }) }))
    .sort((a, b) => compare(a.signature, b.signature, rankBy));
  return first && { seats, ...first };
}

function compare(a: Quantiles, b: Quantiles, by: keyof Quantiles): number {
  return a[by] - b[by] || a.p50 - b.p50 || a.p99 - b.p99;
}

function inOrder(ranked: readonly Ranked[], bound: number, ranking: Ranking, model: LatencyModel): readonly Ranked[] {
  const { minSigners, rankBy, top } = ranking;
  const fastest = new Map<Ranked, readonly number[]>();
  for (const one of ranked) {
    const { seats, signature } = one;
    if (signature[rankBy] > bound) continue;
    fastest.set(one, [
      signature[rankBy],
      signature.p50,
      signature.p99,
      warnings(seats, minSigners).length,
      worstLeastMs({ ...one, minSigners }, model),
      -fewestHolding(seats, "operator", minSigners),
      -fewestHolding(seats, "country", minSigners),
    ]);
  }
  return [...fastest]
    .sort(([, a], [, b]) => firstDifference(a, b))
    .slice(0, top)
    .map(([one]) => one);
}

/** Of two lists as long as each other. Two that are infinite are equal. */
function firstDifference(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at === -1 ? 0 : a[at]! - b[at]!;
}
