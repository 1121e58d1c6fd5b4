import { faultText } from "@quorate/faults";
import { type RunReport, run, type Scenario, type TraceLine } from "@quorate/simulator";
import { ALL_PROPERTIES, type Finding, judge, type Observed, skipped } from "./expectation.ts";
import { possibleOn } from "./layer.ts";
import type { ScenarioFile } from "./scenario-file.ts";

/** What came of a scenario, on any layer. */
export interface Outcome {
  readonly seen: Observed;
  readonly findings: readonly Finding[];
  /** Facts for a machine. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Runs a scenario in virtual time. @param keep what is done with each line of the trace */
export function simulate({ scenario, expect }: ScenarioFile, keep?: (line: TraceLine) => void): Outcome {
  const { possible, skips } = possibleOn("simulator", scenario);
  const wanted: Scenario = { ...scenario, timeline: possible };
  const report = run(wanted, keep === undefined ? {} : { keep });
  const seen = observedIn(report);
  const dormant = report.dormant.map(({ fault, on }) => skipped(faultText(fault), `there was no ${on}`));
  const { hash, events, virtualMs } = report;
  return {
    seen,
    findings: [...skips, ...dormant, ...expect.flatMap((one) => judge(one, seen))],
    facts: { hash, events, virtualMs: Math.round(virtualMs) },
  };
}

function observedIn({ asked, signed, latenciesMs, blamed, violations, unfinished }: RunReport): Observed {
  return {
    ...{ asked, signed, latenciesMs, blamed, checked: ALL_PROPERTIES },
    broken: [
      ...violations.map(({ property, node, text }) => ({ what: property, text: `${node}: ${text}` })),
      ...unfinished.map((text) => ({ what: "liveness", text })),
    ],
  };
}
