import { publicKeyFromRaw } from "@libp2p/crypto/keys";
import type { PeerId } from "@libp2p/interface";
import { peerIdFromPublicKey } from "@libp2p/peer-id";
import {
  coordinatorsOf,
  findNode,
  InputError,
  type NetworkFile,
  type NetworkNode,
  type NodeId,
  unhex,
} from "@quorate/orders";

/** Between two signers. No coordinator has a part in it. */
export const SESSION_PROTOCOL = "/quorate/session/1";
/** Between a coordinator and a signer. */
export const ORDER_PROTOCOL = "/quorate/order/1";

/** A node as the transport knows it. */
export interface Listed {
  readonly node: NetworkNode;
  readonly peerId: PeerId;
  /** The one protocol that is spoken with it. */
  readonly protocol: string;
  /** Whether we dial it; otherwise it dials us. Exactly one of a pair dials: the one with the smaller peer id. */
  readonly dialled: boolean;
}

/** All nodes of the network file that one of them talks to, from its point of view. */
export class Directory {
  readonly self: NetworkNode;
  readonly others: readonly Listed[];
  readonly #byPeerId: ReadonlyMap<string, Listed>;

  /** @throws InputError when `self` is not in the file */
  constructor(network: NetworkFile, self: NodeId) {
    const own = findNode(network, self);
    if (own === undefined) {
      throw new InputError("invalid_input", `${self} is not a node of network ${network.networkId}`, { field: "self" });
    }
    this.self = own;
    const ownId = peerIdOf(own).toString();
    const coordinators = coordinatorsOf(network);
    const isCoordinator = coordinators.includes(own);
    // Coordinators have nothing to say to one another: what they share is in their database.
    this.others = [...(isCoordinator ? [] : coordinators), ...network.nodes]
      .filter((node) => node.name !== self)
      .map((node) => {
        const peerId = peerIdOf(node);
        const protocol = isCoordinator || coordinators.includes(node) ? ORDER_PROTOCOL : SESSION_PROTOCOL;
        return { node, peerId, protocol, dialled: ownId < peerId.toString() };
      });
    this.#byPeerId = new Map(this.others.map((one) => [one.peerId.toString(), one]));
  }

  find(peerId: PeerId): Listed | undefined {
    return this.#byPeerId.get(peerId.toString());
  }
}

function peerIdOf(node: NetworkNode): PeerId {
  try {
    return peerIdFromPublicKey(publicKeyFromRaw(unhex(node.publicKey)));
  } catch {
    throw new InputError("invalid_input", `publicKey of ${node.name} is not an Ed25519 key`, { field: "publicKey" });
  }
}
