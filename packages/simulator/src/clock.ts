/**
 * The clocks of one machine. Its monotonic clock runs fast or slow by a drift, and never back; its wall clock is that, plus a skew
 * that may jump, and may stand still.
 */
export class Clock {
  readonly #startMs: number;
  /** True and own time where the present rate began. */
  #since = 0;
  #own = 0;
  #rate = 1;
  #skewMs = 0;
  #frozenMs: number | undefined;

  /** @param startMs when virtual time begins, milliseconds since 1970 */
  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** Own monotonic milliseconds at a true time. */
  monotonic(trueMs: number): number {
    return this.#own + (trueMs - this.#since) * this.#rate;
  }

  /** Milliseconds since 1970, as this machine believes; whole, as everywhere. */
  wall(trueMs: number): number {
    return Math.floor(this.#frozenMs ?? this.#startMs + this.#skewMs + this.monotonic(trueMs));
  }

  /** How long an own delay takes in true time. */
  trueDelay(ownMs: number): number {
    return ownMs / this.#rate;
  }

  /** From now on gains `ppm` millionths (loses, if negative). */
  drift(trueMs: number, ppm: number): void {
    this.#own = this.monotonic(trueMs);
    this.#since = trueMs;
    this.#rate = 1 + ppm / 1e6;
  }

  /** The wall clock is off by so much from now on: a jump, forward or back. */
  skew(ms: number): void {
    this.#skewMs = ms;
  }

  /** The wall clock stands still, or goes on where it would be. */
  freeze(trueMs: number, frozen: boolean): void {
    this.#frozenMs = frozen ? this.wall(trueMs) : undefined;
  }
}
