import type { Waits } from "@quorate/orders";

/** A session may stand still for this part of its time, and for no longer than this, milliseconds, before it does something about it. */
const PART = 4;
const STILL_MS = 1000;
/** From then on at intervals that double up to this. */
const LONGEST_MS = 4000;

/** Says when a session stands still, and again for as long as it does. */
export class Standstill {
  readonly #waits: Waits;
  readonly #firstMs: number;
  readonly #stands: () => void;
  #cancel = () => {};

  constructor(waits: Waits, timeoutMs: number, stands: () => void) {
    this.#waits = waits;
    this.#firstMs = Math.min(STILL_MS, timeoutMs / PART);
    this.#stands = stands;
  }

  /** The session entered a round. */
  moved(): void {
    this.#wait(this.#firstMs);
  }

  end(): void {
    this.#cancel();
  }

  #wait(delayMs: number): void {
    this.#cancel();
    this.#cancel = this.#waits.after(delayMs, () => {
      this.#stands();
      this.#wait(Math.min(LONGEST_MS, Math.max(STILL_MS, 2 * delayMs)));
    });
  }
}
