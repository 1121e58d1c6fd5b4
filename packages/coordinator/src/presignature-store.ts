import { hex, type Member } from "@quorate/orders";
import type { KeyRecord } from "./records.ts";

/** The most presignatures of one key for one signing set: many known nonce points make ECDSA easier to attack (Groth and Shoup, eprint 2021/1330). */
export const MAX_POOL = 100;
/** Older ones are not used, milliseconds; a little less than the day for which their holders keep them. */
export const MAX_AGE_MS = 23 * 3600_000;
/** So many of those that are gone are remembered. */
const MAX_GONE = 1 << 14;

/** What is public of a presignature. */
export interface Presignature {
  /** 16 bytes. */
  readonly presignId: Uint8Array;
  /** R, 33 bytes; unknown of one that was made before this coordinator started. */
  readonly bigR: Uint8Array | undefined;
  /** World time at which this coordinator learnt of it, milliseconds. */
  readonly bornMs: number;
}

/** What presignatures can sign for: one key, or child, with one exact signing set. */
export interface PoolPlace {
  readonly key: KeyRecord;
  /** Ascending by identifier. */
  readonly set: readonly Member[];
}

export interface Pool extends PoolPlace {
  /** Oldest first. */
  readonly ready: readonly Presignature[];
}

interface Shelf extends PoolPlace {
  ready: Presignature[];
}

/** Presignatures that all of a signing set hold and nobody has used. Public data; each is handed out once and never comes back. */
export class PresignatureStore {
  readonly #shelves = new Map<string, Shelf>();
  /** Handed out to attempts that are under way. */
  readonly #lent = new Set<string>();
  /** Used or removed: what a signer says of them may have been sent before. */
  readonly #gone = new Set<string>();

  /** @returns whether it was taken in: not when it was here before, lies here already, or its pool is full */
  add(place: PoolPlace, presignature: Presignature): boolean {
    const name = poolName(place);
    const shelf = this.#shelves.get(name) ?? { ...place, ready: [] };
    if (shelf.ready.length >= MAX_POOL || has(shelf, presignature.presignId)) return false;
    if (this.lent(presignature.presignId) || this.gone(presignature.presignId)) return false;
    shelf.ready.push(presignature);
    this.#shelves.set(name, shelf);
    return true;
  }

  level(place: PoolPlace): number {
    return this.#shelves.get(poolName(place))?.ready.length ?? 0;
  }

  holds(place: PoolPlace, presignId: Uint8Array): boolean {
    const shelf = this.#shelves.get(poolName(place));
    return shelf !== undefined && has(shelf, presignId);
  }

  /** Whether an attempt that is under way has it. */
  lent(presignId: Uint8Array): boolean {
    return this.#lent.has(hex(presignId));
  }

  /** Whether it is used or removed. */
  gone(presignId: Uint8Array): boolean {
    return this.#gone.has(hex(presignId));
  }

  /** Takes the oldest `count` of a pool, which must have them: they are gone, whatever comes of it. */
  take(place: PoolPlace, count: number): readonly Presignature[] {
    const shelf = this.#shelves.get(poolName(place));
    if (shelf === undefined || shelf.ready.length < count) throw new Error(`${poolName(place)} has no ${count} ready`);
    const taken = shelf.ready.splice(0, count);
    this.#tidy(shelf);
    for (const { presignId } of taken) this.#lent.add(hex(presignId));
    return taken;
  }

  /** The attempt that had these is over, well or not. */
  settle(presignatures: readonly Presignature[]): void {
    for (const { presignId } of presignatures) this.#lent.delete(hex(presignId));
    this.#bury(presignatures);
  }

  /** Removes those that `goes` says, of the pools that `of` says. @returns what was removed, by pool */
  remove(of: (pool: Pool) => boolean, goes: (one: Presignature) => boolean = () => true): readonly Pool[] {
    const removed: Pool[] = [];
    for (const shelf of [...this.#shelves.values()].filter(of)) {
      const gone = shelf.ready.filter(goes);
      if (gone.length === 0) continue;
      shelf.ready = shelf.ready.filter((one) => !gone.includes(one));
      this.#tidy(shelf);
      this.#bury(gone);
      removed.push({ ...shelf, ready: gone });
    }
    return removed;
  }

  /** All pools that are not empty. */
  pools(): readonly Pool[] {
    return [...this.#shelves.values()];
  }

  /** Those of one key, or child. */
  of(key: KeyRecord): readonly Pool[] {
    return this.pools().filter((pool) => pool.key.id === key.id);
  }

  /** When the oldest of all becomes too old, world time; undefined when there is none. */
  nextExpiryMs(): number | undefined {
    const born = this.pools().map((pool) => pool.ready[0]!.bornMs);
    return born.length === 0 ? undefined : Math.min(...born) + MAX_AGE_MS;
  }

  #tidy(shelf: Shelf): void {
    if (shelf.ready.length === 0) this.#shelves.delete(poolName(shelf));
  }

  #bury(presignatures: readonly Presignature[]): void {
    for (const { presignId } of presignatures) this.#gone.add(hex(presignId));
    for (const id of this.#gone) {
      if (this.#gone.size <= MAX_GONE) break;
      this.#gone.delete(id);
    }
  }
}

/** The name of a pool: equal for equal places. */
export function poolName({ key, set }: PoolPlace): string {
  return `${key.id} ${set.map((member) => member.identifier).join()}`;
}

function has(shelf: Shelf, presignId: Uint8Array): boolean {
  const id = hex(presignId);
  return shelf.ready.some((one) => hex(one.presignId) === id);
}
