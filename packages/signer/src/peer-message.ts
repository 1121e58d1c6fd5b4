import { bytes, fixed, flag, list, nullable, struct, text, u8, u64, union, type Value } from "@quorate/curves";
import {
  committedRecord,
  haltStatement,
  MAX_COMMITTED,
  namedHead,
  nodeId,
  presenceStatement,
  repairStatement,
  resumeStatement,
} from "@quorate/orders";

/** What signers say to one another; each travels in one transport frame, authenticated by the link. */
export const peerMessage = union({
  /** A frame of a session: its first 16 bytes name the execution. */
  frame: struct({ frame: bytes(1 << 16) }),
  /** A session stopped at the sender; its evidence is checked here, never believed. */
  notice: struct({ evidence: bytes(1 << 16) }),
  /** What the sender holds of the pair with the receiver: the epoch and id of its setup, and whether it works with it at all. `asks` for the same in return. */
  pairStatus: struct({ epoch: u64, setupId: nullable(fixed(32)), banned: flag, asks: flag, life: fixed(16) }),
  /** The sender, first of the pair, begins a new setup. */
  pairBegin: struct({ executionId: fixed(16), epoch: u64, life: fixed(16) }),
  /** Where the logs end that the sender follows. Who knows more says so in return. */
  heads: struct({ heads: list(namedHead, 64) }),
  /** Asks for the committed records of a log from a height on. */
  fetch: struct({ organisation: text(64), from: u64 }),
  /** Committed records, ascending; verified here like those of the coordinator. */
  records: struct({ organisation: text(64), records: list(committedRecord, MAX_COMMITTED) }),
  /** The sender was halted; whom the statement names stops as well. */
  halt: haltStatement,
  /** The sender goes on. */
  resume: resumeStatement,
  /** Which record operators want at a height of a log that is stuck. */
  repair: repairStatement,
  /** Asks what the receiver remembers of the sender. */
  recall: struct({}),
  /** Where the receiver stood when the sender heard of it last, in the receiver's own words. */
  remembered: struct({ statement: nullable(presenceStatement) }),
  /** Where a signer stands, in its own words: the sender, or another that begins a new life. */
  presence: struct({ node: nodeId, statement: presenceStatement }),
  /** Two processes live under the name of a signer: each said one of these. */
  cloned: struct({ node: nodeId, first: presenceStatement, second: presenceStatement }),
  /** The sender runs that execution and waits, in that round, for frames of the receiver: they may be lost. */
  lacking: struct({ executionId: fixed(16), round: u8 }),
});
export type PeerMessage = Value<typeof peerMessage>;
/** What signers say of the logs and at the word of operators; the rest is about sessions and pairs. */
export type AuthorityMessage = Extract<
  PeerMessage,
  { kind: "heads" | "fetch" | "records" | "halt" | "resume" | "repair" }
>;

export function isOfAuthority(message: PeerMessage): message is AuthorityMessage {
  return ["heads", "fetch", "records", "halt", "resume", "repair"].includes(message.kind);
}

/** What signers say of where they stand. */
export type PresenceMessage = Extract<PeerMessage, { kind: "recall" | "remembered" | "presence" | "cloned" }>;

export function isOfPresence(message: PeerMessage): message is PresenceMessage {
  return ["recall", "remembered", "presence", "cloned"].includes(message.kind);
}
