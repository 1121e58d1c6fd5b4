import type { Random } from "@quorate/curves";
import { commit, type Nonces } from "@quorate/frost";
import { hex } from "@quorate/orders";
import type { HeldKey } from "./keyring.ts";

/** A pair of nonces that nobody has used, and the name under which their commitment is published. */
export interface Unused {
  readonly commitmentId: Uint8Array;
  readonly nonces: Nonces;
}

/** The most unused nonces kept for one key; the oldest go first. */
export const MAX_POOL = 512;

/**
 * Nonces in memory, and nowhere else: never stored, never copied, each taken at most once. A restart loses them all, so
 * nothing that is restored can bring one back.
 */
export class NoncePool {
  readonly #random: Random;
  readonly #pools = new Map<string, Map<string, Unused>>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** A new pair for one use by the caller alone (RFC 9591 section 5.1). */
  fresh(key: HeldKey): Unused {
    return { commitmentId: this.#random(16), nonces: commit(key.share, this.#random).nonces };
  }

  /** Makes `count` new pairs and keeps them for orders to come. */
  make(key: HeldKey, count: number): readonly Unused[] {
    const pool = this.#pool(key);
    return Array.from({ length: count }, () => {
      const unused = this.fresh(key);
      pool.set(hex(unused.commitmentId), unused);
      this.#bound(pool);
      return unused;
    });
  }

  /** Looks without taking, so that an order that is refused consumes nothing. */
  find(key: HeldKey, commitmentId: Uint8Array): Unused | undefined {
    return this.#pool(key).get(hex(commitmentId));
  }

  /** Removes and yields the pair, or `undefined` if it is gone: whoever gets it is the only one who ever will. */
  take(key: HeldKey, commitmentId: Uint8Array): Unused | undefined {
    const pool = this.#pool(key);
    const name = hex(commitmentId);
    const unused = pool.get(name);
    pool.delete(name);
    return unused;
  }

  level(key: HeldKey): number {
    return this.#pool(key).size;
  }

  #pool(key: HeldKey): Map<string, Unused> {
    const name = `${hex(key.keyId)}@${key.epoch}`;
    const known = this.#pools.get(name);
    if (known !== undefined) return known;
    const pool = new Map<string, Unused>();
    this.#pools.set(name, pool);
    return pool;
  }

  #bound(pool: Map<string, Unused>): void {
    if (pool.size <= MAX_POOL) return;
    const [oldest, unused] = pool.entries().next().value!;
    pool.delete(oldest);
    unused.nonces[Symbol.dispose]();
  }
}
