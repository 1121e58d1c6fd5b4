import type { NodeId, OrderOf, RepairStatement } from "@quorate/orders";
import type { AuthorityMessage } from "../peer-message.ts";
import { Countersigning, type CountersigningParts } from "./countersigning.ts";
import { Gossip } from "./gossip.ts";
import type { Halting } from "./halting.ts";
import type { Logs } from "./logs.ts";
import { type RepairAnswer, Repairing } from "./repairing.ts";

/** What the authority works with. */
export interface AuthorityParts extends CountersigningParts {
  readonly self: NodeId;
  readonly halting: Halting;
}

/** This signer's part in the logs of the organisations: it countersigns, follows, and tells the others. */
export class Authority {
  readonly #parts: AuthorityParts;
  readonly #countersigning: Countersigning;
  readonly #gossip: Gossip;
  readonly #repairing: Repairing;
  #loaded = false;

  constructor(parts: AuthorityParts) {
    this.#parts = parts;
    this.#countersigning = new Countersigning(parts);
    this.#gossip = new Gossip(parts);
    this.#repairing = new Repairing(parts);
    this.#repairing.changed = () => {
      this.#gossip.tellRepairs();
      // They propose again what was refused.
      for (const coordinator of parts.link.coordinators) this.report(coordinator);
    };
    parts.logs.lacking = () => this.#gossip.tell();
    parts.logs.grown = () => {
      for (const coordinator of parts.link.coordinators) this.report(coordinator);
      this.#gossip.tell();
    };
    parts.halting.changed = () => this.#gossip.tellHalt();
    parts.logs.catchingUp = (organisation) => this.#gossip.catchingUp(organisation);
  }

  load(then: () => void): void {
    const { logs, halting } = this.#parts;
    halting.load(() => {
      logs.load(() => {
        // Not before: what was countersigned earlier decides what may be countersigned now.
        this.#loaded = true;
        then();
      });
    });
  }

  start(): void {
    this.#gossip.start();
  }

  /** Tells a coordinator where the logs end here. */
  report(to: NodeId): void {
    const { logs, link } = this.#parts;
    link.report(to, { kind: "heads", heads: logs.heads() });
  }

  connected(peer: NodeId): void {
    this.#gossip.tell([peer]);
  }

  heard(from: NodeId, message: AuthorityMessage): void {
    if (!this.#loaded) return;
    const { halting, link } = this.#parts;
    if (message.kind === "repair") return this.#repairing.repair(message, () => {});
    if (message.kind === "resume") return halting.resume(message, () => {});
    if (message.kind !== "halt") return this.#gossip.heard(from, message);
    halting.halt(message, (answer) => {
      const { resume } = halting.statements;
      if (answer === "known" && resume !== undefined) link.tell(from, { kind: "resume", ...resume });
    });
  }

  /** What this signer countersigned at the end of each log. */
  get taken(): ReturnType<Logs["taken"]> {
    return this.#parts.logs.taken();
  }

  /** Lets go of what was countersigned at a height, at the word of enough operators. */
  repair(statement: RepairStatement, then: (answer: RepairAnswer) => void): void {
    this.#repairing.repair(statement, then);
  }

  propose(order: OrderOf<"propose">, from: NodeId): void {
    if (this.#loaded) this.#countersigning.propose(order, from);
  }

  commit(order: OrderOf<"commit">): void {
    if (this.#loaded) this.#parts.logs.commit(order);
  }
}
