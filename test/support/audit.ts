import { type AuditAction, verifyAuditChain } from "@quorate/orders";
import type { VirtualNetwork } from "./virtual-network.ts";

/** What a signer's audit log says, oldest first, after the whole chain was verified. */
export function auditOf(network: VirtualNetwork, signer: string): readonly AuditAction[] {
  network.pass(150);
  let encoded: readonly Uint8Array[] | undefined;
  network.signers.get(signer)!.audit(0, 100_000, (entries) => {
    encoded = entries;
  });
  network.settle();
  if (encoded === undefined) throw new Error("the signer did not answer");
  return verifyAuditChain(encoded).entries.map((entry) => entry.action);
}

/** The codes of what a signer did not take, as its audit log has them. */
export function refusalsOf(network: VirtualNetwork, signer: string): readonly string[] {
  return auditOf(network, signer).flatMap((action) => {
    return action.kind === "refused" || action.kind === "recordRefused" ? [action.code] : [];
  });
}
