import { checkJitter, delayFactor } from "../latency.ts";

/** How many draws stand for a delay: enough for a 99th percentile that another draw moves by less than one in a hundred. */
const COUNT = 8192;

/** mulberry32: a small seeded generator of numbers in [0, 1). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Draws of how much delays depart from their medians, the same at every call: column k is what the k-th delay of a signature does
 * in each of `count` signatures. Every column holds each quantile of the distribution once, in an order of its own (Latin
 * hypercube sampling), so that tails are met as often as they should be. That all placements are tried with the same draws makes
 * the shorter way the faster one in every one of them.
 */
export class Samples {
  /** 1 without jitter: nothing varies. */
  readonly count: number;
  /** No draw is below it. */
  readonly least: number;
  readonly #jitter: number;
  readonly #columns: Float64Array[] = [];

  /** @param jitter p99 over p50 of a one-way delay @throws RangeError */
  constructor(jitter: number) {
    checkJitter(jitter);
    this.#jitter = jitter;
    this.count = jitter <= 1 ? 1 : COUNT;
    this.least = delayFactor(jitter, 0);
  }

  column(at: number): Float64Array {
    this.#columns[at] ??= this.#draw(at);
    return this.#columns[at];
  }

  #draw(at: number): Float64Array {
    const { count } = this;
    const column = Float64Array.from({ length: count }, (_, rank) => delayFactor(this.#jitter, (rank + 0.5) / count));
    const random = seeded(at + 1);
    for (let last = count - 1; last > 0; last--) {
      const other = Math.floor(random() * (last + 1));
      [column[last], column[other]] = [column[other]!, column[last]!];
    }
    return column;
  }
}

/** Median and 99th percentile of a time, milliseconds. */
export interface Quantiles {
  readonly p50: number;
  readonly p99: number;
}

/** @param values put into another order */
export function quantilesOf(values: Float64Array): Quantiles {
  const rank = (quantile: number) => Math.max(0, Math.ceil(quantile * values.length) - 1);
  const p50 = select(values, rank(0.5), 0);
  return { p50, p99: select(values, rank(0.99), rank(0.5)) };
}

/** The value of a rank among those from `low` on, of which none is below one before it (quickselect, Hoare). */
function select(values: Float64Array, rank: number, low: number): number {
  let high = values.length - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1]!;
    let [left, right] = [low, high];
    while (left <= right) {
      while (values[left]! < pivot) left++;
      while (values[right]! > pivot) right--;
      if (left > right) break;
      const swapped = values[left]!;
      values[left++] = values[right]!;
      values[right--] = swapped;
    }
    if (rank <= right) high = right;
    else if (rank >= left) low = left;
    else break;
  }
  return values[rank]!;
}
