import type { InputError, Member } from "@quorate/orders";
import { MAX_POOL, type PoolPlace, type PresignatureStore } from "./presignature-store.ts";
import { RecentUse } from "./recent-use.ts";
import type { KeyRecord } from "./records.ts";
import type { Reply } from "./reply.ts";
import { chooseFamily } from "./set-family.ts";

/** The least that is kept of a key in use. */
const LEAST = 4;
/** Use that is less than this much has faded. */
const FADED = 0.5;
/** A family with a set that cannot work is kept this long: a signer that starts anew is back by then. Milliseconds. */
const BLOCKED_MS = 10_000;
/** To take the first one's place another set must be faster than this part of its time, and by so many milliseconds: round trips vary. */
const MUCH_FASTER = 0.8;
const FASTER_BY_MS = 10;

/** Somebody waits for so many in the first pool. */
interface Filling {
  readonly count: number;
  readonly reply: Reply<KeyRecord>;
}

/** A signing set that can presign now. */
export interface AbleSet {
  readonly set: readonly Member[];
  /** How often its members were part of a failure that has no name. */
  readonly failures: number;
  /** Of its slowest. */
  readonly roundTripMs: number;
}

/** A pool to keep filled. */
export interface PoolPlan extends PoolPlace {
  readonly level: number;
  readonly target: number;
  /** Of the pool that requests take from first. */
  readonly leading: boolean;
}

/** What is wanted of one key, or child: how many presignatures, and for which signing sets. */
export class Want {
  /** As it is now. */
  key: KeyRecord;
  /** As many as somebody asked for, however little the key is used. */
  floor = 0;
  readonly use = new RecentUse();
  readonly fillings: Filling[] = [];
  /** Why the last one could not be made. */
  trouble: string | undefined;
  /** When one was made, or wanted first, world time. */
  progressMs = 0;
  #family: readonly (readonly Member[])[] = [];
  #blockedSinceMs: number | undefined;

  constructor(key: KeyRecord) {
    this.key = key;
  }

  /** The sets to keep filled: requests take from the first; without any one signer there is still one. */
  get family(): readonly (readonly Member[])[] {
    return this.#family;
  }

  /**
   * Keeps the family as long as it works, since a pool is worth nothing to any other set; else chooses anew.
   *
   * @param able best first
   * @returns whether it changed
   */
  revise(able: readonly AbleSet[], nowMs: number): boolean {
    const works = this.#family.every((set) => find(able, set) !== undefined);
    if (works) this.#blockedSinceMs = undefined;
    else this.#blockedSinceMs ??= nowMs;
    const fresh = chooseFamily(able.map(({ set }) => set));
    if (fresh.length === 0) return false;
    if (this.#family.length > 0) {
      if (!works && nowMs - this.#blockedSinceMs! < BLOCKED_MS) return false;
      if (works && !this.#muchBetter(able) && (spares(this.#family) || !spares(fresh))) return false;
    }
    this.#family = fresh;
    this.#blockedSinceMs = undefined;
    return true;
  }

  /** Whether a set of the family cannot work now. */
  get blocked(): boolean {
    return this.#blockedSinceMs !== undefined;
  }

  /** How many to keep in the first pool. */
  target(nowMs: number): number {
    const used = this.use.amount(nowMs);
    return Math.max(this.floor, used < FADED ? 0 : Math.min(MAX_POOL, Math.max(LEAST, Math.ceil(used))));
  }

  /** The pools to keep filled; the spare ones hold together as many as the first. */
  plans(store: PresignatureStore, nowMs: number): readonly PoolPlan[] {
    const { key } = this;
    const target = this.target(nowMs);
    const spare = Math.ceil(target / Math.max(1, this.#family.length - 1));
    return this.#family.map((set, at) => {
      return { key, set, level: store.level({ key, set }), target: at === 0 ? target : spare, leading: at === 0 };
    });
  }

  /** Answers those who wait for no more than lie in the first pool. */
  answer(store: PresignatureStore): void {
    const [set] = this.#family;
    const level = set === undefined ? 0 : store.level({ key: this.key, set });
    this.#end((filling) => filling.count <= level, { ok: this.key });
  }

  /** Answers everybody who waits. */
  refuse(error: InputError): void {
    this.#end(() => true, { error });
  }

  #end(of: (filling: Filling) => boolean, result: Parameters<Reply<KeyRecord>>[0]): void {
    for (const filling of this.fillings.filter(of)) {
      this.fillings.splice(this.fillings.indexOf(filling), 1);
      filling.reply(result);
    }
  }

  #muchBetter(able: readonly AbleSet[]): boolean {
    const first = find(able, this.#family[0]!)!;
    const best = able[0]!;
    if (best.failures < first.failures) return true;
    const limitMs = Math.min(MUCH_FASTER * first.roundTripMs, first.roundTripMs - FASTER_BY_MS);
    return best.roundTripMs < limitMs;
  }
}

function find(able: readonly AbleSet[], wanted: readonly Member[]): AbleSet | undefined {
  return able.find(({ set }) => set.every((member, at) => member === wanted[at]));
}

/** Whether the loss of any one signer leaves a set. */
function spares([first = [], ...rest]: readonly (readonly Member[])[]): boolean {
  return first.every((member) => rest.some((set) => !set.includes(member)));
}
