import { bytes, fixed, list, nullable, struct, text, u32, u64, type Value } from "@quorate/curves";
import { versioned } from "./formats.ts";

/** The largest record of a log, bytes; and the most signers that can countersign it. */
const MAX_RECORD_BYTES = 1 << 17;
const MAX_SIGNERS = 15;

/** A record of an organisation's log with what committed it. */
export const logRecord = versioned(
  1,
  struct({
    /** Canonical JSON, as the user's signature and the hashes need it. */
    record: bytes(MAX_RECORD_BYTES),
    /** By node name; none for the first record, whose hash stands in the network file. */
    signatures: list(struct({ node: text(64), signature: fixed(64) }), MAX_SIGNERS),
  }),
);
export type LogRecordRecord = Value<typeof logRecord>;

/** A record as the coordinator proposed it, with its signature over hash and height. */
const proposal = struct({ record: bytes(MAX_RECORD_BYTES), signature: fixed(64) });

/** The one record that this signer countersigned at a height: durable before anybody hears of it. */
export const countersignedRecord = versioned(1, proposal);

/** A proposed record that only takes away: it binds this signer from the moment it saw it until its height is decided. */
export const pendingRecord = versioned(1, proposal);

/** Two records that the coordinator signed for one height of a log; `null` where the second was committed without its signature. */
export const equivocationRecord = versioned(
  1,
  struct({ first: proposal, second: struct({ record: bytes(MAX_RECORD_BYTES), signature: nullable(fixed(64)) }) }),
);
export type EquivocationRecord = Value<typeof equivocationRecord>;

/** What operators decided about a height, as `orders` encodes it, and the record that this signer let go of for it. */
export const repairRecord = versioned(1, struct({ statement: bytes(1 << 13), released: nullable(proposal) }));

/** A piece of the state of a log. All pieces of one snapshot name the same head and their number. */
export const logSnapshotRecord = versioned(
  1,
  struct({ height: u64, hash: fixed(32), pieces: u32, piece: bytes(1 << 23) }),
);

/** For which key of which organisation a share was made: fixed when the share is, and never changed. */
export const originRecord = versioned(1, struct({ organisation: text(64), key: text(64) }));
export type OriginRecord = Value<typeof originRecord>;

/** The halt under which a signer stands, and the resume that ended the one before; each as `orders` encodes it. */
export const haltRecord = versioned(1, struct({ halt: nullable(bytes(1 << 12)), resume: nullable(bytes(1 << 13)) }));
export type HaltRecord = Value<typeof haltRecord>;
