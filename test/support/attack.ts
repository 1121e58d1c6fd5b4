import { expect } from "vitest";
import { refusalsOf } from "./audit.ts";
import { answersTo, type MadeKey, madeKey, replenish, signOrder } from "./authorised-orders.ts";
import { LogKeeper } from "./log-keeper.ts";
import { VirtualNetwork } from "./virtual-network.ts";

/** What the users of the attacked network sign. */
export const BODY = { kind: "Message", message: "00ff" };

/** A network with an organisation, a key, and everything that its coordinator needs for one round trip; the coordinator is malicious. */
export class Attack {
  readonly network = new VirtualNetwork();
  readonly keeper = new LogKeeper(this.network);
  readonly key: MadeKey;
  #used = 0;

  constructor() {
    this.key = madeKey(this.keeper);
    replenish(this.keeper, this.key, 16);
  }

  /** An order with commitments that no order used yet. */
  order(changes: Parameters<typeof signOrder>[3] = {}, body: Readonly<Record<string, unknown>> = BODY) {
    return signOrder(this.keeper, this.key, body, changes, this.#used++);
  }

  /** Expects that a signer refuses an order with this code and remembers it, and that an honest order is answered all the same. */
  refused(order: Parameters<typeof answersTo>[1], code: string, signer = "signer-1"): void {
    expect(answersTo(this.keeper, order, signer)).toEqual([code]);
    expect(refusalsOf(this.network, signer).at(-1)).toBe(code);
    expect(answersTo(this.keeper, this.order(), signer)).toEqual(["shares"]);
  }
}
