import { decode } from "@quorate/curves";
import { type Order, type Outcome, order, outcome } from "@quorate/orders";
import { unchecked } from "@quorate/orders/observe";
import { type PeerMessage, peerMessage } from "@quorate/signer/observe";
import type { Passing } from "../observer.ts";

/** What a message says, whoever signed it. */
export type Said =
  | { readonly type: "order"; readonly order: Order }
  | { readonly type: "outcome"; readonly outcome: Outcome }
  | { readonly type: "peer"; readonly message: PeerMessage }
  /** Bytes that no receiver can read either. */
  | { readonly type: "noise" };

/** Reads messages, each of them once. */
export class Reading {
  readonly #isCoordinator: (node: string) => boolean;
  readonly #read = new WeakMap<Uint8Array, Said>();

  constructor(isCoordinator: (node: string) => boolean) {
    this.#isCoordinator = isCoordinator;
  }

  of(message: Passing): Said {
    let said = this.#read.get(message.bytes);
    if (said === undefined) {
      said = this.#decoded(message);
      this.#read.set(message.bytes, said);
    }
    return said;
  }

  #decoded({ from, to, bytes }: Passing): Said {
    try {
      if (this.#isCoordinator(from)) return { type: "order", order: unchecked(order, bytes) };
      if (this.#isCoordinator(to)) return { type: "outcome", outcome: unchecked(outcome, bytes) };
      return { type: "peer", message: decode(peerMessage, bytes) };
    } catch {
      return { type: "noise" };
    }
  }
}
