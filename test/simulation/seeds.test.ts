import { cryptoOf, run, swarm, warmDisks } from "@quorate/simulator";
import { beforeAll, describe, expect, test } from "vitest";

/** Of each profile: `npm run sim` runs as many as one likes. */
const SEEDS = 25;

// The pairs of the signers are set up once for all runs.
beforeAll(() => {
  for (const signers of [3, 4, 5, 7]) warmDisks(signers, cryptoOf("model"));
}, 180_000);

describe.each(["stormy", "hostile"] as const)("every promise is kept in %s weather", (profile) => {
  test.each(Array.from({ length: SEEDS }, (_, at) => String(at)))(
    "with seed %s, and the run is the same twice",
    (seed) => {
      const scenario = swarm(seed, profile, "model");
      const { violations, unfinished, hash } = run(scenario);
      const wrong = [...violations.map(({ property, node, text }) => `${property}: ${node}: ${text}`), ...unfinished];
      const again = `to run it again: npx quorate fuzz --seeds 1 --from ${seed} --profile ${profile}`;
      expect(wrong, again).toEqual([]);
      expect(run(scenario).hash, again).toBe(hash);
    },
  );
});
