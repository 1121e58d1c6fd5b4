import { cryptoOf, PROFILES, type Profile, run, swarm, warmDisks } from "@quorate/simulator";
import { beforeAll, describe, expect, test } from "vitest";

/** Of each profile: `npm run sim` runs as many as one likes. */
const SEEDS = 25;

// The pairs of the signers are set up once for all runs.
beforeAll(() => {
  for (const signers of [3, 4, 5, 7]) warmDisks(signers, cryptoOf("model"));
}, 180_000);

/** What went wrong in a run, in words. */
function wrong(seed: string, profile: Profile): readonly string[] {
  const { violations, unfinished } = run(swarm(seed, profile, "model"));
  return [...violations.map(({ property, node, text }) => `${property}: ${node}: ${text}`), ...unfinished];
}

describe.each(["stormy", "hostile"] as const)("every promise is kept in %s weather", (profile) => {
  test.each(Array.from({ length: SEEDS }, (_, at) => String(at)))("with seed %s", (seed) => {
    expect(wrong(seed, profile), PROFILES[profile]).toEqual([]);
  });
});
