import { HttpError } from "../errors.ts";

/** How many callers are counted at once; above it the longest quiet is forgotten. */
const MAX_CALLERS = 20_000;
const MINUTE_MS = 60_000;

/** How much each caller may ask in a minute: a bucket that fills steadily. */
export class Limits {
  readonly #perMinute: number;
  readonly #now: () => number;
  /** The caller asked last is the last. */
  readonly #buckets = new Map<string, { left: number; at: number }>();

  /** @param perMinute 0 for no limit @param now milliseconds */
  constructor(perMinute: number, now: () => number) {
    this.#perMinute = perMinute;
    this.#now = now;
  }

  /** @throws HttpError 429, saying when to ask again */
  charge(caller: string): void {
    const most = this.#perMinute;
    if (most === 0) return;
    const now = this.#now();
    const known = this.#buckets.get(caller) ?? { left: most, at: now };
    const left = Math.min(most, known.left + (Math.max(0, now - known.at) * most) / MINUTE_MS);
    this.#buckets.delete(caller);
    if (this.#buckets.size >= MAX_CALLERS) this.#buckets.delete(this.#buckets.keys().next().value!);
    this.#buckets.set(caller, { left: left >= 1 ? left - 1 : left, at: now });
    if (left >= 1) return;
    const seconds = Math.ceil(((1 - left) * 60) / most);
    throw new HttpError(
      "rate_limited",
      `more than ${most} calls in a minute`,
      "slow down, or start the network with a larger --calls-per-minute (0: no limit)",
      {
        "retry-after": String(seconds),
      },
    );
  }
}
