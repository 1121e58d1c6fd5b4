import { bytes, fixed, list, nullable, struct, text, u8, u16, u64, union, type Value } from "@quorate/curves";
import {
  committedRecord,
  keyCreation,
  MAX_COMMITTED,
  MAX_LOG_RECORD_BYTES,
  orderCause,
  signingAuthority,
} from "./authority.ts";
import { publishedCommitment } from "./commitment.ts";
import { ENCRYPTION_KEY_BYTES, MAX_SEALED_SHARE_BYTES } from "./encryption-key.ts";
import { nodeId } from "./ids.ts";
import { derivationPath } from "./path.ts";
import { shareEvidence } from "./share.ts";
import { MAX_SIGNERS, suiteName } from "./suite.ts";

/** The most digests that one request may ask for (inputs of a transaction). */
export const MAX_DIGESTS = 64;
/** The largest request body, bytes. */
export const MAX_REQUEST_BYTES = 1 << 17;

/** Who takes part in a key, by identifier. */
export const member = struct({ identifier: u8, node: nodeId });
export type Member = Value<typeof member>;

/** The most presignatures that one message names. */
export const MAX_NAMED_PRESIGNATURES = 4096;

const signing = {
  requestId: text(64),
  /** 16 random bytes, new for each attempt. */
  executionId: fixed(16),
  keyId: fixed(32),
  epoch: u64,
  path: derivationPath,
  /** The request as the user sent it: JSON. Each signer derives from it what is signed. */
  request: bytes(MAX_REQUEST_BYTES),
  /** Wall-clock milliseconds after which no signer answers. */
  deadline: u64,
  /** `null`: nobody's word, which every signer refuses. */
  authority: nullable(signingAuthority),
};

/** The user's record behind it; `null`: none, which every signer refuses. */
const cause = nullable(orderCause);

/** What the coordinator asks of a signer. Sent inside a `Signed` envelope. */
export const order = union({
  keygen: struct({
    executionId: fixed(16),
    suite: suiteName,
    minSigners: u8,
    members: list(member, MAX_SIGNERS),
    /** `null`: nobody's word, which every signer refuses. */
    creation: nullable(keyCreation),
  }),
  /** One round trip: one commitment list per digest, each naming exactly the signing set, ascending. */
  sign: struct({ ...signing, commitments: list(list(publishedCommitment, MAX_SIGNERS), MAX_DIGESTS) }),
  /** The signers run the rounds among themselves first: FROST one, to exchange commitments; ECDSA three, with the digest fixed before them. */
  signInteractive: struct({ ...signing, signers: list(u8, MAX_SIGNERS) }),
  /** Asks for fresh nonce commitments of a key. */
  replenish: struct({ keyId: fixed(32), epoch: u64, count: u16 }),
  /** Hands a signer the activation certificate of a key that it holds only staged. */
  certify: struct({ certificate: bytes(1 << 14) }),
  /** A wrong share, for the signer to check by itself. */
  evidence: struct({ executionId: fixed(16), evidence: shareEvidence }),
  /** ECDSA in one round trip: one presignature per digest, all of this key, path and signing set. */
  signPresigned: struct({ ...signing, presignatures: list(fixed(16), MAX_DIGESTS) }),
  /** Make one presignature for exactly these signers, ascending; the execution id names it from then on. */
  presign: struct({
    executionId: fixed(16),
    keyId: fixed(32),
    epoch: u64,
    path: derivationPath,
    signers: list(u8, MAX_SIGNERS),
  }),
  /** Presignatures whose other halves are gone, or that nobody wants: erase them. */
  discard: struct({ presignatures: list(fixed(16), MAX_NAMED_PRESIGNATURES) }),
  /** Asks for the public key of a child. */
  derive: struct({ executionId: fixed(16), keyId: fixed(32), epoch: u64, path: derivationPath }),
  /** All holders of a key give it new shares. `newEpoch` is higher than any that one of them has seen of the key. */
  refresh: struct({ executionId: fixed(16), keyId: fixed(32), epoch: u64, newEpoch: u64, cause }),
  /** A key that existed elsewhere: this signer's share, sealed to its encryption key. Members are ranked by their identities, from 1. */
  import: struct({
    executionId: fixed(16),
    suite: suiteName,
    minSigners: u8,
    members: list(member, MAX_SIGNERS),
    sealedShare: bytes(MAX_SEALED_SHARE_BYTES),
    cause,
  }),
  /** Asks for this signer's share of a key, sealed to an encryption key. */
  export: struct({
    executionId: fixed(16),
    keyId: fixed(32),
    epoch: u64,
    encryptionKey: fixed(ENCRYPTION_KEY_BYTES),
    cause,
  }),
  /** The next record of a log, for the signer to check and countersign. `signature`: the coordinator's, over `proposalStatement`. */
  propose: struct({ organisation: text(64), record: bytes(MAX_LOG_RECORD_BYTES), signature: fixed(64) }),
  /** Committed records, ascending, to check and to follow; also for a signer that lacks some. */
  commit: struct({ organisation: text(64), records: list(committedRecord, MAX_COMMITTED) }),
});
export type Order = Value<typeof order>;
export type OrderOf<K extends Order["kind"]> = Extract<Order, { kind: K }>;
