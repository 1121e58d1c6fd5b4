import { InputError, type Member, type NodeId, type Waits, type World } from "@quorate/orders";
import { Obstacles } from "./obstacles.ts";
import type { Pairs } from "./pairs.ts";
import type { Peers } from "./peers.ts";
import { type PoolPlace, type PresignatureStore, poolName } from "./presignature-store.ts";
import type { Presigning, Unmade } from "./presigning.ts";
import { ascending, availability, quorums } from "./quorum.ts";
import type { KeyRecord } from "./records.ts";
import type { Reply } from "./reply.ts";
import { noCompany, tooFew } from "./shortage.ts";
import { type AbleSet, type PoolPlan, Want } from "./want.ts";

/** How many a signer makes at once. */
const MAX_LOAD = 2;
/** The most that a signer holds of a key and its children, and of all keys: it takes on no more. */
const MAX_HELD_OF_KEY = 400;
const MAX_HELD = 4096;
/** After a failure a set rests: the pause doubles from the first of these to the second, milliseconds. */
const PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** Two of whom one says that the other broke the protocol are not put together for this long, milliseconds. */
const APART_MS = 30_000;
/** Sets are looked over at least this often while something is wanted, milliseconds. */
const REVISION_MS = 10_000;
/** Who waits for a pool to fill is refused when nothing was made for this long, milliseconds. */
const FILL_PATIENCE_MS = 20_000;
/** The most that wait for one key. */
const MAX_FILLINGS = 16;
/** While requests wait, the first pool is filled only below this part of its target, and others only when empty. */
const LOW = 0.25;

/** What the supply of presignatures works with. */
export interface PresignSupplyParts {
  readonly world: World;
  readonly waits: Waits;
  readonly peers: Peers;
  readonly pairs: Pairs;
  readonly store: PresignatureStore;
  readonly presigning: Presigning;
  /** Whether attempts to sign are under way. */
  readonly busy: () => boolean;
  /** Pools that nobody will use any more. */
  readonly useless: (of: (place: PoolPlace) => boolean) => void;
}

interface Rest {
  readonly untilMs: number;
  readonly pauseMs: number;
}

/** Keeps presignatures lying ready for the keys in use: as many as their recent use asks for, for sets that cover one another's loss. */
export class PresignSupply {
  readonly #parts: PresignSupplyParts;
  /** By public id of the key. */
  readonly #wants = new Map<string, Want>();
  /** Pools that failed of late, by name. */
  readonly #resting = new Map<string, Rest>();
  /** Until when, by the two nodes. */
  readonly #apart = new Map<string, number>();
  #revisedMs = Number.NEGATIVE_INFINITY;
  #tendsAtMs = Number.POSITIVE_INFINITY;
  #cancelTimer = () => {};

  constructor(parts: PresignSupplyParts) {
    this.#parts = parts;
  }

