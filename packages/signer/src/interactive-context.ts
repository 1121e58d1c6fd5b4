import { interactiveContext as contextOf, type OrderOf, unhex } from "@quorate/orders";
import type { Permit } from "./authority/permission.ts";

/** What the signers of an order must agree on, 32 bytes. Not the log's head: signers of one set may see one more record between them. */
export function interactiveContext(
  order: OrderOf<"signInteractive">,
  permit: Permit,
  networkHash: Uint8Array,
): Uint8Array {
  const { keyId, path, request, epoch, signers } = order;
  return contextOf({
    networkHash,
    asked: { keyId, path, request },
    authorisation: authorisationOf(permit),
    epoch,
    signers,
  });
}

/** The authorisation's id, 32 bytes. */
export function authorisationOf(permit: Permit): Uint8Array {
  return unhex(permit.signature.authorisation);
}
