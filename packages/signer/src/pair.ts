import type { NodeId } from "@quorate/orders";

/** What a node has of a pair. */
export interface Holding {
  readonly epoch: number;
  /** 32 bytes, or `null` for none. */
  readonly setupId: Uint8Array | null;
}

/** Another signer, and how this one stands with it. */
export interface Peer {
  readonly node: NodeId;
  /** Its identity. Bans and setups belong to identities: a node by another name is the same. */
  readonly publicKey: Uint8Array;
  held: Holding;
  /** What it said last. */
  theirs: (Holding & { readonly banned: boolean }) | undefined;
  /** Of its process, as that said: 16 bytes, others at each start. */
  life: Uint8Array | undefined;
  banned: boolean;
  connected: boolean;
}

/** Before there is any. */
export const NONE: Holding = { epoch: 0, setupId: null };

/** Whether both ends say that they hold one and the same setup. */
export function sameSetup(held: Holding, theirs: Holding | undefined): boolean {
  if (held.setupId === null || theirs === undefined || theirs.setupId === null) return false;
  return held.epoch === theirs.epoch && Buffer.compare(held.setupId, theirs.setupId) === 0;
}
