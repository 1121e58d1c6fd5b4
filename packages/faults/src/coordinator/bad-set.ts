import type { Order } from "@quorate/orders";
import { drawn } from "../signer/lie.ts";
import type { OrderLieMaker } from "./lie.ts";

/** Spoils a list of who takes part. */
type Spoil = <T>(list: readonly T[], stranger: (one: T) => T) => readonly T[];

const WAYS: readonly Spoil[] = [
  // Too few.
  (list) => list.slice(0, 1),
  // One twice.
  (list) => [list[0]!, ...list],
  // A stranger in the place of the last.
  (list, stranger) => [...list.slice(0, -1), stranger(list.at(-1)!)],
];
/** No network of at most 15 signers, which are numbered from 1, gives a key this participant. */
const STRANGER = 16;

/** Sets of signers are too small, name one twice, or name a stranger. */
export const badSet: OrderLieMaker = (random) => {
  return (_, order) => [spoilt(order, WAYS[drawn(random, WAYS.length)]!)];
};

function spoilt(order: Order, way: Spoil): Order {
  switch (order.kind) {
    case "sign": {
      const stranger = <T extends { readonly identifier: number }>(one: T) => ({ ...one, identifier: STRANGER });
      return {
        ...order,
        commitments: order.commitments.map((list) => (list.length === 0 ? list : way(list, stranger))),
      };
    }
    case "signInteractive":
    case "presign":
      return order.signers.length === 0 ? order : { ...order, signers: way(order.signers, () => STRANGER) };
    case "keygen":
      return { ...order, members: way(order.members, (one) => ({ ...one, node: "stranger" })) };
    default:
      return order;
  }
}
