import { describe, expect, test } from "vitest";
import {
  DEFAULT_JITTER,
  distanceKm,
  findRegion,
  MAX_DELAY_FACTOR,
  networkFloorMs,
  oneWayDelayMs,
  PRESETS,
  type PresetName,
  REGIONS,
  roundTripMs,
} from "./index.ts";
import { ROUND_TRIPS } from "./round-trips.ts";

/** mulberry32: a small seeded generator. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe("places", () => {
  test("every region has a row and a column of measured round trips", () => {
    expect(REGIONS.length).toBe(21);
    expect(REGIONS.map((one) => one.code).sort()).toEqual(Object.keys(ROUND_TRIPS).sort());
    for (const row of Object.values(ROUND_TRIPS)) {
      expect(row.length).toBe(REGIONS.length);
      expect(row.every((ms) => ms > 0 && ms < 500)).toBe(true);
    }
  });

  test("names and codes are unique and find the same region", () => {
    expect(new Set(REGIONS.flatMap((one) => [one.name, one.code])).size).toBe(2 * REGIONS.length);
    expect(findRegion("eu-central-1")).toBe(findRegion("frankfurt"));
  });

  test("an unknown region is refused with the names that there are", () => {
    expect(() => findRegion("atlantis")).toThrow(/"atlantis"; the regions are virginia, ohio, .*sydney/);
    expect(() => findRegion("__proto__")).toThrow(/unknown region/);
  });

  test("distances are great circles", () => {
    expect(distanceKm("london", "paris")).toBeCloseTo(344, -1);
    expect(distanceKm("sydney", "sao-paulo")).toBeCloseTo(13350, -2);
    expect(distanceKm("tokyo", "tokyo")).toBe(0);
  });

  test("no signal outruns light in fibre", () => {
    for (const a of REGIONS) {
      for (const b of REGIONS) {
        const fastestMs = (2 * distanceKm(a.name, b.name)) / 204;
        expect(roundTripMs(a.name, b.name), `${a.name} to ${b.name}`).toBeGreaterThanOrEqual(fastestMs);
      }
    }
  });
});

describe("round trips", () => {
  test("do not depend on the direction", () => {
    expect(roundTripMs("virginia", "montreal")).toBe(roundTripMs("montreal", "virginia"));
    expect(roundTripMs("virginia", "us-east-1")).toBe(ROUND_TRIPS["us-east-1"]?.[17]);
  });

  test.each([
    ["eu", 16],
    ["atlantic", 19],
    ["global", 118],
    ["apart", 349],
  ] as const)("the network floor of %s is %i ms", (preset: PresetName, floorMs) => {
    expect(Math.round(networkFloorMs(PRESETS[preset]))).toBe(floorMs);
  });

  test("more signers than regions are refused", () => {
    expect(() => networkFloorMs(PRESETS.eu, 6)).toThrow(RangeError);
  });
});

describe("one-way delay", () => {
  const half = roundTripMs("virginia", "frankfurt") / 2;

  test.each([0, 1])("jitter %i gives exactly half the round trip", (jitter) => {
    const never = () => {
      throw new Error("drew a number");
    };
    expect(oneWayDelayMs("virginia", "frankfurt", jitter, never)).toBe(half);
  });

  test.each([DEFAULT_JITTER, 3])(
    "with jitter %f the 99th percentile is that many medians, and the tail is heavy",
    (jitter) => {
      const uniform = seeded(7);
      const delays = Array.from({ length: 100_000 }, () => oneWayDelayMs("virginia", "frankfurt", jitter, uniform));
      delays.sort((a, b) => a - b);
      const quantile = (q: number) => delays[Math.floor(q * delays.length)]!;
      expect(quantile(0.5) / half).toBeCloseTo(1, 2);
      expect(Math.abs(quantile(0.99) / quantile(0.5) / jitter - 1)).toBeLessThan(0.03);
      // An exponential tail would have about 1.5 here.
      const excess = (q: number) => quantile(q) / quantile(0.5) - 1;
      expect(excess(0.999) / excess(0.99)).toBeGreaterThan(2.5);
      expect(delays[0]! / half).toBeGreaterThan(1 - 0.05 * jitter);
      expect(delays.at(-1)! / half).toBeLessThanOrEqual(MAX_DELAY_FACTOR);
    },
  );

  test("is never longer than the stated bound", () => {
    expect(oneWayDelayMs("virginia", "frankfurt", DEFAULT_JITTER, () => 1 - 2 ** -53)).toBe(MAX_DELAY_FACTOR * half);
  });

  test.each([-1, 0.5, 11, Number.NaN])("jitter %f is refused", (jitter) => {
    expect(() => oneWayDelayMs("virginia", "ohio", jitter, () => 0.5)).toThrow(/0 for none/);
  });
});
