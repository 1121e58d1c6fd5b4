import type { NodeFault } from "@quorate/faults";

/** A fault of the clock, and when it began by the true one. */
export interface SkewedSince {
  readonly fault: Extract<NodeFault, { kind: "clock" }>;
  readonly sinceMs: number;
}

/** What a clock with these faults shows when it is `trueMs`. */
export function skewed(faults: readonly SkewedSince[], trueMs: number): number {
  return faults.reduce((shown, { fault, sinceMs }) => {
    const passedMs = trueMs - sinceMs;
    const drift = fault.frozen === true ? -passedMs : (passedMs * (fault.driftPpm ?? 0)) / 1e6;
    return Math.round(shown + (fault.skewMs ?? 0) + drift);
  }, trueMs);
}
