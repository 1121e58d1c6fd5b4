import { cryptoOf, type Profile, run, swarm, warmDisks } from "@quorate/simulator";
import { beforeAll, describe, expect, test } from "vitest";

/** Of each profile: `npm run sim` runs as many as one likes. */
const SEEDS = 25;

/** A run waits for nothing, and takes what it takes. */
const TIMEOUT_MS = 180_000;

// The pairs of the signers are set up once for all runs.
beforeAll(() => {
  for (const signers of [3, 4, 5, 7]) warmDisks(signers, cryptoOf("model"));
}, TIMEOUT_MS);

/** Seeds that once broke a promise, and what it was. */
const FOUND: readonly (readonly [string, string])[] = [
  [
    "100033",
    "a signer whose disk was put back while a pair was set up joined the same setup again, and seemed to say two things in it",
  ],
  [
    "200467",
    "a signer whose disk was put back while a key was made was given the order again, and was found guilty of equivocation",
  ],
  ["301003", "a signer whose clock was set forward gave an answer again to an order that had expired for it"],
  [
    "302965",
    "a signer gave its answer again after the record that had bound it was damaged, and was taken for unbound",
  ],
  ["305771", "a disk that got quicker kept what came later and lost what came before, in a crash"],
  ["300461", "a signer that had to catch up after it was slow counted as one that hears at once"],
  ["406807", "a signer that was slow in a flood stayed slow for a minute, long after the fault had ended"],
  ["402663", "and so did one that was paused between two looks at its tables"],
  [
    "3001764",
    "the watcher for the threshold took a set that a coordinator had told one signer too late for that of another's presignature",
  ],
  ["1002284", "what signers said of their keys to a coordinator that came back was lost, and never said again"],
];

describe.each(["stormy", "hostile"] as const)("every promise is kept in %s weather", (profile) => {
  test.each(Array.from({ length: SEEDS }, (_, at) => String(at)))(
    "with seed %s, and the run is the same twice",
    (seed) => {
      const hash = kept(seed, profile);
      expect(kept(seed, profile)).toBe(hash);
    },
    TIMEOUT_MS,
  );
});

describe("every promise is kept in hostile weather once more", () => {
  test.each(FOUND)("with seed %s, of which came: %s", (seed) => void kept(seed, "hostile"), TIMEOUT_MS);
});

/** Runs a seed. @returns the hash of all that happened */
function kept(seed: string, profile: Profile): string {
  const { violations, unfinished, hash } = run(swarm(seed, profile, "model"));
  const wrong = [...violations.map(({ property, node, text }) => `${property}: ${node}: ${text}`), ...unfinished];
  expect(wrong, `to run it again: npx quorate fuzz --seeds 1 --from ${seed} --profile ${profile}`).toEqual([]);
  return hash;
}
