import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_DELAY_FACTOR, oneWayDelayMs, REGIONS, roundTripMs } from "../index.ts";
import { floorOf, nearest } from "./completion.ts";
import { exchangesOf, type Form } from "./form.ts";
import { LatencyModel, type Workload } from "./latency-model.ts";
import { quantilesOf, Samples } from "./samples.ts";

const POOLED: Form = { scheme: "EdDSA", interactive: false };
const ROUNDS: Form = { scheme: "ECDSA", interactive: true };
const workload: Workload = { form: POOLED, users: [], userTrips: 3, jitter: 1.5 };
const users = [
  { region: "london", weight: 3 },
  { region: "tokyo", weight: 1 },
];
const sites = { coordinator: "virginia", signers: ["frankfurt", "ohio", "virginia", "oregon"], minSigners: 3 };
const region = fc.constantFrom(...REGIONS.map(({ name }) => name));

describe("samples", () => {
  test("hold each quantile once in every column, each column in an order of its own, the same every time", () => {
    const [one, again] = [new Samples(1.5), new Samples(1.5)];
    expect(one.column(3)).toEqual(again.column(3));
    expect(one.column(3)).not.toEqual(one.column(4));
    expect(one.column(3).slice().sort()).toEqual(one.column(4).slice().sort());
    expect(Math.min(...one.column(0))).toBeGreaterThanOrEqual(one.least);
    expect(Math.max(...one.column(0))).toBeLessThanOrEqual(MAX_DELAY_FACTOR);
  });

  test.each([-1, 0.5, 11, Number.NaN])("are refused for jitter %f", (jitter) => {
    expect(() => new Samples(jitter)).toThrow(/0 for none/);
  });

  test("have the quantiles that sorting finds", () => {
    const times = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(times, (values) => {
        const sorted = values.toSorted((a, b) => a - b);
        const rank = (quantile: number) => sorted[Math.ceil(quantile * values.length) - 1];
        expect(quantilesOf(Float64Array.from(values))).toEqual({ p50: rank(0.5), p99: rank(0.99) });
      }),
    );
  });
});

/** A signature that waits for messages one by one, with delays drawn as the network draws them. */
function drawn({ form, users: [user], userTrips }: Workload, uniform: () => number): number {
  const { coordinator, signers } = sites;
  const set = nearest(sites).map((at) => signers[at]!);
  const way = (a: string, b: string) => oneWayDelayMs(a, b, 1.5, uniform);
  let ready = set.map((one) => way(coordinator, one));
  for (let exchange = 0; exchange < exchangesOf(form); exchange++) {
    ready = set.map((to, self) => Math.max(...set.map((from, at) => ready[at]! + (at === self ? 0 : way(from, to)))));
  }
  let time = Math.max(...set.map((one, at) => ready[at]! + way(one, coordinator)));
  for (let trip = 0; user !== undefined && trip < 2 * userTrips; trip++) time += way(user.region, coordinator);
  return time;
}

describe("the time of a signature", () => {
  test.each([
    ["from what lies ready", { ...workload }],
    ["from what lies ready, for users far away", { ...workload, users: users.slice(0, 1) }],
    ["by all rounds", { ...workload, form: ROUNDS }],
  ])("%s has the median and the tail of delays drawn one by one", (_, wanted) => {
    // A multiplicative congruential generator, not the one of the model.
    let state = 12345;
    const uniform = () => {
      state = (state * 48271) % 2147483647;
      return state / 2147483647;
    };
    const times = quantilesOf(Float64Array.from({ length: 80_000 }, () => drawn(wanted, uniform)));
    const computed = new LatencyModel(wanted).of(sites);
    expect(Math.abs(computed.p50 / times.p50 - 1)).toBeLessThan(0.005);
    expect(Math.abs(computed.p99 / times.p99 - 1)).toBeLessThan(0.02);
  });

  test.each([0, 1])("without jitter (%i) is the floor and the users' round trips, by weight", (jitter) => {
    const ways = 3 * (0.75 * roundTripMs("london", "virginia") + 0.25 * roundTripMs("tokyo", "virginia"));
    const { p50, p99 } = new LatencyModel({ ...workload, users, jitter, form: ROUNDS }).of(sites);
    expect(p50).toBeCloseTo(ways + floorOf(sites, ROUNDS), 9);
    expect(p99).toBe(p50);
  });

  test("is that of each group of users, averaged by weight", () => {
    const model = new LatencyModel({ ...workload, users });
    const [london, tokyo] = model.byGroup(sites);
    expect(model.of(sites).p99).toBeCloseTo(0.75 * london!.p99 + 0.25 * tokyo!.p99, 9);
  });

  test("is never below the least, and never longer for who is nearer everywhere", () => {
    const models = [POOLED, ROUNDS].map((form) => new LatencyModel({ ...workload, users, form }));
    const signers = fc.array(region, { minLength: 3, maxLength: 5 });
    fc.assert(
      fc.property(region, signers, region, (coordinator, some, more) => {
        for (const [at, model] of models.entries()) {
          const times = model.of({ coordinator, signers: some, minSigners: 3 });
          expect(model.leastMs({ coordinator, signers: some, minSigners: 3 })).toBeLessThanOrEqual(times.p50);
          expect(times.p50).toBeLessThanOrEqual(times.p99);
          // One more signer to choose from: pooled signatures cannot become slower.
          const wider = model.of({ coordinator, signers: [...some, more], minSigners: 3 });
          if (at === 0) expect(wider.p50).toBeLessThanOrEqual(times.p50);
          if (at === 0) expect(wider.p99).toBeLessThanOrEqual(times.p99);
        }
      }),
      { numRuns: 20 },
    );
  });
});
