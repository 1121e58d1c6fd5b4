import type { Order } from "@quorate/orders";

/** Orders that make or use secrets: a signer that is halted, or does not serve, takes none of them. */
export const USES_SECRETS: ReadonlySet<Order["kind"]> = new Set([
  ...(["keygen", "sign", "signInteractive", "signPresigned", "presign", "replenish"] as const),
  ...(["refresh", "import", "export"] as const),
]);
