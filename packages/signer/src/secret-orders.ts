import type { Order } from "@quorate/orders";

/** Orders that make or use secrets: a halted signer takes none of them. */
export const USES_SECRETS: ReadonlySet<Order["kind"]> = new Set([
  ...(["keygen", "sign", "signInteractive", "signPresigned", "presign", "replenish"] as const),
  ...(["refresh", "import", "export"] as const),
]);
