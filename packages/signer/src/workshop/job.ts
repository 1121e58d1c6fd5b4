import type { EcdsaSuite, NodeId } from "@quorate/orders";
import type { AbortCode, DropReason, Evidence, Frame, Identifier, Outgoing, Participant } from "@quorate/protocol";

/** The setups that all keys of a network share; keys kept colder could have a class of their own. */
export const PAIR_CLASS = "default";

/** The setup of a pair, to be run with one other node. */
export interface PairPlan {
  readonly what: "pair";
  readonly executionId: Uint8Array;
  readonly peer: NodeId;
  readonly networkId: Uint8Array;
  readonly epoch: number;
  /** Of both nodes, ascending bytewise; the rank of a node is its place, from 1. */
  readonly identities: readonly [Uint8Array, Uint8Array];
  readonly rank: 1 | 2;
}

/** The message-independent rounds of an ECDSA signature. All secrets in it are this node's own. */
export interface PresignPlan {
  readonly what: "presign";
  readonly executionId: Uint8Array;
  readonly suite: EcdsaSuite;
  readonly context: Uint8Array;
  readonly request: Uint8Array;
  readonly self: Identifier;
  /** Exactly the signing set, ascending. */
  readonly participants: readonly (Participant & { readonly node: NodeId })[];
  /** s_i, 32 bytes. */
  readonly signingShare: Uint8Array;
  readonly tweak: bigint;
  /** X', encoded. */
  readonly publicKey: Uint8Array;
}

export type Plan = PairPlan | PresignPlan;

type Work =
  /** Takes over the stored setup of a pair. */
  | { readonly kind: "install"; readonly peer: NodeId; readonly setup: Uint8Array }
  /** Erases what is held of a pair. */
  | { readonly kind: "forget"; readonly peer: NodeId }
  | { readonly kind: "start"; readonly session: string; readonly plan: Plan }
  | { readonly kind: "accept"; readonly session: string; readonly from: Identifier; readonly frame: Uint8Array }
  | { readonly kind: "saved"; readonly session: string }
  | { readonly kind: "stop"; readonly session: string };

/** What a workshop can be asked. */
export type WorkshopJob = Work & { readonly urgent: boolean };

/** What became of an installed setup; `undefined` if its record cannot be used. */
export type Installed = { readonly setupId: Uint8Array; readonly epoch: number } | undefined;

/** An abort as plain data. */
export interface PlainAbort {
  readonly code: AbortCode;
  readonly culprits: readonly Identifier[];
  readonly exhibit: Uint8Array;
  readonly evidence: Evidence | undefined;
}

/** Where a session stands. The bytes of a checkpoint or an output are handed over, not copied. */
export type MadeState =
  | { readonly kind: "running" }
  | { readonly kind: "checkpoint"; readonly value: Uint8Array }
  | { readonly kind: "done"; readonly output: Uint8Array }
  | { readonly kind: "aborted"; readonly abort: PlainAbort };

/** The answer to a step of a session. */
export interface Made {
  readonly state: MadeState;
  readonly outgoing: readonly Outgoing[];
  readonly waitingFor: readonly Identifier[];
  readonly dropped: readonly DropReason[];
  readonly broadcasts: readonly Frame[];
}
