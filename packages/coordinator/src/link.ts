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

/** The coordinator's side of its conversations with the signers: orders out, outcomes in. */
export class Link extends Conversation {
  readonly #signers: ReadonlySet<NodeId>;

  /** @param self which of the coordinators */
  constructor(world: World, network: NetworkFile, self: NodeId, identity: Identity) {
    super(world, network, self, identity);
    this.#signers = new Set(network.nodes.map((node) => node.name));
  }

  send(to: NodeId, value: Order): void {
    this.say(to, "order", order, value);
  }

  /** @returns `undefined` for anything that is not a signed outcome of the signer `from` */
  receive(from: NodeId, bytes: Uint8Array): Outcome | undefined {
    return this.#signers.has(from) ? this.hear(from, "outcome", outcome, bytes) : undefined;
  }
}
