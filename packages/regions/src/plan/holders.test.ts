import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Candidate, countPlacements, DOMAINS, placements, type Seat, seatsOf } from "./candidate.ts";
import { mostHeld, smallestSets } from "./holders.ts";
import { warnings } from "./warnings.ts";

const region = fc.constantFrom("virginia", "ohio", "montreal", "frankfurt", "london");
const operator = fc.constantFrom("a", "b", "c");
const seats = fc.array(fc.record({ region, operator }), { minLength: 2, maxLength: 7 }).map((some) =>
  seatsOf(
    some.map((one) => ({ ...one, count: 1 })),
    [...some.keys()],
  ),
);

function subsets<T>(of: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: 2 ** of.length }, (_, bits) => of.filter((_, at) => (bits >> at) & 1));
}

/** Every set of names of one kind, with the signers that it holds. */
function holders(all: readonly Seat[], domain: (typeof DOMAINS)[number]) {
  const names = [...new Set(all.map((seat) => seat[domain]))];
  return subsets(names).map((set) => ({ set, held: all.filter((seat) => set.includes(seat[domain])).length }));
}

describe("placements", () => {
  const candidates = fc.array(fc.record({ region, operator, count: fc.integer({ min: 1, max: 3 }) }), {
    minLength: 1,
    maxLength: 5,
  });

  test("are as many as are counted, all different, and none has more at a candidate than may be", () => {
    fc.assert(
      fc.property(candidates, fc.integer({ min: 1, max: 6 }), (some: readonly Candidate[], maxSigners) => {
        const all = [...placements(some, maxSigners)];
        expect(all.length).toBe(countPlacements(some, maxSigners));
        expect(new Set(all.map((one) => one.join())).size).toBe(all.length);
        for (const one of all) {
          expect(one.length).toBe(maxSigners);
          for (const [at, { count }] of some.entries()) {
            expect(one.filter((chosen) => chosen === at).length).toBeLessThanOrEqual(count);
          }
        }
      }),
    );
  });

  test("name signers after their regions, and give those without an operator one each", () => {
    const some = [
      { region: "ohio", count: 2 },
      { region: "ohio", operator: "a", count: 1 },
    ];
    expect(seatsOf(some, [0, 0, 1]).map((seat) => [seat.name, seat.operator, seat.country])).toEqual([
      ["ohio", "ohio", "US"],
      ["ohio-2", "ohio-2", "US"],
      ["ohio-3", "a", "US"],
    ]);
  });
});

describe("who holds too much", () => {
  test("the smallest sets are all of the fewest that hold enough, as trying every set finds them", () => {
    fc.assert(
      fc.property(seats, fc.nat(), (all, cut) => {
        const needed = 1 + (cut % all.length);
        for (const domain of DOMAINS) {
          const enough = holders(all, domain).filter(({ held }) => held >= needed);
          const size = Math.min(...enough.map(({ set }) => set.length));
          const smallest = enough.filter(({ set }) => set.length === size);
          const found = smallestSets(all, domain, needed);
          expect([found.size, found.total]).toEqual([size, smallest.length]);
          const sorted = (sets: readonly (readonly string[])[]) => sets.map((set) => set.toSorted().join()).sort();
          expect(sorted(found.sets)).toEqual(sorted(smallest.map(({ set }) => set)));
          expect(found.any).toBe(holders(all, domain).every(({ set, held }) => set.length !== size || held >= needed));
        }
      }),
    );
  });

  test("the loss of some takes at most as many signers as the largest of them hold", () => {
    fc.assert(
      fc.property(seats, fc.nat(4), (all, count) => {
        for (const domain of DOMAINS) {
          const lost = holders(all, domain).filter(({ set }) => set.length <= count);
          expect(mostHeld(all, domain, count)).toBe(Math.max(...lost.map(({ held }) => held)));
        }
      }),
    );
  });

  test("a warning names exactly those without whom nothing is signed, and those who need nobody", () => {
    fc.assert(
      fc.property(seats, fc.nat(), (all, cut) => {
        const minSigners = 1 + (cut % all.length);
        const expected = DOMAINS.flatMap((domain) =>
          holders(all, domain)
            .filter(({ set }) => set.length === 1)
            .map(({ set: [name], held }) => ({ domain, name, signers: held }))
            .filter(({ signers }) => signers >= minSigners || signers >= all.length - minSigners + 1),
        );
        const found = warnings(all, minSigners);
        expect(found.map(({ domain, name, signers }) => ({ domain, name, signers }))).toEqual(expected);
        for (const { signers, signsAlone, blocksAlone } of found) {
          expect(signsAlone).toBe(signers >= minSigners);
          expect(blocksAlone).toBe(signers >= all.length - minSigners + 1);
        }
      }),
    );
  });
});
