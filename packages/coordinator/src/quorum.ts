import type { Member, NodeId } from "@quorate/orders";
import type { Obstacles } from "./obstacles.ts";
import type { Peers } from "./peers.ts";

/** Which members could sign now, and what stands in the way of the others. */
export interface Availability {
  /** Reachable members that hold the key, best first. */
  readonly usable: readonly Member[];
  /** Everyone else, with the reason. */
  readonly missing: readonly { readonly node: NodeId; readonly reason: string }[];
}

/** Sorts the members of a key into usable and missing. */
export function availability(
  members: readonly Member[],
  keyId: string,
  peers: Peers,
  obstacles: Obstacles,
): Availability {
  const missing: { node: NodeId; reason: string }[] = [];
  const usable: Member[] = [];
  for (const member of members) {
    const reason = obstacle(member, keyId, peers, obstacles);
    if (reason === undefined) usable.push(member);
    else missing.push({ node: member.node, reason });
  }
  usable.sort((a, b) => peers.cost(a.node) - peers.cost(b.node) || a.identifier - b.identifier);
  return { usable, missing };
}

function obstacle(member: Member, keyId: string, peers: Peers, obstacles: Obstacles): string | undefined {
  if (!peers.connected(member.node)) return "unreachable";
  const excuse = obstacles.excuse(member.identifier);
  if (excuse !== undefined) return excuse;
  const holding = peers.holding(member.node, keyId);
  if (holding === undefined) return "has not reported the key yet";
  if (holding.state === "broken") return `cannot open its share (${holding.fault})`;
  return holding.state === "active" ? undefined : "has the key only staged";
}

/** Ascending by identifier, as sets are written everywhere. */
export function ascending(members: readonly Member[]): readonly Member[] {
  return members.toSorted((a, b) => a.identifier - b.identifier);
}

/**
 * The signing set with the lowest expected completion: the request is done when the slowest of the set has answered, so the
 * cheapest `minSigners` are the best set. Members with commitments ready come first, since one round trip to a farther
 * signer is mostly shorter than two rounds; but not those that cost this request an attempt.
 *
 * Members that were parted are not chosen together. Honest members part only from others, so while `minSigners` of them are
 * there a set exists; if none does, links are broken everywhere, and the cheapest try again.
 *
 * @param usable best first, at least `minSigners`
 * @param banned two who exchange nothing with one another: they are not put together where commitments are missing
 * @returns ascending by identifier
 */
export function chooseSet(
  usable: readonly Member[],
  minSigners: number,
  obstacles: Obstacles,
  hasCommitments: (member: Member) => boolean,
  banned: (one: Member, other: Member) => boolean = () => false,
): readonly Member[] {
  const ready = usable.filter((member) => obstacles.strikes(member.identifier) === 0 && hasCommitments(member));
  const all = usable.toSorted((a, b) => obstacles.strikes(a.identifier) - obstacles.strikes(b.identifier));
  const mayMeet = (one: Member, other: Member) => !obstacles.parted(one.identifier, other.identifier);
  const mayTalk = (one: Member, other: Member) => mayMeet(one, other) && !banned(one, other);
  const set = first(quorums(ready, minSigners, mayMeet)) ?? first(quorums(all, minSigners, mayTalk));
  return ascending(set ?? all.slice(0, minSigners));
}

/** Every choice of `count` candidates any two of whom may meet; those with the first candidates come first. */
export function* quorums(
  candidates: readonly Member[],
  count: number,
  mayMeet: (one: Member, other: Member) => boolean,
): Generator<readonly Member[]> {
  if (count === 0) yield [];
  else {
    for (const [at, chosen] of candidates.entries()) {
      if (candidates.length - at < count) return;
      const rest = candidates.slice(at + 1).filter((one) => mayMeet(chosen, one));
      for (const others of quorums(rest, count - 1, mayMeet)) yield [chosen, ...others];
    }
  }
}

export function first<T>(values: Iterable<T>): T | undefined {
  for (const value of values) return value;
  return undefined;
}
