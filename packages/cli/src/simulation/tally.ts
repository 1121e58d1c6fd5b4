import { COVERED, type Counts, merged, missing, type RunReport } from "@quorate/simulator";
import type { SeedResult } from "./batch-thread.ts";

/** A seed that broke a promise. */
export interface Failure {
  readonly seed: string;
  /** What was broken: a property, `liveness`, or `simulator` for a mistake of its own. */
  readonly what: string;
  readonly text: string;
}

/** What came of many seeds, and nothing of each: it does not grow with them. */
export class Tally {
  readonly failures: Failure[] = [];
  seeds = 0;
  asked = 0;
  signed = 0;
  events = 0;
  virtualMs = 0;
  coverage: Counts = {};

  add(result: SeedResult): void {
    this.seeds += 1;
    if ("report" in result) this.#add(result.report);
    else this.failures.push({ seed: result.seed, what: "simulator", text: result.defect });
  }

  #add({ seed, violations, unfinished, asked, signed, events, virtualMs, coverage }: RunReport): void {
    const [first] = violations;
    if (first !== undefined) this.failures.push({ seed, what: first.property, text: `${first.node}: ${first.text}` });
    const [open] = unfinished;
    if (open !== undefined) this.failures.push({ seed, what: "liveness", text: open });
    this.asked += asked;
    this.signed += signed;
    this.events += events;
    this.virtualMs += virtualMs;
    this.coverage = merged([this.coverage, coverage]);
  }

  /** What should happen now and then, and never did. */
  get missing(): readonly string[] {
    return missing(this.coverage);
  }

  /** How many of the things that should happen now and then did. */
  get covered(): string {
    return `${COVERED.length - this.missing.length} of ${COVERED.length}`;
  }
}
