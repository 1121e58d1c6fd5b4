import type { Member, NodeId } from "@quorate/orders";
import type { Peers } from "./peers.ts";

/** Which members could sign now, and what stands in the way of the others. */
export interface Availability {
  /** Reachable members that hold the key, best first. */
  readonly usable: readonly Member[];
  /** Everyone else, with the reason. */
  readonly missing: readonly { readonly node: NodeId; readonly reason: string }[];
}

/** Sorts the members of a key into usable and missing; `excluded` are identifiers that this request must do without. */
export function availability(
  members: readonly Member[],
  keyId: string,
  peers: Peers,
  excluded: ReadonlyMap<number, string>,
): Availability {
  const missing: { node: NodeId; reason: string }[] = [];
  const usable: Member[] = [];
  for (const member of members) {
    const reason = obstacle(member, keyId, peers, excluded);
    if (reason === undefined) usable.push(member);
    else missing.push({ node: member.node, reason });
  }
  usable.sort((a, b) => peers.cost(a.node) - peers.cost(b.node) || a.identifier - b.identifier);
  return { usable, missing };
}

function obstacle(
  member: Member,
  keyId: string,
  peers: Peers,
  excluded: ReadonlyMap<number, string>,
): string | undefined {
  if (!peers.connected(member.node)) return "unreachable";
  const excuse = excluded.get(member.identifier);
  if (excuse !== undefined) return excuse;
  const holding = peers.holding(member.node, keyId);
  if (holding === undefined) return "has not reported the key yet";
  if (holding.state === "broken") return `cannot open its share (${holding.fault})`;
  return holding.state === "active" ? undefined : "has the key only staged";
}

/**
 * The signing set with the lowest expected completion: the request is done when the slowest of the set has answered, so the
 * `minSigners` cheapest are the best set. Members with commitments ready come first, since one round trip to a farther
 * signer is mostly shorter than two rounds.
 *
 * @returns ascending by identifier
 */
export function chooseSet(
  usable: readonly Member[],
  minSigners: number,
  hasCommitments: (member: Member) => boolean,
): readonly Member[] {
  const ready = usable.filter(hasCommitments);
  const pool = ready.length >= minSigners ? ready : usable;
  return pool.slice(0, minSigners).toSorted((a, b) => a.identifier - b.identifier);
}
