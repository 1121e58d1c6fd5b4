import type { RequestRecord, Result } from "@quorate/coordinator";
import type { Event, NodeId, OrderOf, OutcomeOf, RecordWrite } from "@quorate/orders";
import type { Asking, Client } from "../client.ts";
import type { Passing } from "../observer.ts";
import type { Said } from "./reading.ts";
import type { Property } from "./violation.ts";

/** Orders that ask for signatures. */
export type SigningOrder = OrderOf<"sign"> | OrderOf<"signInteractive"> | OrderOf<"signPresigned">;

/** An honest signer sent its shares of signatures. */
export interface Speech {
  readonly node: NodeId;
  readonly to: NodeId;
  /** Hex. */
  readonly execution: string;
  readonly outcome: OutcomeOf<"shares"> | OutcomeOf<"ecdsaShares">;
  /** What it may be answering: the orders of this execution that reached it and ask for as many shares. */
  readonly orders: readonly SigningOrder[];
}

/** An asker was told what its request came to. */
export interface Answer {
  readonly client: Client;
  readonly asking: Asking;
  readonly result: Result<RequestRecord>;
}

/** Is told what happens. Each message is read once for all. */
export interface Watcher {
  /** A message was sent, by whomever. */
  sent?(message: Passing, said: Said): void;
  delivered?(message: Passing, said: Said): void;
  /** An honest signer sent shares; also told by `sent`. */
  spoke?(speech: Speech): void;
  /** A record of an honest node is durable now. */
  stored?(node: NodeId, write: RecordWrite): void;
  /** Of any node. */
  event?(node: NodeId, event: Event): void;
  started?(node: NodeId): void;
  crashed?(node: NodeId): void;
  answered?(answer: Answer): void;
  /** After each happening: for what is due at a time. */
  passed?(): void;
  /** The run is over. @param healed the nodes that work again and that nothing stands between */
  finish?(healed: ReadonlySet<NodeId>): void;
}

/** Watches for one property. */
export interface Checker extends Watcher {
  readonly property: Property;
}
