import type { NodeId } from "@quorate/orders";
import { isSigning, type OrderLieMaker, otherExecutions, type SigningOrder } from "./lie.ts";

/** Before each order to sign goes one for the same request under the user's authorisation of the request before. */
export const replay: OrderLieMaker = (random) => {
  const before = new Map<NodeId, SigningOrder>();
  const other = otherExecutions(random);
  return (to, order) => {
    if (!isSigning(order)) return [order];
    const used = before.get(to);
    if (used === undefined || used.requestId !== order.requestId) before.set(to, order);
    if (used === undefined || used.requestId === order.requestId) return [order];
    return [{ ...order, executionId: other(order.executionId), authority: used.authority }, order];
  };
};
