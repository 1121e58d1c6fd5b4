import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Candidate, DOMAINS, type Domain, type Seat } from "./candidate.ts";
import { LatencyModel } from "./latency-model.ts";
import { type Planned, plan } from "./plan.ts";
import { PlanError, type PlanQuestion } from "./question.ts";

const QUESTION: PlanQuestion = {
  candidates: ["virginia", "ohio", "montreal", "ireland", "frankfurt", "london"].map((region) => ({
    region,
    count: 1,
  })),
  maxSigners: 5,
  minSigners: 3,
  users: [
    { region: "virginia", weight: 60 },
    { region: "frankfurt", weight: 40 },
  ],
  survive: {},
  form: { scheme: "EdDSA", interactive: false },
  rankBy: "p50",
  top: 3,
  jitter: 1.5,
  userTrips: 3,
};

const region = fc.constantFrom("virginia", "ohio", "ireland", "frankfurt", "tokyo", "sydney");
const candidates = fc.uniqueArray(
  fc.record({ region, operator: fc.constantFrom("a", "b", "c"), count: fc.integer({ min: 1, max: 2 }) }),
  { minLength: 4, maxLength: 6, selector: ({ region: where, operator }) => `${where}@${operator}` },
);
const question = fc.record({
  candidates,
  maxSigners: fc.constantFrom(3, 4),
  minSigners: fc.constantFrom(2, 3),
  users: fc.uniqueArray(fc.record({ region, weight: fc.integer({ min: 1, max: 9 }) }), {
    maxLength: 2,
    selector: (group) => group.region,
  }),
  survive: fc.record({
    region: fc.constantFrom(0, 1),
    operator: fc.constantFrom(0, 1),
    country: fc.constantFrom(0, 1),
  }),
  form: fc.record({ scheme: fc.constantFrom("EdDSA" as const, "ECDSA" as const), interactive: fc.boolean() }),
  rankBy: fc.constantFrom("p50" as const, "p99" as const),
  top: fc.constantFrom(1, 4),
  jitter: fc.constantFrom(0, 1.5),
  userTrips: fc.constantFrom(1, 3),
});

/** Every way to hand `left` signers to the candidates. */
function handedOut(some: readonly Candidate[], left: number): readonly (readonly Candidate[])[] {
  const [first, ...rest] = some;
  if (first === undefined) return left === 0 ? [[]] : [];
  const counts = Array.from({ length: Math.min(first.count, left) + 1 }, (_, count) => count);
  return counts.flatMap((count) =>
    handedOut(rest, left - count).map((others) => [...Array.from({ length: count }, () => first), ...others]),
  );
}

/** Whether `minSigners` are left after the loss of any `count` of a kind, each tried. */
function outlives(seats: readonly Pick<Seat, Domain>[], domain: Domain, count: number, minSigners: number): boolean {
  if (seats.length < minSigners) return false;
  if (count === 0) return true;
  const names = [...new Set(seats.map((seat) => seat[domain]))];
  return names.every((name) =>
    outlives(
      seats.filter((seat) => seat[domain] !== name),
      domain,
      count - 1,
      minSigners,
    ),
  );
}

const COUNTRIES: Readonly<Record<string, string>> = {
  ...{ virginia: "US", ohio: "US", ireland: "IE", frankfurt: "DE", tokyo: "JP", sydney: "AU" },
};

/** The times of the best, found by computing every placement with every coordinator. */
function byForce(asked: PlanQuestion): readonly number[] {
  const { maxSigners, minSigners, rankBy, survive } = asked;
  const model = new LatencyModel(asked);
  const times = handedOut(asked.candidates, maxSigners)
    .filter((placement) => {
      const seats = placement.map((one) => ({ ...one, operator: one.operator!, country: COUNTRIES[one.region]! }));
      return DOMAINS.every((domain) => outlives(seats, domain, survive[domain] ?? 0, minSigners));
    })
    .map((placement) => {
      const signers = placement.map((one) => one.region);
      return Math.min(...signers.map((coordinator) => model.of({ coordinator, signers, minSigners })[rankBy]));
    });
  return times.sort((a, b) => a - b);
}

