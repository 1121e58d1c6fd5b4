import type { Head, Organisation } from "@quorate/authority";
import type { NodeId } from "@quorate/orders";
import type { RecordRefusal } from "./proposal.ts";
import type { Standing } from "./waiting.ts";

/** How it stands with a log, for people. */
export interface LogReport {
  readonly organisation: string;
  readonly name: string;
  readonly head: Head;
  /** How many signers must take a record. */
  readonly needed: number;
  /** Where the log ends at each signer, as it said last; `null` of one that has not said. */
  readonly heads: readonly { readonly node: NodeId; readonly head: Head | null }[];
  /** What is proposed and not committed. */
  readonly pending: PendingReport | null;
}

/** A record that signers have yet to take. */
export interface PendingReport extends Head {
  readonly method: string;
  readonly path: string;
  readonly countersigned: readonly NodeId[];
  readonly refused: Readonly<Record<NodeId, RecordRefusal>>;
  /** So many refuse it that it will not be committed, and somebody took it, so that nothing can replace it: an operator has to decide. */
  readonly stuck: boolean;
}

export function logReport(
  { nodes, quorum, proposal }: Standing,
  { id, name, head }: Organisation,
  at: (node: NodeId) => Head | undefined,
): LogReport {
  const heads = nodes.map((node) => ({ node, head: at(node) ?? null }));
  return {
    organisation: id,
    name,
    head,
    needed: quorum,
    heads,
    pending: proposal === undefined ? null : pending(proposal),
  };
}

function pending({ head, record, countersigned, refused, stuck }: NonNullable<Standing["proposal"]>): PendingReport {
  const { method, path } = record.action;
  return {
    ...{ ...head, method, path, countersigned: [...countersigned.keys()] },
    ...{ refused: Object.fromEntries(refused), stuck },
  };
}
