import { bytes, fixed, list, struct, text, u32, u64, union, type Value } from "@quorate/curves";
import { nodeId } from "./ids.ts";
import { MAX_SIGNERS } from "./suite.ts";

/** The largest record of a log, bytes. */
export const MAX_LOG_RECORD_BYTES = 1 << 17;
/** The most records that one message carries; and beyond their size they must fit a message. */
export const MAX_COMMITTED = 64;

const organisation = text(64);

/** The end of a log: its height, and the hash of its last record. */
export const logHead = struct({ height: u64, hash: fixed(32) });
export type LogHead = Value<typeof logHead>;

/** A record with the countersignatures that commit it; none for the first, whose hash stands in the network file. */
export const committedRecord = struct({
  record: bytes(MAX_LOG_RECORD_BYTES),
  signatures: list(struct({ node: nodeId, signature: fixed(64) }), MAX_SIGNERS),
});
export type CommittedRecord = Value<typeof committedRecord>;

/** The head of a log at whoever says so. */
export const namedHead = struct({ organisation, ...{ height: u64, hash: fixed(32) } });
export type NamedHead = Value<typeof namedHead>;

/** Under whose authority something is signed. */
export const signingAuthority = union({
  /** The user's signed request itself: path, and the assertion as JSON; the body is the order's request. */
  inline: struct({ organisation, head: logHead, method: text(8), path: text(512), assertion: bytes(1 << 15) }),
  /** A request that the log admitted. */
  admitted: struct({ organisation, head: logHead, requestId: text(64) }),
});
export type SigningAuthority = Value<typeof signingAuthority>;

/** Which key of a log the signers make, and for the how many-th time they try. */
export const keyCreation = struct({ organisation, head: logHead, key: text(64), attempt: u32 });
export type KeyCreation = Value<typeof keyCreation>;

/** The committed record that has a key exported, refreshed or imported. */
export const orderCause = struct({ organisation, head: logHead, key: text(64), record: fixed(32) });
export type OrderCause = Value<typeof orderCause>;
