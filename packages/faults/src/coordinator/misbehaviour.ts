import type { Random } from "@quorate/curves";
import type { NodeId, Order } from "@quorate/orders";
import type { ActiveFault, CoordinatorFault } from "../fault.ts";
import { Injected } from "../injected.ts";
import { alteredPayload } from "./altered-payload.ts";
import { badSet } from "./bad-set.ts";
import { differentMessages } from "./different-messages.ts";
import { dropSigner } from "./drop-signer.ts";
import { expired } from "./expired.ts";
import { flood } from "./flood.ts";
import type { OrderLie, OrderLieMaker } from "./lie.ts";
import { noAuthority } from "./no-authority.ts";
import { replay } from "./replay.ts";
import { twice } from "./twice.ts";

const LIES: Readonly<Record<CoordinatorFault["kind"], OrderLieMaker>> = {
  "coordinator:no-authority": noAuthority,
  "coordinator:altered-payload": alteredPayload,
  "coordinator:different-messages": differentMessages,
  "coordinator:twice": twice,
  "coordinator:replay": replay,
  "coordinator:expired": expired,
  "coordinator:drop-signer": dropSigner,
  "coordinator:bad-set": badSet,
  "coordinator:flood": flood,
};

/**
 * The lies in force at one coordinator: edits of the orders that an honest one gives. Exists only in processes that were started
 * with faults allowed, and in the simulator.
 */
export class CoordinatorMisbehaviour {
  readonly #injected: Injected<CoordinatorFault, OrderLie>;

  /** @param random where choices come from: the same source gives the same lies */
  constructor({ random }: { readonly random: Random }) {
    this.#injected = new Injected((fault) => LIES[fault.kind](random));
  }

  /** @param id names it for `clear`; one that is in force already is replaced */
  inject(id: string, fault: CoordinatorFault): void {
    this.#injected.inject(id, fault);
  }

  /** Ends one fault, or all. */
  clear(id?: string): void {
    this.#injected.clear(id);
  }

  get active(): readonly ActiveFault[] {
    return this.#injected.active;
  }

  /** What a signer is told in place of an order, in this order. */
  orders(to: NodeId, order: Order): readonly Order[] {
    return this.#injected.lies.reduce<readonly Order[]>(
      (orders, lie) => orders.flatMap((one) => lie(to, one)),
      [order],
    );
  }
}
