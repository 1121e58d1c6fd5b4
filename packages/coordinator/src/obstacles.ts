/**
 * What one request has learnt of the members of its key, by identifier. It chooses routes and is no verdict: of two that
 * accuse each other one is at fault and nobody here knows which, so both may sign, only not together.
 */
export class Obstacles {
  readonly #excluded = new Map<number, string>();
  readonly #strikes = new Map<number, number>();
  readonly #apart = new Set<string>();
  readonly #failed = new Set<string>();

  /** This request does without the member. */
  exclude(identifier: number, reason: string): void {
    this.#excluded.set(identifier, reason);
  }

  /** Why the request does without the member, if it does. */
  excuse(identifier: number): string | undefined {
    return this.#excluded.get(identifier);
  }

  /** The member cost an attempt: whoever cost fewer is tried first, however well this one is connected. */
  strike(identifier: number): void {
    this.#strikes.set(identifier, this.strikes(identifier) + 1);
  }

  strikes(identifier: number): number {
    return this.#strikes.get(identifier) ?? 0;
  }

  /** One of the two says that the other broke the protocol or did not answer it. */
  part(one: number, other: number): void {
    if (one !== other) this.#apart.add(pair(one, other));
  }

  parted(one: number, other: number): boolean {
    return this.#apart.has(pair(one, other));
  }

  /** What the set answered together was no signature, and nothing says whose fault it is: all of it cost an attempt. */
  fail(set: readonly number[]): void {
    this.#failed.add(set.join());
    for (const identifier of set) this.strike(identifier);
  }

  /** Whether exactly this set, ascending, failed together. */
  failed(set: readonly number[]): boolean {
    return this.#failed.has(set.join());
  }
}

function pair(one: number, other: number): string {
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}
