import type { ConnectionGater, PeerId } from "@libp2p/interface";
import type { Event } from "@quorate/orders";
import type { Counters } from "./counters.ts";
import type { Directory } from "./directory.ts";

/** A node needs one connection; one more for each half-open one that it has given up and we have not. */
const MAX_CONNECTIONS_PER_NODE = 3;

/**
 * Lets in the nodes of the network file and nobody else, as soon as Noise has shown who is calling and before any protocol is
 * spoken. Of these only the ones that are to dial us.
 */
export function gate(
  directory: Directory,
  context: {
    readonly counters: Counters;
    readonly emit: (event: Event) => void;
    readonly connectionsOf: (peerId: PeerId) => number;
  },
): ConnectionGater {
  const { counters, emit, connectionsOf } = context;
  const refuse = (peer: string, code: string, detail: string) => {
    counters.peersRefused++;
    emit({ type: "peer.refused", peer, by: "us", code, detail });
    return true;
  };
  return {
    denyDialPeer: (peerId) => directory.find(peerId) === undefined,
    denyInboundEncryptedConnection: (peerId, connection) => {
      const caller = directory.find(peerId);
      if (caller === undefined) {
        const total = ++counters.strangersRefused;
        const from = connection.remoteAddr.toString();
        emit({ type: "stranger.refused", peerId: peerId.toString(), from, total });
        return true;
      }
      const { name } = caller.node;
      if (caller.dialled) return refuse(name, "wrong_direction", `${name} called; between us this node calls`);
      if (connectionsOf(peerId) < MAX_CONNECTIONS_PER_NODE) return false;
      return refuse(name, "too_many_connections", `${name} already has ${MAX_CONNECTIONS_PER_NODE} connections`);
    },
  };
}
