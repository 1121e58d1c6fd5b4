import type { Member } from "@quorate/orders";
import { isEcdsa } from "@quorate/orders";
import type { ActiveRequest } from "./active-request.ts";
import type { EcdsaPlan, FrostPlan } from "./attempt.ts";
import type { CommitmentStore } from "./commitment-store.ts";
import type { Pairs } from "./pairs.ts";
import type { Peers } from "./peers.ts";
import type { Pool, PresignatureStore } from "./presignature-store.ts";
import { ascending, chooseSet, first, quorums } from "./quorum.ts";

/** What plans are made from. */
export interface Resources {
  readonly peers: Peers;
  readonly pairs: Pairs;
  readonly store: CommitmentStore;
  readonly presignatures: PresignatureStore;
}

/**
 * The next attempt at a request: which of the usable members sign, and with what. What it takes of a store is gone.
 *
 * @param usable best first
 * @returns undefined when no set can sign
 */
export function plan(
  resources: Resources,
  request: ActiveRequest,
  usable: readonly Member[],
): FrostPlan | EcdsaPlan | undefined {
  if (usable.length < request.key.minSigners) return undefined;
  return isEcdsa(request.key.suite) ? planEcdsa(resources, request, usable) : planFrost(resources, request, usable);
}

function planFrost({ store, pairs }: Resources, request: ActiveRequest, usable: readonly Member[]): FrostPlan {
  const { key, items, obstacles } = request;
  const ready = (member: Member) => store.level(member.node, key.keyId) >= items.length;
  const banned = (one: Member, other: Member) => pairs.status(one.node, other.node) === "banned";
  const set = chooseSet(usable, key.minSigners, obstacles, ready, banned);
  const nodes = set.map((member) => member.node);
  return { family: "frost", set, commitments: set.every(ready) ? store.take(nodes, key.keyId, items.length) : null };
}

/** A pool, if there is one that no more speaks against than against the best set without; else all rounds. */
function planEcdsa(resources: Resources, request: ActiveRequest, usable: readonly Member[]): EcdsaPlan | undefined {
  const { peers, presignatures } = resources;
  const against = (set: readonly Member[]) => sum(set, (member) => misgivings(member, peers, request));
  const set = interactiveSet(resources, request, usable);
  const pool = request.presignable ? bestPool(resources, request, usable, against) : undefined;
  if (pool !== undefined && (set === undefined || against(pool.set) <= against(set))) {
    const ready = presignatures.take(pool, request.items.length);
    return { family: "ecdsa", set: pool.set, presignatures: { key: pool.key, set: pool.set, ready } };
  }
  return set === undefined ? undefined : { family: "ecdsa", set, presignatures: null };
}

/**
 * The best set whose pairs are all ready, best first by what speaks against its members: who cost this request or others an
 * attempt comes later, so that over attempts one who spoils signatures is left alone. Not again a set that failed together,
 * nor two that were parted, as long as there is another.
 */
function interactiveSet({ peers, pairs }: Resources, request: ActiveRequest, usable: readonly Member[]) {
  const { obstacles, key } = request;
  const all = usable.toSorted((a, b) => misgivings(a, peers, request) - misgivings(b, peers, request));
  const ready = (one: Member, other: Member) => pairs.ready(one.node, other.node);
  const apart = (one: Member, other: Member) => obstacles.parted(one.identifier, other.identifier);
  const together = () => quorums(all, key.minSigners, (one, other) => ready(one, other) && !apart(one, other));
  const set = first(unspoilt(together(), request)) ?? first(together()) ?? first(quorums(all, key.minSigners, ready));
  return set && ascending(set);
}

function* unspoilt(sets: Iterable<readonly Member[]>, { obstacles }: ActiveRequest) {
  for (const set of sets) if (!obstacles.failed(ascending(set).map((one) => one.identifier))) yield set;
}

function bestPool(
  { peers, pairs, presignatures }: Resources,
  request: ActiveRequest,
  usable: readonly Member[],
  against: (set: readonly Member[]) => number,
): Pool | undefined {
  const { key, items, obstacles } = request;
  const goodPair = (one: Member, other: Member) =>
    !obstacles.parted(one.identifier, other.identifier) && pairs.status(one.node, other.node) !== "banned";
  const cost = (set: readonly Member[]) => Math.max(...set.map(({ node }) => peers.cost(node)));
  const [best] = presignatures
    .of(key)
    .filter(({ ready, set }) => ready.length >= items.length && set.every((member) => usable.includes(member)))
    .filter(({ set }) => first(quorums(set, set.length, goodPair)) !== undefined)
    .filter(({ set }) => !obstacles.failed(set.map((one) => one.identifier)))
    .toSorted((a, b) => against(a.set) - against(b.set) || cost(a.set) - cost(b.set));
  return best;
}

function misgivings({ identifier, node }: Member, peers: Peers, { obstacles }: ActiveRequest): number {
  return obstacles.strikes(identifier) + peers.doubts(node);
}

function sum(set: readonly Member[], of: (member: Member) => number): number {
  return set.reduce((total, member) => total + of(member), 0);
}
