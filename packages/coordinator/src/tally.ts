import type { World } from "@quorate/orders";
import type { PoolPlace, PresignatureStore } from "./presignature-store.ts";

/**
 * What became of presignatures since this coordinator started: `used` for a signature, `burnt` by an attempt that failed,
 * `orphaned` because one of their holders lost its part, `expired` of age, `dropped` because nobody wants them.
 */
export type Fate = "made" | "used" | "burnt" | "orphaned" | "expired" | "dropped";

/** Counts what becomes of presignatures, and says so in events. */
export class Tally {
  readonly #world: World;
  readonly #store: PresignatureStore;
  readonly #totals = { made: 0, used: 0, burnt: 0, orphaned: 0, expired: 0, dropped: 0 };

  constructor(world: World, store: PresignatureStore) {
    this.#world = world;
    this.#store = store;
  }

  count(fate: Fate, place: PoolPlace, count: number, more: Readonly<Record<string, number>> = {}): void {
    this.#totals[fate] += count;
    this.#world.emit({ type: `presignature.${fate}`, ...where(place), count, ...more });
    if (fate !== "used" && fate !== "burnt") this.level(place);
  }

  /** A pool has more or fewer than before. */
  level(place: PoolPlace): void {
    this.#world.emit({ type: "presignatures.level", ...where(place), level: this.#store.level(place) });
  }

  get totals(): Readonly<Record<Fate, number>> {
    return { ...this.#totals };
  }
}

function where({ key, set }: PoolPlace) {
  return { key: key.id, signers: set.map(({ node }) => node) };
}
