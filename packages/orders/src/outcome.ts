import { bytes, choice, fixed, flag, list, struct, text, u8, u32, u64, union, type Value } from "@quorate/curves";
import { namedHead } from "./authority.ts";
import { publishedCommitment } from "./commitment.ts";
import { encryptionKey, MAX_SEALED_SHARE_BYTES } from "./encryption-key.ts";
import { nodeId } from "./ids.ts";
import { MAX_DIGESTS, MAX_NAMED_PRESIGNATURES } from "./order.ts";
import { derivationPath } from "./path.ts";
import { signedShare, signingPackage } from "./share.ts";
import { MAX_SIGNERS } from "./suite.ts";

/** The most commitments that one message publishes. */
export const MAX_PUBLISHED = 512;

/** Why a signer does not take an order. Nothing was consumed and nobody is to blame. */
export const REFUSALS = [
  "unknown_key",
  "key_not_active",
  "unusable_share",
  "epoch_mismatch",
  "invalid_order",
  "invalid_request",
  "expired",
  "already_used",
  "unknown_nonce",
  "invalid_commitment",
  "peer_unreachable",
  "no_space",
  "busy",
  "unknown_presignature",
  "prehashed",
  "pair_not_ready",
  "pair_banned",
  "exported",
  "reconciling",
  "rolled_back",
  "cloned",
  // Of the authority: the codes of `AuthorityError`.
  "no_authorisation",
  "bad_signature",
  "bad_challenge",
  "wrong_purpose",
  "unknown_credential",
  "inactive_credential",
  "unknown_user",
  "inactive_user",
  "not_permitted",
  "wrong_origin",
  "stale_head",
  "behind",
  "unknown_organisation",
  "policy",
  "locked",
  "halted",
  "bad_record",
  "bad_endorsement",
  "not_found",
  "conflict",
  "invalid_input",
  "user_absent",
  "user_not_verified",
  "stale_counter",
  "must_be_admitted",
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** The state of a key at a signer. `broken` carries the fault of its record. */
export const holding = struct({
  keyId: fixed(32),
  epoch: u64,
  state: choice(["active", "staged", "broken"]),
  fault: text(64),
});
export type Holding = Value<typeof holding>;

/** A presignature as its holders name it: the execution that made it, and the only thing that it can sign for. */
export const presignatureName = struct({
  presignId: fixed(16),
  keyId: fixed(32),
  epoch: u64,
  path: derivationPath,
  signers: list(u8, MAX_SIGNERS),
});
export type PresignatureName = Value<typeof presignatureName>;

/**
 * How a signer stands with another: `ready` for ECDSA, `making` the setup of the pair, `waiting` to begin it, `banned` here or there
 * until somebody readmits it, `failed` more often than is tried.
 */
export const PAIR_STATES = ["ready", "making", "waiting", "banned", "failed"] as const;
export type PairState = (typeof PAIR_STATES)[number];
export const pairStanding = struct({ node: nodeId, state: choice(PAIR_STATES) });
export type PairStanding = Value<typeof pairStanding>;

/** One signer's part of an ECDSA signature. All of a set must show the same R. */
export const ecdsaShare = struct({ bigR: fixed(33), u: fixed(32), w: fixed(32) });

/** What a signer tells the coordinator. Sent inside a `Signed` envelope. */
export const outcome = union({
  /** All keys that this signer has a record of; sent whenever the coordinator connects. */
  holdings: struct({ keys: list(holding, 4096) }),
  /** A key was made, imported or given new shares: the n-of-n certificate. */
  keygenDone: struct({ executionId: fixed(16), certificate: bytes(1 << 14) }),
  /** Signature shares, one per digest; in the interactive form with the packages that the signers agreed on. */
  shares: struct({
    executionId: fixed(16),
    shares: list(signedShare, MAX_DIGESTS),
    packages: list(signingPackage, MAX_DIGESTS),
    /** Time that this signer spent computing, microseconds: for people, nothing depends on it. */
    computeMicros: u32,
  }),
  /** Fresh nonce commitments. */
  commitments: struct({
    keyId: fixed(32),
    epoch: u64,
    commitments: list(publishedCommitment, MAX_PUBLISHED),
  }),
  refused: struct({ executionId: fixed(16), code: choice(REFUSALS), detail: text(512) }),
  /** The protocol stopped. `culprits` and `waitingFor` are identifiers; `evidence` is checked by whoever reads it. */
  aborted: struct({
    executionId: fixed(16),
    code: text(64),
    culprits: list(u8, MAX_SIGNERS),
    waitingFor: list(u8, MAX_SIGNERS),
    evidence: bytes(1 << 16),
  }),
  /** This signer's own check of evidence: `guilty` only if every step of it verified here. */
  verdict: struct({ executionId: fixed(16), identifier: u8, guilty: flag }),
  /** Parts of ECDSA signatures, one per digest. */
  ecdsaShares: struct({ executionId: fixed(16), shares: list(ecdsaShare, MAX_DIGESTS), computeMicros: u32 }),
  /** This signer holds its part of the presignature that the execution made. `tookMicros`: from order to end, for people. */
  presigned: struct({ executionId: fixed(16), bigR: fixed(33), tookMicros: u32 }),
  /** All presignatures that this signer holds; sent whenever the coordinator connects and when many go at once. */
  presignatures: struct({ held: list(presignatureName, MAX_NAMED_PRESIGNATURES) }),
  /** How this signer stands with each other signer; sent whenever the coordinator connects and at each change. */
  pairs: struct({ pairs: list(pairStanding, MAX_SIGNERS) }),
  /** The public key of a child, 32 or 33 bytes. */
  derived: struct({ executionId: fixed(16), publicKey: bytes(33) }),
  /** The certificate of an epoch that this signer has, in answer to one of an earlier epoch. */
  certified: struct({ certificate: bytes(1 << 14) }),
  /** This signer's share, sealed to whom the order named; `index` is where on the polynomial it lies. */
  exported: struct({ executionId: fixed(16), index: u8, sealedShare: bytes(MAX_SEALED_SHARE_BYTES) }),
  /** To what shares of imported keys are sealed; sent whenever the coordinator connects. */
  encryptionKey: encryptionKey,
  /** This signer takes the record at its height, and no other. */
  countersigned: struct({ organisation: text(64), height: u64, hash: fixed(32), signature: fixed(64) }),
  /** It does not take it. */
  recordRefused: struct({ organisation: text(64), height: u64, hash: fixed(32), code: text(64), detail: text(512) }),
  /** Where the logs end that this signer follows; sent whenever the coordinator connects and after each commit. */
  heads: struct({ heads: list(namedHead, 64) }),
});
export type Outcome = Value<typeof outcome>;
export type OutcomeOf<K extends Outcome["kind"]> = Extract<Outcome, { kind: K }>;
