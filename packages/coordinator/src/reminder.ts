import type { Waits } from "@quorate/orders";

/**
 * Repeats what may have been lost for as long as it is waited for, after pauses that double: the order, or the answer, which comes
 * once more then. A signer that has the order already does nothing twice.
 *
 * @returns a function that ends it
 */
export function remind(waits: Waits, pauseMs: number, repeat: () => void): () => void {
  let cancel = waits.after(pauseMs, () => {
    repeat();
    cancel = remind(waits, 2 * pauseMs, repeat);
  });
  return () => cancel();
}