describe("the best placements", () => {
  test("are those that computing every one finds, and each survives what it is to survive", () => {
    fc.assert(
      fc.property(question, (asked) => {
        fc.pre(asked.candidates.reduce((sum, { count }) => sum + count, 0) >= asked.maxSigners);
        const times = byForce(asked);
        fc.pre(times.length > 0);
        const found = plan(asked);
        expect(found.surviving).toBe(times.length);
        const best = found.placements.map(({ signature }) => signature[asked.rankBy]);
        expect(best).toEqual(times.slice(0, asked.top));
        for (const { seats } of found.placements) {
          for (const domain of DOMAINS) {
            expect(outlives(seats, domain, asked.survive[domain], asked.minSigners)).toBe(true);
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  test("are the same at every call", () => expect(plan(QUESTION)).toEqual(plan(QUESTION)));

  test("do not change when all weights are multiplied, nor with the names by which regions are called", () => {
    const doubled = plan({ ...QUESTION, users: QUESTION.users.map((one) => ({ ...one, weight: 2 * one.weight })) });
    const seats = (found: { readonly placements: readonly Planned[] }) => found.placements.map((one) => one.seats);
    expect(seats(doubled)).toEqual(seats(plan(QUESTION)));
    const coded = QUESTION.candidates.map((one) => (one.region === "virginia" ? { ...one, region: "us-east-1" } : one));
    expect(seats(plan({ ...QUESTION, candidates: coded }))).toEqual(seats(plan(QUESTION)));
  });

  test("serve users no worse the more weight they have", () => {
    const weights = fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 }));
    fc.assert(
      fc.property(weights, region, region, (pair, one, other) => {
        fc.pre(one !== other);
        const [less, more] = pair.toSorted((a, b) => a - b) as [number, number];
        const served = (weight: number) => {
          const users = [
            { region: one, weight },
            { region: other, weight: 20 },
          ];
          return plan({ ...QUESTION, users, top: 1 }).placements[0]!.users[0]!.p50;
        };
        expect(served(more)).toBeLessThanOrEqual(served(less) + 1e-9);
      }),
      { numRuns: 8 },
    );
  });

  test("that are equally fast come in the order of what can be done alone, then of their worst loss", () => {
    const nearby = [
      { region: "virginia", count: 3 },
      { region: "ohio", count: 1 },
      { region: "montreal", count: 1 },
    ];
    const spread = [...nearby, { region: "ireland", count: 1 }, { region: "sydney", count: 1 }];
    const users = [{ region: "virginia", weight: 1 }];
    const [first] = plan({
      ...QUESTION,
      candidates: spread,
      users,
      survive: { region: 1 },
      coordinator: "virginia",
    }).placements;
    const counts = first!.seats.map((seat) => seat.region);
    // Two in virginia and one in ohio sign. With montreal and ireland beside them no country holds three.
    expect(counts).toEqual(["virginia", "virginia", "ohio", "montreal", "ireland"]);
  });
});

describe("what is said of a placement", () => {
  const operators = ["a", "b", "c", "a", "b", "c"];
  const named = QUESTION.candidates.map((one, at) => ({ ...one, operator: operators[at]! }));
  const [best] = plan({ ...QUESTION, candidates: named, top: 1 }).placements;

  test("each loss leaves those that are not lost, and signing goes on with enough of them", () => {
    for (const { domain, name, lost, left, signs, changes, signature } of best!.losses) {
      const rest = best!.seats.filter((seat) => seat[domain] !== name);
      expect(lost).toEqual(best!.seats.filter((seat) => seat[domain] === name).map((seat) => seat.name));
      expect([left, signs, changes]).toEqual([rest.length, rest.length >= 3, rest.length >= 4]);
      expect(signature === null).toBe(!signs);
    }
    const names = best!.losses.map(({ domain, name }) => `${domain} ${name}`);
    expect(names).toEqual(expect.arrayContaining(["region virginia", "operator a", "country US", "country DE"]));
  });

  test("a loss without the coordinator and its quorum costs nothing, and none makes signing faster", () => {
    const { signature, quorum, coordinator } = best!;
    for (const loss of best!.losses) {
      if (loss.signature === null) continue;
      expect(loss.signature.p50).toBeGreaterThanOrEqual(signature.p50 - 1e-9);
      const touched = loss.lost.some((name) => quorum.includes(name)) || loss.coordinator !== coordinator;
      if (!touched) expect(loss.signature).toEqual(signature);
    }
  });

  test("a coordinator that is lost moves to where the others sign fastest", () => {
    const alone = plan({ ...QUESTION, coordinator: "virginia", top: 1 }).placements[0]!;
    const loss = alone.losses.find(({ domain, name }) => domain === "region" && name === "virginia")!;
    const left = alone.seats.filter((seat) => seat.region !== "virginia").map((seat) => seat.region);
    const model = new LatencyModel(QUESTION);
    const times = left.map((coordinator) => model.of({ coordinator, signers: left, minSigners: 3 }).p50);
    expect(loss.signature!.p50).toBe(Math.min(...times));
    expect(left).toContain(loss.coordinator);
  });

  test("a coordinator far from all signers is lost with its region and its country, and no signer with it", () => {
    const [far] = plan({ ...QUESTION, coordinator: "tokyo", top: 1 }).placements;
    for (const name of ["tokyo", "JP"]) {
      const loss = far!.losses.find((one) => one.name === name);
      expect(loss).toMatchObject({ lost: [], left: 5, signs: true });
      expect(loss!.coordinator).not.toBe("tokyo");
    }
  });

  test("a loss that leaves too few stops signing", () => {
    const two = [
      { region: "virginia", operator: "a", count: 3 },
      { region: "ohio", operator: "b", count: 2 },
    ];
    const [only] = plan({ ...QUESTION, candidates: two }).placements;
    const loss = only!.losses.find(({ name }) => name === "a");
    expect(loss).toMatchObject({ left: 2, signs: false, changes: false, coordinator: null, signature: null });
    expect(only!.warnings.map(({ domain, name, signers }) => [domain, name, signers])).toEqual([
      ["region", "virginia", 3],
      ["operator", "a", 3],
      ["country", "US", 5],
    ]);
  });
});

describe("a question is refused with its field and the way out", () => {
  const all = Array.from({ length: 15 }, (_, at) => ({ region: "ohio", operator: `o${at}`, count: 15 }));
  test.each<[Partial<PlanQuestion>, keyof PlanQuestion, RegExp]>([
    [{ maxSigners: 1 }, "maxSigners", /1 does not fit/],
    [{ maxSigners: 16 }, "maxSigners", /16 does not fit/],
    [{ minSigners: 6 }, "minSigners", /6 does not fit/],
    [{ minSigners: 2.5 }, "minSigners", /2.5 does not fit/],
    [{ userTrips: 0 }, "userTrips", /0 does not fit/],
    [{ top: 0 }, "top", /0 does not fit/],
    [{ jitter: 0.5 }, "jitter", /0.5 is no jitter/],
    [{ coordinator: "atlantis" }, "coordinator", /unknown region "atlantis"/],
    [{ users: [{ region: "atlantis", weight: 1 }] }, "users", /unknown region/],
    [{ users: [{ region: "ohio", weight: 0 }] }, "users", /ohio has weight 0/],
    [{ users: [...QUESTION.users, ...QUESTION.users] }, "users", /virginia is there twice/],
    [{ survive: { region: 1.5 } }, "survive", /1.5 does not fit/],
    [
      { survive: { region: 3 } },
      "survive",
      /none of the 6 placements keeps 3 of 5 signers: region=3 alone is survived by 0/,
    ],
    [{ candidates: QUESTION.candidates.slice(1, 5) }, "candidates", /room for 4 signers where 5 are to be placed/],
    [{ candidates: [...QUESTION.candidates, ...QUESTION.candidates] }, "candidates", /virginia is there twice/],
    [{ candidates: [{ region: "atlantis", count: 5 }] }, "candidates", /unknown region/],
    [{ candidates: [{ region: "ohio", count: 0 }] }, "candidates", /ohio has count 0/],
    [{ candidates: [{ region: "ohio", operator: "a b\n", count: 5 }] }, "candidates", /no name of an operator/],
    [{ candidates: [{ region: "ohio", operator: "tokyo-2", count: 5 }] }, "candidates", /called like a region/],
    [{ candidates: [{ region: "ohio", operator: "us-east-1", count: 5 }] }, "candidates", /called like a region/],
    [{ candidates: all, maxSigners: 15 }, "candidates", /placements of 15 signers are possible, at most 100000/],
  ])("%j: %s", (change, field, problem) => {
    const refused = () => plan({ ...QUESTION, ...change });
    expect(refused).toThrow(problem);
    try {
      refused();
    } catch (error) {
      expect(error).toBeInstanceOf(PlanError);
      expect((error as PlanError).field).toBe(field);
      expect((error as PlanError).hint).not.toBe("");
    }
  });
});
