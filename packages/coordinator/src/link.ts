import type { Identity } from "@quorate/curves";
import {
  type NetworkFile,
  type NodeId,
  networkHash,
  type Order,
  type Outcome,
  open,
  order,
  outcome,
  seal,
  unhex,
  type World,
} from "@quorate/orders";

/** The coordinator's side of its conversations with the signers: orders out, outcomes in, both signed and addressed. */
export class Link {
  readonly networkHash: Uint8Array;
  readonly #world: World;
  readonly #identity: Identity;
  readonly #self: NodeId;
  readonly #publicKeys: ReadonlyMap<NodeId, Uint8Array>;

  constructor(world: World, network: NetworkFile, identity: Identity) {
    this.#world = world;
    this.#identity = identity;
    this.#self = network.coordinator.name;
    this.networkHash = networkHash(network);
    this.#publicKeys = new Map(network.nodes.map((node) => [node.name, unhex(node.publicKey)]));
  }

  /** Public identity of a signer, 32 bytes. */
  identityOf(node: NodeId): Uint8Array | undefined {
    return this.#publicKeys.get(node);
  }

  send(to: NodeId, value: Order): void {
    const address = { networkHash: this.networkHash, purpose: "order", from: this.#self, to } as const;
    this.#world.send(to, seal(order, value, this.#identity, address));
  }

  /** @returns `undefined` for anything that is not a signed outcome of `from`, after saying so in an event */
  receive(from: NodeId, bytes: Uint8Array): Outcome | undefined {
    const publicKey = this.#publicKeys.get(from);
    if (publicKey === undefined) return undefined;
    try {
      const address = { networkHash: this.networkHash, purpose: "outcome", from, to: this.#self } as const;
      const message = open(outcome, bytes, publicKey, address);
      if (message === undefined) this.#refuse(from, "bad_signature", "the outcome's signature does not verify");
      return message;
    } catch (error) {
      this.#refuse(from, "malformed_message", (error as Error).message);
      return undefined;
    }
  }

  #refuse(from: NodeId, code: string, detail: string): void {
    this.#world.emit({ type: "message.refused", peer: from, code, detail });
  }
}
