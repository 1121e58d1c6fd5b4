import type { Identity } from "@quorate/curves";
import type { NodeId, OrderOf } from "@quorate/orders";
import type { PeerMessage } from "../peer-message.ts";
import { Countersigning } from "./countersigning.ts";
import { Gossip } from "./gossip.ts";
import type { Logs, LogsParts } from "./logs.ts";

/** What the authority works with. */
export interface AuthorityParts extends LogsParts {
  readonly logs: Logs;
  readonly self: NodeId;
  readonly identity: Identity;
}

/** This signer's part in the logs of the organisations: it countersigns, follows, and tells the others. */
export class Authority {
  readonly #parts: AuthorityParts;
  readonly #countersigning: Countersigning;
  readonly #gossip: Gossip;

  constructor(parts: AuthorityParts) {
    this.#parts = parts;
    this.#countersigning = new Countersigning(parts);
    this.#gossip = new Gossip(parts);
    parts.logs.lacking = () => this.#gossip.tell();
    parts.logs.grown = () => {
      for (const coordinator of parts.link.coordinators) this.report(coordinator);
      this.#gossip.tell();
    };
    parts.logs.catchingUp = (organisation) => this.#gossip.catchingUp(organisation);
  }

  load(then: () => void): void {
    this.#parts.logs.load(then);
  }

  start(): void {
    if (this.#parts.logs.required) this.#gossip.start();
  }

  /** Tells a coordinator where the logs end here. */
  report(to: NodeId): void {
    const { logs, link } = this.#parts;
    if (logs.required) link.report(to, { kind: "heads", heads: logs.heads() });
  }

  connected(peer: NodeId): void {
    if (this.#parts.logs.required) this.#gossip.tell([peer]);
  }

  heard(from: NodeId, message: Extract<PeerMessage, { kind: "heads" | "fetch" | "records" }>): void {
    this.#gossip.heard(from, message);
  }

  propose(order: OrderOf<"propose">, from: NodeId): void {
    this.#countersigning.propose(order, from);
  }

  commit(order: OrderOf<"commit">): void {
    this.#parts.logs.commit(order);
  }
}
