import type { Backend, Identity } from "@quorate/curves";
import type { Member, NetworkFile, NodeId, World } from "@quorate/orders";
import type { Protocol } from "@quorate/protocol";

/** What a signer is made of. Its storage key stays with the world: records marked secret come back opened. */
export interface SignerConfig {
  readonly network: NetworkFile;
  readonly self: NodeId;
  readonly identity: Identity;
  readonly world: World;
  readonly backend: Backend;
  /** Edits of an honest signer's conduct; only ever set under `--allow-faults`. */
  readonly behaviour?: Behaviour;
}

/** The seam where a signer is made malicious: each member edits what an honest one would send. */
export interface Behaviour {
  /** Wraps a protocol before it runs. `peers` are the other participants. */
  protocol?<Out>(
    name: "keygen" | "refresh" | "import" | "commitments" | "pair" | "presign",
    protocol: Protocol<Out>,
    peers: readonly Member[],
  ): Protocol<Out>;
  /** Edits a signature share, 32 bytes, before it is signed and sent. */
  share?(share: Uint8Array): Uint8Array;
  /** Whether an order is answered at all. */
  silent?(order: string): boolean;
  /** What leaves in place of one encoded message. */
  sent?(to: NodeId, bytes: Uint8Array): readonly Uint8Array[];
  /** Looks at an encoded message of another signer. */
  heard?(from: NodeId, bytes: Uint8Array): void;
}
