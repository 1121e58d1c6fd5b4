import type { Random } from "@quorate/curves";
import type { NodeId, Order, OrderOf } from "@quorate/orders";

/** What leaves in place of one order to one signer: nothing, it, others, or it and others. */
export type OrderLie = (to: NodeId, order: Order) => readonly Order[];
/** Makes a lie; what it remembers is its own. */
export type OrderLieMaker = (random: Random) => OrderLie;

/** An order that has a user's request signed. */
export type SigningOrder = OrderOf<"sign"> | OrderOf<"signInteractive"> | OrderOf<"signPresigned">;

export function isSigning(order: Order): order is SigningOrder {
  return order.kind === "sign" || order.kind === "signInteractive" || order.kind === "signPresigned";
}

/** Whether an order is of an execution, which the same id names at all who get it. */
export function isExecution(order: Order): order is Extract<Order, { readonly executionId: Uint8Array }> {
  return "executionId" in order;
}

/** Another execution id for each order of the same execution, and the same at all signers: it begins anew for the next. */
export function otherExecutions(random: Random): (executionId: Uint8Array) => Uint8Array {
  let last: { readonly of: string; readonly id: Uint8Array } | undefined;
  return (executionId) => {
    const of = Buffer.from(executionId).toString("hex");
    if (last?.of !== of) last = { of, id: random(16) };
    return last.id;
  };
}

/** The request with the last digit of its last hex string changed, or its last byte where it has none. `by`: 1 to 15. */
export function alteredRequest(request: Uint8Array, by: number): Uint8Array {
  const text = new TextDecoder().decode(request);
  const found = [...text.matchAll(/"(0x)?([0-9a-fA-F]*)([0-9a-fA-F])"(?!\s*:)/g)].at(-1);
  if (found === undefined) {
    const made = request.slice();
    if (made.length > 0) made[made.length - 1]! ^= by;
    return made;
  }
  const at = found.index + found[0].length - 2;
  const digit = (Number.parseInt(text[at]!, 16) ^ by).toString(16);
  return new TextEncoder().encode(text.slice(0, at) + digit + text.slice(at + 1));
}
