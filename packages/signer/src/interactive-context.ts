import { H, u64be } from "@quorate/curves";
import { type OrderOf, unhex } from "@quorate/orders";
import type { Permit } from "./authority/permission.ts";
import { Bindings } from "./bindings.ts";

/** All that the signers of an order must agree on, 32 bytes: who shows one of them another request gets frames that do not verify. */
export function interactiveContext(
  order: OrderOf<"signInteractive">,
  permit: Permit | null,
  networkHash: Uint8Array,
): Uint8Array {
  const { epoch, signers } = order;
  // Not the log's head: signers of one set may see one more record between them.
  const authorisation = unhex(permit?.signature.authorisation ?? "");
  const asked = [Bindings.digest(order), authorisation, u64be(epoch), Uint8Array.from(signers)];
  return H("signer/v1", "interactive", networkHash, ...asked);
}
