import { roundTripMs } from "../latency.ts";
import { exchangesOf, type Form } from "./form.ts";

/** Where a coordinator and the signers of a key are, by region; several may be in one. */
export interface Sites {
  readonly coordinator: string;
  readonly signers: readonly string[];
  readonly minSigners: number;
}

/** Median one-way delays between a coordinator and the signers of a set, milliseconds. */
export interface Delays {
  readonly toCoordinator: readonly number[];
  /** Row and column in the order of the set. */
  readonly among: readonly (readonly number[])[];
}

/**
 * The signing set that a coordinator chooses while all are well: the `minSigners` nearest to itself, whatever the distances
 * between them; of two equally near the one that is named first.
 *
 * @returns indices of signers, nearest first
 * @throws RangeError for more signers than there are
 */
export function nearest({ coordinator, signers, minSigners }: Sites): readonly number[] {
  if (minSigners > signers.length) throw new RangeError(`${minSigners} signers do not fit in ${signers.length} places`);
  const trips = signers.map((region) => roundTripMs(coordinator, region));
  const set: number[] = [];
  while (set.length < minSigners) {
    let next = 0;
    for (const [at, trip] of trips.entries()) if (trip < trips[next]!) next = at;
    set.push(next);
    trips[next] = Number.POSITIVE_INFINITY;
  }
  return set;
}

/** @param set the regions of the signers of a set */
export function delaysOf(coordinator: string, set: readonly string[]): Delays {
  return {
    toCoordinator: set.map((region) => roundTripMs(coordinator, region) / 2),
    among: set.map((from) => set.map((to) => roundTripMs(from, to) / 2)),
  };
}

/** Draws of how much one delay after the other departs from its median: for each delay as many as there are signatures tried. */
export interface Factors {
  readonly count: number;
  column(at: number): Float64Array;
}

/** Every delay at its median. */
export const MEDIANS: Factors = { count: 1, column: () => Float64Array.of(1) };

/**
 * When the last answer of a set is back at the coordinator, counted from when it sent the orders. A signer sends the first of its
 * messages once it has its order, each further one once it has the message before from all others, and its answer after the last.
 *
 * @param exchanges see `exchangesOf`
 * @param first the column of the first delay; the others have those that follow
 * @returns milliseconds, one for each draw
 */
export function completionMs(delays: Delays, exchanges: number, factors: Factors, first = 0): Float64Array {
  const { toCoordinator, among } = delays;
  const { count } = factors;
  let next = first;
  let ready = toCoordinator.map((delay) => factors.column(next++).map((factor) => delay * factor));
  for (let exchange = 0; exchange < exchanges; exchange++) {
    ready = among.map((row, self) => {
      const last = ready[self]!.slice();
      for (const [from, delay] of row.entries()) {
        if (from !== self) later(last, ready[from]!, delay, factors.column(next++));
      }
      return last;
    });
  }
  const end = new Float64Array(count);
  for (const [at, delay] of toCoordinator.entries()) later(end, ready[at]!, delay, factors.column(next++));
  return end;
}

/** Moves each of `last` to when a message has arrived that left at `sent`, if that is later. */
function later(last: Float64Array, sent: Float64Array, delay: number, factor: Float64Array): void {
  for (let draw = 0; draw < last.length; draw++) {
    const arrival = sent[draw]! + delay * factor[draw]!;
    if (arrival > last[draw]!) last[draw] = arrival;
  }
}

/**
 * The network floor of a signature: the time from the coordinator's orders to the last answer of the set that it chooses, with every
 * delay at its median (jitter 0) and computing for nothing. The way between user and coordinator is no part of it. For what lies
 * ready this is the round trip to the farthest of the `minSigners` nearest.
 *
 * @returns milliseconds
 * @throws UnknownRegionError, RangeError for more signers than there are
 */
export function floorOf(sites: Sites, form: Form): number {
  const set = nearest(sites).map((at) => sites.signers[at]!);
  return completionMs(delaysOf(sites.coordinator, set), exchangesOf(form), MEDIANS)[0]!;
}
