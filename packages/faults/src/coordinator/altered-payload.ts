import { alteredRequest, isSigning, type OrderLieMaker } from "./lie.ts";

/** Another payload than the user signed, the same at all signers. */
export const alteredPayload: OrderLieMaker = () => (_, order) => {
  return [isSigning(order) ? { ...order, request: alteredRequest(order.request, 1) } : order];
};
