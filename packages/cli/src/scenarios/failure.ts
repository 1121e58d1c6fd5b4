import type { ScenarioFile } from "./scenario-file.ts";
import { type Outcome, simulate } from "./simulated.ts";

/**
 * What failed, in a word that stays the same while a scenario gets smaller: a property, `liveness`, an expectation, or `simulator`
 * where that itself failed.
 *
 * @returns `undefined` if nothing did
 */
export function failureOf(file: ScenarioFile): string | undefined {
  try {
    return failureIn(simulate(file));
  } catch {
    return "simulator";
  }
}

/** The same, of a run. */
export function failureIn({ findings, seen }: Outcome): string | undefined {
  const failed = findings.find((one) => one.verdict === "FAILED");
  if (failed === undefined) return undefined;
  if (!/^(all )?properties/.test(failed.expected)) return failed.expected;
  return seen.broken.find(({ what, text }) => failed.text === `${what}: ${text}`)?.what ?? failed.expected;
}
