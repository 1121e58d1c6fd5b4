import {
  choice,
  constantTimeEqual,
  decode,
  fixed,
  H,
  nullable,
  struct,
  text,
  u32,
  u64,
  union,
  type Value,
} from "@quorate/curves";
import { nodeId } from "./ids.ts";
import { REFUSALS } from "./outcome.ts";

const at = { organisation: text(64), height: u64, hash: fixed(32) };

/** What a signer remembers of what it did, and of what it was asked and did not do. */
export const auditAction = union({
  /** It took this record at its height, and no other. */
  countersigned: struct(at),
  /** It follows this record. */
  committed: struct(at),
  /** A record that was proposed is not taken. */
  recordRefused: struct({ ...at, code: text(64) }),
  /** Two records with the coordinator's signature for one height. */
  equivocation: struct({ ...at, other: fixed(32) }),
  /** It answers a request: under which authorisation, whose, with which key of the log, and what is signed. */
  answered: struct({
    /** The authorisation's id. */
    authorisation: fixed(32),
    organisation: text(64),
    key: text(64),
    user: text(64),
    token: nullable(text(64)),
    /** Key, path and request together, as the authorisation is bound to them. */
    digest: fixed(32),
    /** SHA-256 of the request. */
    request: fixed(32),
  }),
  /** An order is not taken. */
  refused: struct({ executionId: fixed(16), code: choice(REFUSALS), detail: text(512) }),
  /** So many more were not taken, and are not told one by one. */
  suppressed: struct({ count: u32 }),
  /** An operator stopped this signer; and operators let it go on. The hash names the statement. */
  halted: struct({ operator: text(64), statement: fixed(32) }),
  resumed: struct({ statement: fixed(32) }),
  /** At the word of operators it takes no other record than this; `released`: the one that it had countersigned. */
  repaired: struct({ ...at, released: nullable(fixed(32)) }),
  /** It works with that signer no more, or again. */
  banned: struct({ node: nodeId, code: text(64) }),
  readmitted: struct({ node: nodeId }),
  /** Its disk was put back: peers know of this life of it and this end of its log, which it lost. */
  rolledBack: struct({ incarnation: u64, sequence: u64, head: fixed(32) }),
  /** Two processes live, or lived, under the name of a signer. */
  cloned: struct({ node: nodeId }),
  /** Its operator says that it is the only one again. */
  unfenced: struct({ incarnation: u64 }),
});
export type AuditAction = Value<typeof auditAction>;

/** One entry of a signer's audit log. Each names the one before it, so that none can be changed or left out unseen. */
export const auditEntry = struct({
  /** From 0. */
  sequence: u64,
  /** `auditHash` of the entry before; 32 zeros for the first. */
  previous: fixed(32),
  /** Milliseconds since 1970, by the signer's own clock. */
  time: u64,
  action: auditAction,
});
export type AuditEntry = Value<typeof auditEntry>;

/** Where a chain of entries begins, or goes on. */
export interface AuditLink {
  /** Of the next entry. */
  readonly sequence: number;
  /** What it names as the one before, 32 bytes. */
  readonly previous: Uint8Array;
}

/** The beginning of every audit log. */
export const AUDIT_START: AuditLink = { sequence: 0, previous: new Uint8Array(32) };

/** Names an encoded entry. 32 bytes. */
export function auditHash(encoded: Uint8Array): Uint8Array {
  return H("orders/v1", "audit", encoded);
}

/**
 * Checks that entries follow one another without a gap.
 *
 * @param encoded entries, oldest first
 * @param from what the first of them follows
 * @returns the entries, and what the next one has to follow
 * @throws Error naming the first entry that does not follow
 */
export function verifyAuditChain(
  encoded: readonly Uint8Array[],
  from: AuditLink = AUDIT_START,
): { readonly entries: readonly AuditEntry[]; readonly end: AuditLink } {
  let end = from;
  const entries = encoded.map((bytes) => {
    const entry = decode(auditEntry, bytes);
    if (entry.sequence !== end.sequence) throw new Error(`entry ${entry.sequence} stands where ${end.sequence} should`);
    if (!constantTimeEqual(entry.previous, end.previous)) {
      throw new Error(`entry ${entry.sequence} does not follow the one before it: one of them was changed`);
    }
    end = { sequence: entry.sequence + 1, previous: auditHash(bytes) };
    return entry;
  });
  return { entries, end };
}
