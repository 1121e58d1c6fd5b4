import type { NodeId } from "@quorate/orders";
import { isExecution, isSigning, type OrderLieMaker } from "./lie.ts";

/** The first signer of each set that is to sign, or to make a presignature, is not asked. */
export const dropSigner: OrderLieMaker = () => {
  let dropped: { readonly execution: string; readonly signer: NodeId } | undefined;
  return (to, order) => {
    if (!isExecution(order) || !(isSigning(order) || order.kind === "presign")) return [order];
    const execution = Buffer.from(order.executionId).toString("hex");
    if (dropped?.execution !== execution) dropped = { execution, signer: to };
    return dropped.signer === to ? [] : [order];
  };
};