  /** A request needs so many of a key, whether they are there or not. */
  used(key: KeyRecord, count: number): void {
    const want = this.#want(key);
    want.use.note(count, this.#parts.world.now());
    if (want.family.length === 0) this.#revisedMs = Number.NEGATIVE_INFINITY;
  }

  /** Keeps at least so many of a key. @param reply once they lie in the first pool, or when nothing can be made. @throws InputError `overloaded` */
  fill(key: KeyRecord, count: number, reply: Reply<KeyRecord>): void {
    const want = this.#want(key);
    if (want.fillings.length >= MAX_FILLINGS) {
      throw new InputError("overloaded", `${MAX_FILLINGS} already wait for presignatures of this key`);
    }
    want.floor = Math.max(want.floor, count);
    want.progressMs = this.#parts.world.now();
    want.fillings.push({ count, reply });
    this.revise();
    want.answer(this.#parts.store);
    this.#watch(want);
  }

  /** Nobody wants any of a key, until it is used again. */
  drop(key: KeyRecord): void {
    this.#wants.get(key.id)?.refuse(new InputError("failed", `the presignatures of key ${key.id} were dropped`));
    this.#wants.delete(key.id);
    this.#parts.presigning.stop((place) => place.key.id === key.id, "not wanted any more");
  }

  /** The holders of a key have new shares. */
  renewed(key: KeyRecord): void {
    const want = this.#wants.get(key.id);
    if (want !== undefined) want.key = key;
    this.#parts.presigning.stop((place) => place.key.id === key.id, "its holders have new shares");
  }

  /** The pools to keep filled, by key and set. */
  plans(): readonly PoolPlan[] {
    const nowMs = this.#parts.world.now();
    return [...this.#wants.values()].flatMap((want) => want.plans(this.#parts.store, nowMs));
  }

  made(place: PoolPlace): void {
    this.#resting.delete(poolName(place));
    const want = this.#wants.get(place.key.id);
    if (want !== undefined) want.progressMs = this.#parts.world.now();
    want?.answer(this.#parts.store);
    this.tend();
  }

  unmade({ place, reason, apart }: Unmade): void {
    const nowMs = this.#parts.world.now();
    const name = poolName(place);
    const pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * (this.#resting.get(name)?.pauseMs ?? PAUSE_MS / 2));
    this.#resting.set(name, { untilMs: nowMs + pauseMs, pauseMs });
    for (const [one, other] of apart) this.#apart.set(pair(one, other), nowMs + APART_MS);
    const want = this.#wants.get(place.key.id);
    if (want !== undefined) want.trouble = reason;
    this.revise();
  }

  /** Signers came, went or stand otherwise: the sets are looked over. */
  revise(): void {
    this.#revisedMs = Number.NEGATIVE_INFINITY;
    this.tend();
  }

  /** Orders what is missing, the emptiest pools first, as far as signers have room and requests do not wait. */
  tend(): void {
    const nowMs = this.#parts.world.now();
    if (nowMs - this.#revisedMs >= REVISION_MS) this.#reviseAll(nowMs);
    const needs = [...this.#wants.values()]
      .flatMap((want) => want.plans(this.#parts.store, nowMs))
      .filter(({ level, target }) => level < target)
      .toSorted((a, b) => a.level / a.target - b.level / b.target || Number(b.leading) - Number(a.leading));
    for (const need of needs) if (this.#mayStart(need, nowMs)) this.#parts.presigning.start(need);
    this.#plan(nowMs, needs.length > 0 || [...this.#wants.values()].some((want) => want.blocked));
  }

  #want(key: KeyRecord): Want {
    const known = this.#wants.get(key.id);
    if (known !== undefined) return known;
    const want = new Want(key);
    this.#wants.set(key.id, want);
    return want;
  }

  #reviseAll(nowMs: number): void {
    this.#revisedMs = nowMs;
    for (const [name, untilMs] of this.#apart) if (untilMs <= nowMs) this.#apart.delete(name);
    for (const [name, rest] of this.#resting) if (rest.untilMs + LONGEST_PAUSE_MS <= nowMs) this.#resting.delete(name);
    for (const [id, want] of this.#wants) {
      if (want.target(nowMs) === 0 && want.fillings.length === 0) {
        this.#wants.delete(id);
        continue;
      }
      const before = want.family;
      if (!want.revise(this.#able(want.key), nowMs)) continue;
      const kept = [...before, ...want.family];
      if (before.length > 0)
        this.#parts.useless(({ key, set }) => key.id === id && !kept.some((one) => same(one, set)));
      want.answer(this.#parts.store);
    }
  }

  /** The sets of a key that can presign, best first. The guilty are left out while there are enough others. */
  #able(key: KeyRecord): readonly AbleSet[] {
    const { peers } = this.#parts;
    const { usable } = this.#available(key);
    const innocent = usable.filter(({ node }) => !peers.guilty(node));
    const candidates = innocent.length < key.minSigners ? usable : innocent;
    const total = (set: readonly Member[]) => set.reduce((sum, { node }) => sum + peers.roundTripMs(node), 0);
    return [...quorums(candidates, key.minSigners, (one, other) => this.#mayMeet(one, other))]
      .map((set) => ({
        set: ascending(set),
        failures: set.reduce((sum, { node }) => sum + peers.failures(node), 0),
        roundTripMs: Math.max(...set.map(({ node }) => peers.roundTripMs(node))),
      }))
      .toSorted((a, b) => a.failures - b.failures || a.roundTripMs - b.roundTripMs || total(a.set) - total(b.set));
  }

  #mayMeet(one: Member, other: Member): boolean {
    return this.#parts.pairs.ready(one.node, other.node) && !this.#apart.has(pair(one.node, other.node));
  }

  #available({ members, keyId }: KeyRecord) {
    return availability(members, keyId, this.#parts.peers, NONE);
  }

  #mayStart(need: PoolPlan, nowMs: number): boolean {
    const { presigning, busy } = this.#parts;
    const { key, set } = need;
    if (busy() && need.level >= (need.leading ? LOW * need.target : 1)) return false;
    if ((this.#resting.get(poolName(need))?.untilMs ?? 0) > nowMs || presigning.making(need) > 0) return false;
    const { usable } = this.#available(key);
    const able = set.every((member, at) => {
      return usable.includes(member) && set.slice(at + 1).every((other) => this.#mayMeet(member, other));
    });
    return able && set.every(({ node }) => presigning.load(node) < MAX_LOAD && this.#hasRoom(node, key));
  }

  #hasRoom(node: NodeId, key: KeyRecord): boolean {
    const held = this.#parts.store.pools().filter(({ set }) => set.some((member) => member.node === node));
    const count = (pools: typeof held) => pools.reduce((sum, { ready }) => sum + ready.length, 0);
    return count(held) < MAX_HELD && count(held.filter((pool) => pool.key.keyId === key.keyId)) < MAX_HELD_OF_KEY;
  }

  /** Refuses those who wait once nothing has been made for a while. */
  #watch(want: Want): void {
    const { world, waits } = this.#parts;
    waits.after(Math.max(1, want.progressMs + FILL_PATIENCE_MS - world.now()), () => {
      if (want.fillings.length === 0) return;
      if (world.now() - want.progressMs < FILL_PATIENCE_MS) return this.#watch(want);
      want.refuse(this.#hindrance(want));
    });
  }

  /** Why none are made. */
  #hindrance(want: Want): InputError {
    const available = this.#available(want.key);
    if (available.usable.length < want.key.minSigners) return tooFew(want.key, available);
    if (this.#able(want.key).length === 0) return noCompany(want.key, available, this.#parts.pairs);
    const full = want.family[0]?.some(({ node }) => !this.#hasRoom(node, want.key));
    const trouble = full ? "the signers hold as many as they take" : (want.trouble ?? "the signers are at other work");
    return new InputError("quorum_unavailable", `no presignature was made for ${FILL_PATIENCE_MS} ms: ${trouble}`, {
      hint: "it goes on in the background; see what lies ready, and ask again",
    });
  }

  /** Comes back when a rest ends, and to look the sets over, while something is missing or in the way. */
  #plan(nowMs: number, isNeeded: boolean): void {
    if (!isNeeded) return;
    const rests = [...this.#resting.values()].map(({ untilMs }) => untilMs).filter((atMs) => atMs > nowMs);
    const atMs = Math.min(this.#revisedMs + REVISION_MS, ...rests);
    if (this.#tendsAtMs <= atMs) return;
    this.#cancelTimer();
    this.#tendsAtMs = atMs;
    this.#cancelTimer = this.#parts.waits.after(Math.max(1, atMs - nowMs), () => {
      this.#tendsAtMs = Number.POSITIVE_INFINITY;
      this.tend();
    });
  }
}

const NONE = new Obstacles();

function pair(one: NodeId, other: NodeId): string {
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}

function same(one: readonly Member[], other: readonly Member[]): boolean {
  return one.length === other.length && one.every((member, at) => member === other[at]);
}
