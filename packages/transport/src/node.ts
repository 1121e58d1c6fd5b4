import { noise } from "@chainsafe/libp2p-noise";
import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import type { ConnectionGater, Libp2p } from "@libp2p/interface";
import { tcp } from "@libp2p/tcp";
import { yamux } from "@libp2p/yamux";
import { InputError } from "@quorate/orders";
import { createLibp2p } from "libp2p";
import { inOnePiece } from "./one-piece.ts";

/** The smallest window that yamux allows, and the largest here: what a peer can make us hold while it is not its turn. */
const WINDOW_BYTES = 256 * 1024;
const MAX_CONNECTIONS = 64;
/** Handshakes under way at once; strangers among them. libp2p's 10, and 5 a second per host, would shut out a cluster on one host. */
const MAX_PENDING = 256;
const MAX_CALLS_PER_SECOND = 1000;
const HANDSHAKE_MS = 5000;

/**
 * A libp2p node that speaks TCP, Noise and yamux and nothing besides: no identify, no ping service, no discovery.
 *
 * @param identitySeed 32 bytes, Ed25519
 * @param listen multiaddresses
 */
export async function createNode(
  identitySeed: Uint8Array,
  listen: readonly string[],
  connectionGater: ConnectionGater,
): Promise<Libp2p> {
  return createLibp2p({
    start: false,
    privateKey: await generateKeyPairFromSeed("Ed25519", identitySeed),
    addresses: { listen: [...listen] },
    transports: [tcp()],
    connectionEncrypters: [inOnePiece(noise())],
    streamMuxers: [
      yamux({
        // The links have a heartbeat of their own. Without yamux's pings it also never widens the window.
        enableKeepAlive: false,
        maxInboundStreams: 2,
        maxOutboundStreams: 2,
        streamOptions: { maxStreamWindowSize: WINDOW_BYTES },
      }),
    ],
    connectionGater,
    connectionMonitor: { enabled: false },
    connectionManager: {
      maxConnections: MAX_CONNECTIONS,
      maxIncomingPendingConnections: MAX_PENDING,
      inboundConnectionThreshold: MAX_CALLS_PER_SECOND,
      inboundUpgradeTimeout: HANDSHAKE_MS,
    },
  });
}

/** @throws InputError naming the addresses that are taken or not ours */
export async function startNode(node: Libp2p, listen: readonly string[]): Promise<void> {
  try {
    await node.start();
  } catch (error) {
    await node.stop();
    const reason = /EADDRINUSE|EADDRNOTAVAIL|EACCES/.exec((error as Error).message)?.[0];
    if (reason === undefined) throw error;
    throw new InputError("conflict", `cannot listen on ${listen.join(", ")}: ${reason}`, {
      field: "addresses",
      hint:
        reason === "EADDRINUSE" ? "another process has the port; stop it or choose another" : "choose another address",
    });
  }
}
