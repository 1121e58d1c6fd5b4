import { findRegion, UnknownRegionError } from "./places.ts";
import { ROUND_TRIPS } from "./round-trips.ts";

const CODES = Object.keys(ROUND_TRIPS);
/** Where a region, by name or by code, stands in `TRIPS`. */
const AT = new Map(CODES.flatMap((code, at) => [[code, at] as const, [findRegion(code).name, at] as const]));
/** Means of both directions, milliseconds, row by row. */
const TRIPS = Float64Array.from({ length: CODES.length ** 2 }, (_, cell) => {
  const [from, to] = [Math.floor(cell / CODES.length), cell % CODES.length];
  return (ROUND_TRIPS[CODES[from]!]![to]! + ROUND_TRIPS[CODES[to]!]![from]!) / 2;
});

/**
 * Round trip between two regions, milliseconds. The published matrix differs a little by direction, and a round trip is a
 * property of the pair: this is the mean of both directions. Within one region: the published figure between two machines there.
 *
 * @throws UnknownRegionError
 */
export function roundTripMs(a: string, b: string): number {
  const [from, to] = [AT.get(a) ?? unknown(a), AT.get(b) ?? unknown(b)];
  return TRIPS[from * CODES.length + to]!;
}

function unknown(region: string): never {
  throw new UnknownRegionError(region);
}

/** Where five signers can be. The coordinator sits in the first region. */
export const PRESETS = {
  eu: ["frankfurt", "ireland", "london", "paris", "stockholm"],
  atlantic: ["virginia", "ohio", "montreal", "ireland", "frankfurt"],
  global: ["virginia", "frankfurt", "singapore", "tokyo", "sao-paulo"],
  apart: ["cape-town", "sydney", "sao-paulo", "seoul", "stockholm"],
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type PresetName = keyof typeof PRESETS;
export const DEFAULT_PRESET: PresetName = "atlantic";

/**
 * The least time in which a coordinator in the first region can hear from `minSigners` signers, one in each region:
 * one round trip to the last of the nearest. Milliseconds.
 */
export function networkFloorMs(regions: readonly string[], minSigners = 3): number {
  const trips = regions.map((region) => roundTripMs(regions[0]!, region)).sort((a, b) => a - b);
  const floor = trips[minSigners - 1];
  if (floor === undefined) throw new RangeError(`${minSigners} signers do not fit in ${regions.length} regions`);
  return floor;
}

/** p99 over p50 of the one-way delay unless told otherwise. */
export const DEFAULT_JITTER = 1.5;
/** No delay is longer than this many medians, so that time-outs can be bounded. */
export const MAX_DELAY_FACTOR = 10;

/**
 * How much longer than the median a one-way delay is: a generalised Pareto quantile with tail index 2 (the mean exists, the
 * variance does not), 1 at the median and `jitter` at the 99th percentile. Like measured paths it has a hard floor just under the
 * median (0.98 at 1.5) and rare long delays (2.8 at the 99.9th percentile).
 *
 * @param jitter p99 over p50, from 1 to `MAX_DELAY_FACTOR`; 0 for none
 * @param quantile in [0, 1)
 */
export function delayFactor(jitter: number, quantile: number): number {
  if (jitter <= 1) return 1;
  const tail = (rank: number) => (2 * (1 - rank)) ** -0.5 - 1;
  return Math.min(1 + ((jitter - 1) * tail(quantile)) / tail(0.99), MAX_DELAY_FACTOR);
}

/**
 * A one-way delay between two regions: half the round trip times a random factor.
 *
 * @param jitter p99 over p50; 0 or 1 turns it off and gives exactly half the round trip
 * @param uniform numbers in [0, 1)
 * @returns milliseconds
 * @throws RangeError for a jitter that is neither 0 nor from 1 to `MAX_DELAY_FACTOR`
 */
export function oneWayDelayMs(a: string, b: string, jitter: number, uniform: () => number): number {
  checkJitter(jitter);
  const half = roundTripMs(a, b) / 2;
  return jitter <= 1 ? half : half * delayFactor(jitter, uniform());
}

/** @throws RangeError for a jitter that is neither 0 nor from 1 to `MAX_DELAY_FACTOR` */
export function checkJitter(jitter: number): void {
  if (jitter === 0 || (jitter >= 1 && jitter <= MAX_DELAY_FACTOR)) return;
  throw new RangeError(`jitter ${jitter}: 0 for none, or from 1 to ${MAX_DELAY_FACTOR}`);
}
