import { formatPath } from "@quorate/keygen/aggregate";
import { InputError, isEcdsa, type NodeId, type OutcomeOf, type Waits, type World } from "@quorate/orders";
import { Census } from "./census.ts";
import { discard } from "./discard.ts";
import type { Keyring } from "./keyring.ts";
import type { Link } from "./link.ts";
import type { Pairs } from "./pairs.ts";
import type { Peers } from "./peers.ts";
import { PresignSupply } from "./presign-supply.ts";
import { MAX_AGE_MS, MAX_POOL, type Pool, type PoolPlace, PresignatureStore, poolName } from "./presignature-store.ts";
import { type Made, Presigning } from "./presigning.ts";
import { type KeyRecord, pathOf } from "./records.ts";
import type { Reply } from "./reply.ts";
import { type Fate, Tally } from "./tally.ts";

/** One pool, as the API shows it. */
export interface PoolReport {
  /** Public id of the key. */
  readonly keyId: string;
  /** Where below the key that was made it lies, such as `m/0`. */
  readonly path: string;
  readonly signers: readonly NodeId[];
  readonly ready: number;
  readonly making: number;
  /** How many are kept; 0 of a pool that is only used up. */
  readonly target: number;
}

/** All pools, and what became of presignatures since this coordinator started. */
export interface PresignatureReport {
  readonly pools: readonly PoolReport[];
  readonly totals: Readonly<Record<Fate, number>>;
}

/** What presignatures work with. */
export interface PresignaturesParts {
  readonly world: World;
  readonly waits: Waits;
  readonly link: Link;
  readonly peers: Peers;
  readonly pairs: Pairs;
  readonly keyring: Keyring;
  /** Whether attempts to sign are under way. */
  readonly busy: () => boolean;
}

/** Presignatures as the coordinator sees them: which lie ready where, what makes them and what ends them. */
export class Presignatures {
  readonly store = new PresignatureStore();
  readonly #parts: PresignaturesParts;
  readonly #tally: Tally;
  readonly #presigning: Presigning;
  readonly #supply: PresignSupply;
  readonly #census: Census;
  #expiring = false;

