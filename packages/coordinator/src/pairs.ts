import type { Member, NodeId, OutcomeOf, PairState } from "@quorate/orders";

/** How a pair stands, both ends taken together; `unreported` while one of them has said nothing. */
export type PairStatus = PairState | "unreported";

/** The first that either end says holds for the pair. */
const WORST_FIRST = ["banned", "failed", "unreported", "waiting", "making", "ready"] as const;
/** May become `ready` without anybody's doing. */
const HOPEFUL: ReadonlySet<PairStatus> = new Set(["unreported", "waiting", "making"]);

/** Two signers and how they stand, for people. */
export interface PairReport {
  readonly nodes: readonly [NodeId, NodeId];
  readonly status: PairStatus;
}

/**
 * How the signers stand with one another for threshold ECDSA, as they say themselves. It takes the word of both to put two
 * together and that of one to keep them apart, which costs nobody a key or a name: beliefs choose routes.
 */
export class Pairs {
  readonly #nodes: readonly NodeId[];
  readonly #standings = new Map<NodeId, ReadonlyMap<NodeId, PairState>>();

  constructor(nodes: readonly NodeId[]) {
    this.#nodes = nodes;
  }

  /** Takes in what a signer says. @returns whether that is news */
  report(from: NodeId, { pairs }: OutcomeOf<"pairs">): boolean {
    const before = this.#standings.get(from);
    const now = new Map(pairs.map(({ node, state }) => [node, state]));
    this.#standings.set(from, now);
    return this.#nodes.some((node) => before?.get(node) !== now.get(node));
  }

  /** A signer runs anew: how it stands it will say. */
  forget(node: NodeId): void {
    this.#standings.delete(node);
  }

  status(one: NodeId, other: NodeId): PairStatus {
    const ends = [
      this.#standings.get(one)?.get(other) ?? "unreported",
      this.#standings.get(other)?.get(one) ?? "unreported",
    ];
    return WORST_FIRST.find((status) => ends.includes(status))!;
  }

  /** Whether the two can run the rounds of threshold ECDSA together. */
  ready(one: NodeId, other: NodeId): boolean {
    return this.status(one, other) === "ready";
  }

  /** Whether the two can, or will be able to before long. */
  hopeful(one: NodeId, other: NodeId): boolean {
    return this.ready(one, other) || HOPEFUL.has(this.status(one, other));
  }

  /** All pairs among these nodes: of the whole network unless given. */
  all(nodes: readonly NodeId[] = this.#nodes): readonly PairReport[] {
    return nodes.flatMap((one, at) =>
      nodes.slice(at + 1).map((other) => ({ nodes: [one, other] as const, status: this.status(one, other) })),
    );
  }

  /** Those among the members that keep two of them apart. */
  obstacles(members: readonly Member[]): readonly PairReport[] {
    return this.all(members.map((member) => member.node)).filter(({ status }) => status !== "ready");
  }
}
