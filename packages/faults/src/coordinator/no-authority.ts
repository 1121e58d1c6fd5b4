import { isSigning, type OrderLieMaker } from "./lie.ts";

/** Signatures that no user asked for. */
export const noAuthority: OrderLieMaker = () => (_, order) => {
  return [isSigning(order) ? { ...order, authority: null } : order];
};
