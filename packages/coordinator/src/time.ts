import type { NodeId } from "@quorate/orders";
import { type Attempt, type EcdsaPlan, type FrostPlan, formOf } from "./attempt.ts";
import type { Timing } from "./records.ts";

/** An attempt is given this, or eight round trips if that is longer, milliseconds. */
const ATTEMPT_TIMEOUT_MS = 1500;
/** The two-round form is given this on top, so that the signers' own time limit ends it: they know who did not answer whom. */
const EXCHANGE_MS = 2000;
/** All rounds of threshold ECDSA are given this, for the same reason: the signers give themselves ten seconds. */
const INTERACTIVE_MS = 15_000;
const LATEST_REMINDER_MS = 1000;

/** How long an attempt may take, milliseconds. */
export function patienceOf(plan: FrostPlan | EcdsaPlan, roundTripMs: (node: NodeId) => number): number {
  const form = formOf(plan);
  if (form === "interactive") return INTERACTIVE_MS;
  const farthestMs = Math.max(...plan.set.map(({ node }) => roundTripMs(node)));
  return Math.max(ATTEMPT_TIMEOUT_MS, 8 * farthestMs) + (form === "one-round" ? 0 : EXCHANGE_MS);
}

/** How soon an order is given again to whoever has not answered: no healthy network takes so long. Milliseconds. */
export function reminderMs(patienceMs: number): number {
  return Math.min(patienceMs / 3, LATEST_REMINDER_MS);
}

/** Where the time of a signed request went. */
export function timingOf(
  attempt: Attempt,
  totalMs: number,
  aggregateMs: number,
  floorMs: (node: NodeId) => number,
): Timing {
  const networkMs = Math.max(...attempt.set.map(({ node }) => floorMs(node)));
  const slowest = Math.max(...[...attempt.answers.values()].map((answer) => answer.computeMicros / 1000));
  const cryptoMs = Math.min(slowest + aggregateMs, Math.max(0, totalMs - networkMs)); // what signers say may be wrong
  return { totalMs, networkMs, cryptoMs, restMs: totalMs - networkMs - cryptoMs };
}
