import { decode, encode, type Identity } from "@quorate/curves";
import {
  hex,
  type NetworkFile,
  type NodeId,
  networkHash,
  type Order,
  type Outcome,
  open,
  order,
  outcome,
  type Refusal,
  seal,
  unhex,
  type World,
} from "@quorate/orders";
import { type Abort, encodeEvidence } from "@quorate/protocol";
import { type PeerMessage, peerMessage } from "./peer-message.ts";

/** A signer's conversations: orders from the coordinator, outcomes to it, session messages with the other signers. */
export class Link {
  readonly networkHash: Uint8Array;
  readonly coordinator: NodeId;
  readonly #world: World;
  readonly #identity: Identity;
  readonly #self: NodeId;
  readonly #coordinatorKey: Uint8Array;
  readonly #publicKeys: ReadonlyMap<NodeId, Uint8Array>;

  constructor(world: World, network: NetworkFile, self: NodeId, identity: Identity) {
    this.#world = world;
    this.#identity = identity;
    this.#self = self;
    this.networkHash = networkHash(network);
    this.coordinator = network.coordinator.name;
    this.#coordinatorKey = unhex(network.coordinator.publicKey);
    this.#publicKeys = new Map(network.nodes.map((node) => [node.name, unhex(node.publicKey)]));
  }

  /** Public identity of a signer, 32 bytes. */
  identityOf(node: NodeId): Uint8Array | undefined {
    return this.#publicKeys.get(node);
  }

  report(value: Outcome): void {
    const address = {
      networkHash: this.networkHash,
      purpose: "outcome",
      from: this.#self,
      to: this.coordinator,
    } as const;
    this.#world.send(this.coordinator, seal(outcome, value, this.#identity, address));
  }

  refuse(executionId: Uint8Array, code: Refusal, detail: string): void {
    this.#world.emit({ type: "order.refused", code, detail });
    this.report({ kind: "refused", executionId, code, detail: detail.slice(0, 400) });
  }

  /** Reports a session that stopped. */
  abort(executionId: Uint8Array, abort: Abort, waitingFor: readonly number[]): void {
    const { code, culprits } = abort;
    const evidence = abort.evidence === undefined ? new Uint8Array() : encodeEvidence(abort.evidence);
    this.#world.emit({ type: "session.aborted", execution: hex(executionId), code, culprits, waitingFor });
    this.report({ kind: "aborted", executionId, code, culprits, waitingFor, evidence });
  }

  tell(to: NodeId, message: PeerMessage): void {
    this.#world.send(to, encode(peerMessage, message));
  }

  /** @returns `undefined` for anything that is not a signed order of the coordinator to this signer, after saying so in an event */
  order(bytes: Uint8Array): Order | undefined {
    return this.#checked(this.coordinator, () => {
      const address = {
        networkHash: this.networkHash,
        purpose: "order",
        from: this.coordinator,
        to: this.#self,
      } as const;
      const message = open(order, bytes, this.#coordinatorKey, address);
      if (message === undefined) throw new Error("the order's signature does not verify");
      return message;
    });
  }

  /** @returns `undefined` for anything that is not a message of a signer's */
  peerMessage(from: NodeId, bytes: Uint8Array): PeerMessage | undefined {
    return this.#checked(from, () => decode(peerMessage, bytes));
  }

  #checked<T>(from: NodeId, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      this.#world.emit({
        type: "message.refused",
        peer: from,
        code: "malformed_message",
        detail: (error as Error).message,
      });
      return undefined;
    }
  }
}
