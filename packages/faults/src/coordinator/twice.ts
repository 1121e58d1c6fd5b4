import type { NodeId } from "@quorate/orders";
import { isSigning, type OrderLieMaker, otherExecutions, type SigningOrder } from "./lie.ts";

/**
 * Before each order to sign goes one for the same request with the presignatures or commitments of the order before, which are
 * used: two signatures with them would give the key away.
 */
export const twice: OrderLieMaker = (random) => {
  const before = new Map<NodeId, SigningOrder>();
  const other = otherExecutions(random);
  return (to, order) => {
    if (!isSigning(order)) return [order];
    const used = before.get(to);
    before.set(to, order);
    if (used === undefined) return [order];
    const executionId = other(order.executionId);
    if (order.kind === "sign" && used.kind === "sign") {
      return [{ ...order, executionId, commitments: used.commitments }, order];
    }
    if (order.kind === "signPresigned" && used.kind === "signPresigned") {
      return [{ ...order, executionId, presignatures: used.presignatures }, order];
    }
    return [order];
  };
};
