import type { Random } from "@quorate/curves";
import { commit, type Nonces } from "@quorate/frost";
import { hex } from "@quorate/orders";
import type { FrostKey } from "./held-key.ts";

/** A pair of nonces that nobody has used, and the name under which their commitment is published. */
export interface Unused {
  readonly commitmentId: Uint8Array;
  readonly nonces: Nonces;
}

/** The most unused nonces kept for one key, and for all; the oldest go first, of all keys those of the key longest out of use. */
export const MAX_POOL = 512;
export const MAX_POOLED = 1 << 15;

/**
 * Nonces in memory, and nowhere else: never stored, never copied, each taken at most once. A restart loses them all, so
 * nothing that is restored can bring one back.
 */
export class NoncePool {
  readonly #random: Random;
  /** By key, the one that nonces were made for longest ago first. */
  readonly #pools = new Map<string, Map<string, Unused>>();
  #size = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** A new pair for one use by the caller alone (RFC 9591 section 5.1). */
  fresh(key: FrostKey): Unused {
    return { commitmentId: this.#random(16), nonces: commit(key.share, this.#random).nonces };
  }

  /** Makes `count` new pairs and keeps them for orders to come. */
  make(key: FrostKey, count: number): readonly Unused[] {
    const name = poolName(key);
    const pool = this.#pools.get(name) ?? new Map<string, Unused>();
    this.#pools.delete(name);
    this.#pools.set(name, pool);
    return Array.from({ length: count }, () => {
      const unused = this.fresh(key);
      pool.set(hex(unused.commitmentId), unused);
      this.#size += 1;
      if (pool.size > MAX_POOL) this.#dropOldest(name);
      while (this.#size > MAX_POOLED) this.#dropOldest(this.#pools.keys().next().value!);
      return unused;
    });
  }

  /** Looks without taking, so that an order that is refused consumes nothing. */
  find(key: FrostKey, commitmentId: Uint8Array): Unused | undefined {
    return this.#pools.get(poolName(key))?.get(hex(commitmentId));
  }

  /** Removes all of them, or none if one is gone: whoever takes a pair is the only one who ever will. */
  take(key: FrostKey, wanted: readonly Unused[]): boolean {
    if (wanted.some((one) => this.find(key, one.commitmentId) !== one)) return false;
    const pool = this.#pools.get(poolName(key))!;
    for (const { commitmentId } of wanted) pool.delete(hex(commitmentId));
    this.#size -= wanted.length;
    return true;
  }

  /** Erases all that were made for a key at an epoch. */
  forget(key: FrostKey): void {
    const name = poolName(key);
    const pool = this.#pools.get(name);
    for (const { nonces } of pool?.values() ?? []) nonces[Symbol.dispose]();
    this.#size -= pool?.size ?? 0;
    this.#pools.delete(name);
  }

  #dropOldest(name: string): void {
    const pool = this.#pools.get(name)!;
    const oldest = pool.entries().next().value;
    if (oldest === undefined) {
      this.#pools.delete(name);
      return;
    }
    const [id, unused] = oldest;
    pool.delete(id);
    unused.nonces[Symbol.dispose]();
    this.#size -= 1;
  }
}

function poolName(key: FrostKey): string {
  return `${hex(key.keyId)}@${key.epoch}`;
}
