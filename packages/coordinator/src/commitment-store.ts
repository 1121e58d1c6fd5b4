import type { Commitment } from "@quorate/frost/aggregate";
import type { NodeId, PublishedCommitment } from "@quorate/orders";

/** A published commitment with its points, checked once when it came. */
export type ReadyCommitment = Commitment<PublishedCommitment>;

/** What the coordinator keeps of one signer's commitments to one key. */
interface Shelf {
  readonly commitments: ReadyCommitment[];
  /** When more were last asked for and have not come, milliseconds. */
  demandedMs: number | undefined;
  /** How many should lie ready; grows with use. */
  target: number;
}

const INITIAL_TARGET = 16;
const MAX_TARGET = 256;
/** After this a demand counts as lost and is made again, milliseconds. */
const DEMAND_LOST_MS = 5000;

/**
 * Nonce commitments that signers published and nobody has used. Each is handed out once. Public data: losing it costs a round.
 */
export class CommitmentStore {
  readonly #shelves = new Map<string, Shelf>();

  /** What does not fit on the shelf is dropped. */
  add(node: NodeId, keyId: string, commitments: readonly ReadyCommitment[]): void {
    const shelf = this.#shelf(node, keyId);
    shelf.commitments.push(...commitments.slice(0, 2 * MAX_TARGET - shelf.commitments.length));
    shelf.demandedMs = undefined;
  }

  level(node: NodeId, keyId: string): number {
    return this.#shelves.get(shelfName(node, keyId))?.commitments.length ?? 0;
  }

  /** Takes `count` commitments of each node off the shelves, which must have them: one list per digest, in the order of `nodes`. */
  take(nodes: readonly NodeId[], keyId: string, count: number): readonly (readonly ReadyCommitment[])[] {
    const taken = nodes.map((node) => this.#shelf(node, keyId).commitments.splice(0, count));
    return Array.from({ length: count }, (_, at) => taken.map((one) => one[at]!));
  }

  /**
   * How many to ask of a signer now, 0 for none. The target doubles each time that a shelf runs empty, and is at least what
   * one request takes.
   */
  demand(node: NodeId, keyId: string, least: number, nowMs: number): number {
    const shelf = this.#shelf(node, keyId);
    const level = shelf.commitments.length;
    const target = Math.max(shelf.target, least);
    if (level > target / 2 && level >= least) return 0;
    if (shelf.demandedMs !== undefined && nowMs - shelf.demandedMs < DEMAND_LOST_MS) return 0;
    if (level === 0) shelf.target = Math.min(MAX_TARGET, target * 2);
    shelf.demandedMs = nowMs;
    return Math.max(shelf.target, least) - level;
  }

  /** A signer restarted or says that it does not know what it published: what it had is worthless. */
  forget(node: NodeId, keyId?: string): void {
    for (const name of this.#shelves.keys()) {
      if (name.startsWith(`${node} `) && (keyId === undefined || name === shelfName(node, keyId)))
        this.#shelves.delete(name);
    }
  }

  /** The holders of a key have new shares: what they published with the old ones is worthless. */
  forgetKey(keyId: string): void {
    for (const name of this.#shelves.keys()) if (name.endsWith(` ${keyId}`)) this.#shelves.delete(name);
  }

  #shelf(node: NodeId, keyId: string): Shelf {
    const name = shelfName(node, keyId);
    const known = this.#shelves.get(name);
    if (known !== undefined) return known;
    const shelf: Shelf = { commitments: [], demandedMs: undefined, target: INITIAL_TARGET };
    this.#shelves.set(name, shelf);
    return shelf;
  }
}

function shelfName(node: NodeId, keyId: string): string {
  return `${node} ${keyId}`;
}
