import { MAX_NAMED_PRESIGNATURES, type NodeId } from "@quorate/orders";
import type { Link } from "./link.ts";

/** Tells signers to erase presignatures; who does not hear it says at its next report what it still holds. */
export function discard(link: Link, nodes: Iterable<NodeId>, presignIds: readonly Uint8Array[]): void {
  for (const node of nodes) {
    for (let from = 0; from < presignIds.length; from += MAX_NAMED_PRESIGNATURES) {
      const presignatures = presignIds.slice(from, from + MAX_NAMED_PRESIGNATURES);
      link.send(node, { kind: "discard", presignatures });
    }
  }
}
