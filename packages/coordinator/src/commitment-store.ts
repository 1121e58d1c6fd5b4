import type { NodeId, PublishedCommitment } from "@quorate/orders";

/** What the coordinator keeps of one signer's commitments to one key. */
interface Shelf {
  readonly commitments: PublishedCommitment[];
  /** A demand for more is on its way. */
  demanded: boolean;
  /** How many should lie ready; grows with use. */
  target: number;
}

const INITIAL_TARGET = 16;
const MAX_TARGET = 256;

/**
 * Nonce commitments that signers published and nobody has used. Each is handed out once. Public data: losing it costs a round.
 */
export class CommitmentStore {
  readonly #shelves = new Map<string, Shelf>();

  add(node: NodeId, keyId: string, commitments: readonly PublishedCommitment[], replace: boolean): void {
    const shelf = this.#shelf(node, keyId);
    if (replace) shelf.commitments.length = 0;
    shelf.commitments.push(...commitments.slice(0, 2 * MAX_TARGET - shelf.commitments.length));
    shelf.demanded = false;
  }

  /** Whether every one of `nodes` has `count` ready. */
  ready(nodes: readonly NodeId[], keyId: string, count: number): boolean {
    return nodes.every((node) => this.level(node, keyId) >= count);
  }

  level(node: NodeId, keyId: string): number {
    return this.#shelves.get(shelfName(node, keyId))?.commitments.length ?? 0;
  }

  /** Takes `count` commitments of each node off the shelves: one list per digest, in the order of `nodes`. */
  take(nodes: readonly NodeId[], keyId: string, count: number): readonly (readonly PublishedCommitment[])[] {
    const taken = nodes.map((node) => this.#shelf(node, keyId).commitments.splice(0, count));
    return Array.from({ length: count }, (_, at) => taken.map((one) => one[at]!));
  }

  /**
   * How many to ask of a signer now, 0 for none. The target doubles each time that a shelf runs empty.
   */
  demand(node: NodeId, keyId: string): number {
    const shelf = this.#shelf(node, keyId);
    const level = shelf.commitments.length;
    if (shelf.demanded || level > shelf.target / 2) return 0;
    if (level === 0) shelf.target = Math.min(MAX_TARGET, shelf.target * 2);
    shelf.demanded = true;
    return shelf.target - level;
  }

  /** A signer restarted or says that it does not know what it published: what it had is worthless. */
  forget(node: NodeId, keyId?: string): void {
    for (const name of this.#shelves.keys()) {
      if (name.startsWith(`${node} `) && (keyId === undefined || name === shelfName(node, keyId)))
        this.#shelves.delete(name);
    }
  }

  #shelf(node: NodeId, keyId: string): Shelf {
    const name = shelfName(node, keyId);
    const known = this.#shelves.get(name);
    if (known !== undefined) return known;
    const shelf: Shelf = { commitments: [], demanded: false, target: INITIAL_TARGET };
    this.#shelves.set(name, shelf);
    return shelf;
  }
}

function shelfName(node: NodeId, keyId: string): string {
  return `${node} ${keyId}`;
}
