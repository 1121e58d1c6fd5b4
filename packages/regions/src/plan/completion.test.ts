import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { networkFloorMs, PRESETS, REGIONS, roundTripMs } from "../index.ts";
import { floorOf, nearest } from "./completion.ts";
import type { Form } from "./form.ts";

const region = fc.constantFrom(...REGIONS.map(({ name }) => name));
const sites = fc
  .record({ coordinator: region, signers: fc.array(region, { minLength: 2, maxLength: 6 }), cut: fc.nat() })
  .map(({ cut, ...rest }) => ({ ...rest, minSigners: 2 + (cut % (rest.signers.length - 1)) }));

const POOLED: Form = { scheme: "ECDSA", interactive: false };
const half = (a: string, b: string) => roundTripMs(a, b) / 2;

/** The longest way from the coordinator over `hops` signers after the first and back, tried one by one. */
function longestWay(coordinator: string, set: readonly string[], hops: number): number {
  const from = (at: string, left: number): number => {
    if (left === 0) return half(at, coordinator);
    // Whoever waits for the others has its own part too, without a way.
    return Math.max(
      from(at, left - 1),
      ...set.filter((to) => to !== at).map((to) => half(at, to) + from(to, left - 1)),
    );
  };
  return Math.max(...set.map((first) => half(coordinator, first) + from(first, hops)));
}

describe("the network floor", () => {
  test("of what lies ready is the round trip to the last of the nearest", () => {
    fc.assert(
      fc.property(sites, ({ coordinator, signers, minSigners }) => {
        const trips = signers.map((one) => roundTripMs(coordinator, one)).sort((a, b) => a - b);
        expect(floorOf({ coordinator, signers, minSigners }, POOLED)).toBeCloseTo(trips[minSigners - 1]!, 9);
      }),
    );
  });

  test.each(Object.values(PRESETS))("of a preset from %s is the one that is published", (...signers) => {
    const [coordinator] = signers;
    expect(floorOf({ coordinator, signers, minSigners: 3 }, POOLED)).toBeCloseTo(networkFloorMs(signers), 9);
  });

  test.each<[string, Form, number]>([
    ["two-round EdDSA", { scheme: "EdDSA", interactive: true }, 1],
    ["two-round Schnorr", { scheme: "Schnorr", interactive: true }, 1],
    ["interactive ECDSA", { scheme: "ECDSA", interactive: true }, 3],
  ])("of %s is the longest way of messages that wait for one another", (_, form, hops) => {
    const distinct = fc.uniqueArray(region, { minLength: 3, maxLength: 6 });
    fc.assert(
      fc.property(region, distinct, (coordinator, signers) => {
        const set = nearest({ coordinator, signers, minSigners: 3 }).map((at) => signers[at]!);
        const floor = floorOf({ coordinator, signers, minSigners: 3 }, form);
        expect(floor).toBeCloseTo(longestWay(coordinator, set, hops), 9);
      }),
    );
  });

  test("counts the way between two signers of one region", () => {
    const two = { coordinator: "virginia", signers: ["virginia", "virginia"], minSigners: 2 };
    const within = roundTripMs("virginia", "virginia");
    expect(floorOf(two, { scheme: "EdDSA", interactive: true })).toBeCloseTo(1.5 * within, 9);
  });

  test("is that of the set nearest to the coordinator, in the order in which they are named", () => {
    const chosen = { coordinator: "virginia", signers: ["tokyo", "ohio", "montreal", "ohio"], minSigners: 3 };
    expect(nearest(chosen)).toEqual([1, 3, 2]);
    expect(() => nearest({ ...chosen, minSigners: 5 })).toThrow(RangeError);
  });
});
