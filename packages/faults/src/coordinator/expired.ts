import { isSigning, type OrderLieMaker } from "./lie.ts";

const DAY_MS = 86_400_000;

/** The deadline of every order to sign passed a day ago. */
export const expired: OrderLieMaker = () => (_, order) => {
  return [isSigning(order) ? { ...order, deadline: Math.max(0, order.deadline - DAY_MS) } : order];
};
