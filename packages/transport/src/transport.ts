import { randomBytes } from "node:crypto";
import type { Connection, Libp2p, Stream } from "@libp2p/interface";
import { identityFromSeed } from "@quorate/curves";
import type { LinkRule } from "@quorate/faults";
import {
  type Event,
  hex,
  InputError,
  type NetworkFile,
  type NodeId,
  networkHash,
  type PeerState,
} from "@quorate/orders";
import { type Counters, newCounters } from "./counters.ts";
import { Directory } from "./directory.ts";
import { gate } from "./gate.ts";
import { PROTOCOL_VERSION } from "./hello.ts";
import { DEFAULT_LIMITS, type TransportLimits } from "./limits.ts";
import { createNode, startNode } from "./node.ts";
import { Peer } from "./peer.ts";
import { sparingly } from "./sparingly.ts";

export interface TransportOptions {
  readonly network: NetworkFile;
  readonly self: NodeId;
  /** 32 bytes; the Ed25519 key of it is the one that the network file has for `self`. */
  readonly identitySeed: Uint8Array;
  /** Multiaddresses to bind; those of the network file unless given. */
  readonly listen?: readonly string[];
  /** One-way milliseconds for the next frame to that node. Asked for each frame; frames do not overtake one another. */
  readonly delay?: (to: NodeId) => number;
  /** Faults on what this node sends. Asked for each frame, so that they can change at any time. */
  readonly rules?: () => readonly LinkRule[];
  /** Numbers in [0, 1) for back-off and fault rules; `Math.random` unless given. */
  readonly uniform?: () => number;
  readonly limits?: Partial<TransportLimits>;
  onMessage(from: NodeId, bytes: Uint8Array): void;
  /** The peer connected, went away, restarted, or its round trip changed. */
  onPeer(node: NodeId, state: PeerState): void;
  onEvent(event: Event): void;
}

export interface Transport {
  /** Hex of 16 random bytes, new for each transport. */
  readonly instance: string;
  readonly counters: Readonly<Counters>;
  /** May lose the message, and counts that; never throws. In order per peer. The caller may reuse `bytes`. */
  send(to: NodeId, bytes: Uint8Array): void;
  peers(): ReadonlyMap<NodeId, PeerState>;
  /** Ends all links; nothing is reported afterwards. */
  close(): Promise<void>;
}

/**
 * Joins the network: listens, and keeps one stream to every other node of the network file.
 *
 * @throws InputError when `self`, the seed or the addresses do not fit the network file or the machine
 */
export async function createTransport(options: TransportOptions): Promise<Transport> {
  const { network, self, identitySeed, onMessage, onPeer, onEvent } = options;
  const directory = new Directory(network, self);
  checkSeed(directory, identitySeed);
  const listen = options.listen ?? directory.self.addresses;
  const counters = newCounters();
  const emitSparingly = sparingly(onEvent);
  const instance = randomBytes(16);
  const connectionsOf: Parameters<typeof gate>[1]["connectionsOf"] = (peerId) => node.getConnections(peerId).length;
  const node: Libp2p = await createNode(
    identitySeed,
    listen,
    gate(directory, { counters, emit: emitSparingly, connectionsOf }),
  );
  const uniform = options.uniform ?? Math.random;
  const context = {
    node,
    hello: { version: PROTOCOL_VERSION, networkHash: networkHash(network), node: self, instance, features: [] },
    conditions: { self, delay: options.delay, rules: options.rules, uniform },
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    counters,
    onMessage,
    onPeer,
    emit: onEvent,
    emitSparingly,
  };
  const peers = new Map(directory.others.map((listed) => [listed.node.name, new Peer(listed, context)]));
  await answerCalls(node, directory, peers, (peer, protocol) => {
    counters.peersRefused++;
    const detail = `${peer} opened ${protocol}, which is not spoken with it`;
    emitSparingly({ type: "peer.refused", peer, by: "us", code: "wrong_protocol", detail });
  });
  await startNode(node, listen);
  for (const peer of peers.values()) peer.start();
  return {
    instance: hex(instance),
    counters,
    send(to, bytes) {
      const peer = peers.get(to);
      if (peer === undefined) counters.lostDisconnected++;
      else peer.send(bytes);
    },
    peers: () => new Map([...peers].map(([name, peer]) => [name, peer.state])),
    async close() {
      for (const peer of peers.values()) peer.close();
      await node.stop();
    },
  };
}

function checkSeed(directory: Directory, identitySeed: Uint8Array): void {
  const { name, publicKey } = directory.self;
  const ours = hex(identityFromSeed(identitySeed).publicKey);
  if (ours === publicKey) return;
  throw new InputError("invalid_input", `the identity of this process is ${ours}, but ${name} is ${publicKey}`, {
    field: "publicKey",
    hint: "start it with the identity seed that belongs to the network file",
  });
}

/** A node answers in the protocols that it speaks with somebody, and in each only with those with whom it speaks it. */
async function answerCalls(
  node: Libp2p,
  directory: Directory,
  peers: ReadonlyMap<NodeId, Peer>,
  onWrongProtocol: (peer: NodeId, protocol: string) => void,
): Promise<void> {
  const answer = (stream: Stream, connection: Connection) => {
    const caller = directory.find(connection.remotePeer)!;
    if (caller.protocol === stream.protocol) {
      void peers.get(caller.node.name)!.accept(connection, stream);
    } else {
      onWrongProtocol(caller.node.name, stream.protocol);
      connection.abort(new Error("wrong protocol"));
    }
  };
  for (const protocol of new Set(directory.others.map((one) => one.protocol))) {
    await node.handle(protocol, answer, { maxInboundStreams: 1, maxOutboundStreams: 1 });
  }
}
