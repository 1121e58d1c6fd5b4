import type { NodeId } from "@quorate/orders";
import { alteredRequest, isSigning, type OrderLieMaker } from "./lie.ts";

/** Another message for each signer: the first that is asked gets what the user signed. */
export const differentMessages: OrderLieMaker = () => {
  let asked: { readonly execution: string; readonly signers: NodeId[] } | undefined;
  return (to, order) => {
    if (!isSigning(order)) return [order];
    const execution = Buffer.from(order.executionId).toString("hex");
    if (asked?.execution !== execution) asked = { execution, signers: [] };
    if (!asked.signers.includes(to)) asked.signers.push(to);
    const place = asked.signers.indexOf(to);
    return [place === 0 ? order : { ...order, request: alteredRequest(order.request, place) }];
  };
};
