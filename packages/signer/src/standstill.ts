import type { Waits } from "@quorate/orders";

/** A session may stand still for this part of its time, and for no longer than this, milliseconds, before it does something about it. */
const PART = 4;
const STILL_MS = 1000;

/** Says when a session stands still, and again each time that it has stood for as long once more. */
export class Standstill {
  readonly #waits: Waits;
  readonly #stillMs: number;
  readonly #stands: () => void;
  #cancel = () => {};

  constructor(waits: Waits, timeoutMs: number, stands: () => void) {
    this.#waits = waits;
    this.#stillMs = Math.min(STILL_MS, timeoutMs / PART);
    this.#stands = stands;
  }

  /** The session entered a round. */
  moved(): void {
    this.#cancel();
    this.#cancel = this.#waits.after(this.#stillMs, () => {
      this.#stands();
      this.moved();
    });
  }

  end(): void {
    this.#cancel();
  }
}
