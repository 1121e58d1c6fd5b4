import {
  encode,
  fixed,
  H,
  type Identity,
  list,
  nullable,
  struct,
  u64,
  type Value,
  verifyIdentity,
} from "@quorate/curves";
import { type NodeId, nodeId } from "./ids.ts";
import { haltStatement } from "./operator-statement.ts";
import { MAX_SIGNERS } from "./suite.ts";

/**
 * Where a signer stands: which of its lives this is and how far its records go. Its peers keep the last one, so that a signer whose
 * disk was put back learns from them what it has lost.
 */
export const presence = struct({
  /** The number of this life of the signer, from 1: raised durably at each start, before anybody hears of it. */
  incarnation: u64,
  /** 16 random bytes of this process. Two processes with one number are clones. */
  instance: fixed(16),
  /** The end of its audit log on disk: how many entries, and what the next will name as the one before. */
  sequence: u64,
  head: fixed(32),
  /** Whom it works with no more. */
  banned: list(nodeId, MAX_SIGNERS),
  /** The statement under which it is halted. */
  halt: nullable(haltStatement),
  /** Hash of a presence that another process said in this signer's name: who can name it lives after it was said. */
  seen: nullable(fixed(32)),
});
export type Presence = Value<typeof presence>;

/** A presence with the signature of its signer: no peer can say it in its place, nor another than was said. */
export const presenceStatement = struct({ presence, signature: fixed(64) });
export type PresenceStatement = Value<typeof presenceStatement>;

/** What names a presence of a signer: 32 bytes. @param networkHash 32 bytes */
export function presenceHash(networkHash: Uint8Array, node: NodeId, value: Presence): Uint8Array {
  return H("orders/v1", "presence", networkHash, encode(nodeId, node), encode(presence, value));
}

/** @param identity of `node` */
export function signPresence(
  networkHash: Uint8Array,
  node: NodeId,
  value: Presence,
  identity: Identity,
): PresenceStatement {
  return { presence: value, signature: identity.sign(presenceHash(networkHash, node, value)) };
}

/** Whether `node` said this itself. @param publicKey its identity, 32 bytes */
export function verifyPresence(
  networkHash: Uint8Array,
  node: NodeId,
  { presence, signature }: PresenceStatement,
  publicKey: Uint8Array,
): boolean {
  return verifyIdentity(publicKey, presenceHash(networkHash, node, presence), signature);
}

/** Below 0 if `a` was said before `b`, above 0 if after, by what they say themselves. */
export function comparePresence(a: Presence, b: Presence): number {
  return a.incarnation - b.incarnation || a.sequence - b.sequence;
}

/**
 * Whether two signed presences of one signer show that two processes lived under its name: they have one number and are of two
 * processes, or ended at one place of the log in two ways; or one process knew what the other had said, which none says of itself. A
 * process that is gone can say nothing of a later one: a restart is never taken for this.
 */
export function provesClone(networkHash: Uint8Array, node: NodeId, one: Presence, other: Presence): boolean {
  const names = (a: Presence, b: Presence) => a.seen !== null && isSame(a.seen, presenceHash(networkHash, node, b));
  if (names(one, other) || names(other, one)) return true;
  if (one.incarnation !== other.incarnation) return false;
  if (!isSame(one.instance, other.instance)) return true;
  return one.sequence === other.sequence && !isSame(one.head, other.head);
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
