import { isExecution, type OrderLieMaker } from "./lie.ts";

/** How often each order is given besides the first time. */
const TIMES = 31;

/** Every order is given many times: of executions, each time as another. */
export const flood: OrderLieMaker = (random) => {
  let last: { readonly of: string; readonly ids: readonly Uint8Array[] } | undefined;
  return (_, order) => {
    if (!isExecution(order)) return [order];
    const of = Buffer.from(order.executionId).toString("hex");
    if (last?.of !== of) last = { of, ids: Array.from({ length: TIMES }, () => random(16)) };
    return [order, ...last.ids.map((executionId) => ({ ...order, executionId }))];
  };
};
