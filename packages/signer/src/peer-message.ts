import { bytes, struct, union, type Value } from "@quorate/curves";

/** What signers say to one another; each travels in one transport frame, authenticated by the link. */
export const peerMessage = union({
  /** A frame of a session: its first 16 bytes name the execution. */
  frame: struct({ frame: bytes(1 << 16) }),
  /** A session stopped at the sender; its evidence is checked here, never believed. */
  notice: struct({ evidence: bytes(1 << 16) }),
});
export type PeerMessage = Value<typeof peerMessage>;
