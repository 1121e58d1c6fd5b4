import { countersignStatement, encodeLogRecord, type Head, type LogRecord } from "@quorate/authority";
import { verifyIdentity } from "@quorate/curves";
import type { CommittedRecord, NodeId } from "@quorate/orders";

/** Why a signer does not take a record. */
export interface RecordRefusal {
  readonly code: string;
  readonly detail: string;
}

/** The record that is proposed at the next height of a log, and what the signers say of it. */
export class Proposal {
  readonly record: LogRecord;
  readonly bytes: Uint8Array;
  readonly head: Head;
  /** Changes the organisation as the record says. */
  readonly apply: () => void;
  /** Who took it. */
  readonly countersigned = new Map<NodeId, Uint8Array>();
  readonly refused = new Map<NodeId, RecordRefusal>();
  /** Who may have it and has not answered: may have taken it. */
  readonly asked: Set<NodeId>;
  /** Enough took it: it is being stored. */
  committing = false;
  /** That it cannot be committed has been said. */
  stuck = false;

  /** @param asked who may have been asked for it before: everybody, when it comes from disk */
  constructor(record: LogRecord, judged: { hash: string; apply: () => void }, asked: readonly NodeId[]) {
    this.record = record;
    this.bytes = encodeLogRecord(record);
    this.head = { height: record.height, hash: judged.hash };
    this.apply = judged.apply;
    this.asked = new Set(asked);
  }

  is({ height, hash }: Head): boolean {
    return height === this.head.height && hash === this.head.hash;
  }

  /** @returns whether it is this signer's countersignature, which then counts */
  countersign(node: NodeId, signature: Uint8Array, publicKey: Uint8Array, networkHash: Uint8Array): boolean {
    const told = countersignStatement(networkHash, this.record.organisation, this.head);
    if (!verifyIdentity(publicKey, told, signature)) return false;
    this.countersigned.set(node, signature);
    this.refused.delete(node);
    this.asked.delete(node);
    return true;
  }

  refuse(node: NodeId, refusal: RecordRefusal): void {
    if (!this.countersigned.has(node)) this.refused.set(node, refusal);
    this.asked.delete(node);
  }

  /** Whether so few are left that could take it that it will not be committed. */
  hopeless(nodes: number, quorum: number): boolean {
    return nodes - this.refused.size < quorum;
  }

  /** Whether certainly nobody took it, so that another record may stand at its height. */
  get untaken(): boolean {
    return this.countersigned.size === 0 && this.asked.size === 0;
  }

  /** The record with its certificate: as many countersignatures as it takes. */
  certified(quorum: number): CommittedRecord {
    const signatures = [...this.countersigned].map(([node, signature]) => ({ node, signature }));
    return { record: this.bytes, signatures: signatures.slice(0, quorum) };
  }
}
