/** Use counts half after this, milliseconds. */
const HALF_LIFE_MS = 10 * 60_000;

/** How much something was used of late: a count that fades. */
export class RecentUse {
  #amount = 0;
  #atMs = 0;

  note(count: number, nowMs: number): void {
    this.#amount = this.amount(nowMs) + count;
    this.#atMs = nowMs;
  }

  amount(nowMs: number): number {
    return this.#amount * 2 ** ((this.#atMs - nowMs) / HALF_LIFE_MS);
  }
}
