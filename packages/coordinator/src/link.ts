import type { Identity } from "@quorate/curves";
import {
  Conversation,
  type NetworkFile,
  type NodeId,
  type Order,
  type Outcome,
  order,
  outcome,
  type World,
} from "@quorate/orders";

/** The seam where a coordinator is made malicious; only ever set under `--allow-faults`. */
export interface CoordinatorBehaviour {
  /** What a signer is told in place of an order: nothing, it, or others. */
  orders?(to: NodeId, order: Order): readonly Order[];
}

/** The coordinator's side of its conversations with the signers: orders out, outcomes in. */
export class Link extends Conversation {
  readonly #signers: ReadonlySet<NodeId>;
  readonly #behaviour: CoordinatorBehaviour;

  /** @param self which of the coordinators */
  constructor(
    world: World,
    network: NetworkFile,
    self: NodeId,
    identity: Identity,
    behaviour: CoordinatorBehaviour = {},
  ) {
    super(world, network, self, identity);
    this.#behaviour = behaviour;
    this.#signers = new Set(network.nodes.map((node) => node.name));
  }

  send(to: NodeId, value: Order): void {
    for (const each of this.#behaviour.orders?.(to, value) ?? [value]) this.say(to, "order", order, each);
  }

  /** @returns `undefined` for anything that is not a signed outcome of the signer `from` */
  receive(from: NodeId, bytes: Uint8Array): Outcome | undefined {
    return this.#signers.has(from) ? this.hear(from, "outcome", outcome, bytes) : undefined;
  }
}