  constructor(parts: PresignaturesParts) {
    const { store } = this;
    this.#parts = parts;
    this.#tally = new Tally(parts.world, store);
    this.#presigning = new Presigning({
      ...parts,
      made: (made) => this.#made(made),
      unmade: (unmade) => {
        parts.world.emit({ type: "presignature.failed", key: unmade.place.key.id, reason: unmade.reason });
        this.#supply.unmade(unmade);
      },
    });
    const useless = (of: (place: PoolPlace) => boolean) => this.#erase("dropped", of);
    this.#supply = new PresignSupply({ ...parts, store, presigning: this.#presigning, useless });
    this.#census = new Census({
      ...parts,
      store,
      presigning: this.#presigning,
      tally: this.#tally,
      now: () => parts.world.now(),
    });
  }

  /** A request needs so many of a key, whether they lie ready or not. */
  wanted(key: KeyRecord, count: number): void {
    this.#supply.used(key, count);
  }

  /** The attempt that had these is over. Who did not use its part by then must not: nobody will ask for it again. */
  spent(pool: Pool, signed: boolean): void {
    this.store.settle(pool.ready);
    this.#tally.count(signed ? "used" : "burnt", pool, pool.ready.length);
    if (!signed) this.#discard(pool);
    this.#supply.tend();
  }

  /** One of the set does not have what it was believed to hold. */
  mistaken(place: PoolPlace): void {
    this.#erase("orphaned", (pool) => poolName(pool) === poolName(place));
  }

  /**
   * Keeps at least `count` of a key lying ready.
   *
   * @param reply once they do in the first pool, or when none can be made
   * @throws InputError
   */
  fill(key: KeyRecord, count: number, reply: Reply<KeyRecord>): void {
    if (!isEcdsa(key.suite)) {
      throw new InputError("invalid_input", `key ${key.id} has no presignatures: it does not sign ECDSA`, {
        field: "keyId",
        hint: "other keys sign in one round trip by themselves",
      });
    }
    if (!Number.isInteger(count) || count < 1 || count > MAX_POOL)
      throw new InputError("invalid_input", `count must be between 1 and ${MAX_POOL}`, { field: "count" });
    this.#supply.fill(key, count, reply);
  }

  /** Erases all of a key. */
  drop(key: KeyRecord): void {
    this.#supply.drop(key);
    this.#erase("dropped", (pool) => pool.key.id === key.id);
  }

  /** The holders of these have new shares: what was made with the old ones is worthless, and what is wanted is made with the new. */
  renewed(keys: readonly KeyRecord[]): void {
    for (const key of keys) this.#supply.renewed(key);
    const ids = new Set(keys.map((key) => key.id));
    this.#erase("dropped", (pool) => ids.has(pool.key.id));
    this.#supply.revise();
  }

  presigned(from: NodeId, outcome: OutcomeOf<"presigned">): void {
    if (this.#presigning.presigned(from, outcome)) return;
    discard(this.#parts.link, [from], [outcome.executionId]);
  }

  refused(from: NodeId, outcome: OutcomeOf<"refused">): boolean {
    return this.#presigning.refused(from, outcome);
  }

  aborted(from: NodeId, outcome: OutcomeOf<"aborted">): boolean {
    return this.#presigning.aborted(from, outcome);
  }

  held(from: NodeId, outcome: OutcomeOf<"presignatures">): void {
    this.#census.report(from, outcome);
    this.#expireLater();
    this.#supply.revise();
  }

  /** How signers stand with one another has changed: what two made who are banned from one another is not used. */
  pairsChanged(): void {
    const { pairs } = this.#parts;
    const burnt = ({ set }: PoolPlace) =>
      pairs.all(set.map(({ node }) => node)).some(({ status }) => status === "banned");
    this.#erase("dropped", burnt);
    this.#supply.revise();
  }

  /** A signer connected, or has its keys now. */
  arrived(): void {
    this.#supply.revise();
  }

  lost(node: NodeId, restarted: boolean): void {
    this.#presigning.lost(node);
    if (restarted) this.#census.restarted(node);
    else this.#census.lost(node);
    this.#supply.revise();
  }

  /** The attempts that were under way have ended. */
  tend(): void {
    this.#supply.tend();
  }

  report(): PresignatureReport {
    const targets = new Map(this.#supply.plans().map((plan) => [poolName(plan), plan]));
    const idle = this.store.pools().filter((pool) => !targets.has(poolName(pool)));
    const pools = [...targets.values(), ...idle.map((pool) => ({ ...pool, target: 0 }))];
    return {
      pools: pools.map((pool) => ({
        keyId: pool.key.id,
        path: formatPath(pathOf(pool.key)),
        signers: pool.set.map(({ node }) => node),
        ready: this.store.level(pool),
        making: this.#presigning.making(pool),
        target: pool.target,
      })),
      totals: this.#tally.totals,
    };
  }

  #made({ place, presignId, bigR, tookMicros }: Made): void {
    const bornMs = this.#parts.world.now();
    if (!this.store.add(place, { presignId: presignId.slice(), bigR: bigR.slice(), bornMs }))
      return this.#discard({ ...place, ready: [{ presignId, bigR, bornMs }] });
    this.#tally.count("made", place, 1, { tookMicros });
    this.#expireLater();
    this.#supply.made(place);
  }

  #erase(fate: Fate, of: (place: PoolPlace) => boolean, tooOld?: (bornMs: number) => boolean): void {
    for (const pool of this.store.remove(of, ({ bornMs }) => tooOld?.(bornMs) ?? true)) {
      this.#discard(pool);
      this.#tally.count(fate, pool, pool.ready.length);
    }
  }

  #discard({ set, ready }: Pool): void {
    const nodes = set.map((member) => member.node);
    const ids = ready.map((one) => one.presignId);
    discard(this.#parts.link, nodes, ids);
  }

  /** One timer at a time: younger ones are looked at when it is over. */
  #expireLater(): void {
    const { world, waits } = this.#parts;
    const nextMs = this.store.nextExpiryMs();
    if (nextMs === undefined || this.#expiring) return;
    this.#expiring = true;
    waits.after(Math.max(1, nextMs - world.now()), () => {
      this.#expiring = false;
      this.#erase(
        "expired",
        () => true,
        (bornMs) => world.now() - bornMs >= MAX_AGE_MS,
      );
      this.#expireLater();
      this.#supply.tend();
    });
  }
}
