import type { Waits } from "@quorate/orders";

/** The longest pause, milliseconds: whoever lost the repetition as well is not to be late for it. */
const LONGEST_PAUSE_MS = 2000;

/**
 * Repeats what may have been lost for as long as it is waited for, after pauses that double up to two seconds: the order, or the answer,
 * which comes once more then. A signer that has the order already does nothing twice.
 *
 * @returns a function that ends it
 */
export function remind(waits: Waits, pauseMs: number, repeat: () => void): () => void {
  let cancel = waits.after(pauseMs, () => {
    repeat();
    cancel = remind(waits, Math.min(2 * pauseMs, LONGEST_PAUSE_MS), repeat);
  });
  return () => cancel();
}
