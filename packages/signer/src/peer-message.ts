import { bytes, fixed, flag, nullable, struct, u64, union, type Value } from "@quorate/curves";

/** What signers say to one another; each travels in one transport frame, authenticated by the link. */
export const peerMessage = union({
  /** A frame of a session: its first 16 bytes name the execution. */
  frame: struct({ frame: bytes(1 << 16) }),
  /** A session stopped at the sender; its evidence is checked here, never believed. */
  notice: struct({ evidence: bytes(1 << 16) }),
  /** What the sender holds of the pair with the receiver: the epoch and id of its setup, and whether it works with it at all. `asks` for the same in return. */
  pairStatus: struct({ epoch: u64, setupId: nullable(fixed(32)), banned: flag, asks: flag }),
  /** The sender, first of the pair, begins a new setup. */
  pairBegin: struct({ executionId: fixed(16), epoch: u64 }),
});
export type PeerMessage = Value<typeof peerMessage>;
