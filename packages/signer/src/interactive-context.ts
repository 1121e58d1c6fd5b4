import { H, u64be } from "@quorate/curves";
import type { OrderOf } from "@quorate/orders";
import { Bindings } from "./bindings.ts";

/** All that the signers of an order must agree on, 32 bytes: who shows one of them another request gets frames that do not verify. */
export function interactiveContext(order: OrderOf<"signInteractive">, networkHash: Uint8Array): Uint8Array {
  const { epoch, signers } = order;
  return H("signer/v1", "interactive", networkHash, Bindings.digest(order), u64be(epoch), Uint8Array.from(signers));
}
