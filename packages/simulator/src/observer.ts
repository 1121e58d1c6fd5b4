import type { RequestRecord, Result } from "@quorate/coordinator";
import type { Event, NodeId, RecordWrite, WriteResult } from "@quorate/orders";
import type { Asking, Client } from "./client.ts";

/** A message between two nodes, as the sender sent it. */
export interface Passing {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly bytes: Uint8Array;
}

/** Sees all that happens in a simulated network, at the moment when it does. Each member is optional. */
export interface Observer {
  sent?(message: Passing): void;
  /** It arrived; `bytes` may be other than what was sent, where a link corrupts. */
  delivered?(message: Passing): void;
  lost?(message: Passing, why: string): void;
  /** A batch is durable, or will not be. */
  written?(node: NodeId, batch: readonly RecordWrite[], result: WriteResult): void;
  event?(node: NodeId, event: Event): void;
  started?(node: NodeId): void;
  crashed?(node: NodeId): void;
  /** An asker was told what its request came to. */
  answered?(client: Client, asking: Asking, result: Result<RequestRecord>): void;
}

/** Tells all of them. */
export class Observers implements Required<Observer> {
  readonly #all: Observer[] = [];

  add(observer: Observer): void {
    this.#all.push(observer);
  }

  sent(message: Passing): void {
    for (const one of this.#all) one.sent?.(message);
  }

  delivered(message: Passing): void {
    for (const one of this.#all) one.delivered?.(message);
  }

  lost(message: Passing, why: string): void {
    for (const one of this.#all) one.lost?.(message, why);
  }

  written(node: NodeId, batch: readonly RecordWrite[], result: WriteResult): void {
    for (const one of this.#all) one.written?.(node, batch, result);
  }

  event(node: NodeId, event: Event): void {
    for (const one of this.#all) one.event?.(node, event);
  }

  started(node: NodeId): void {
    for (const one of this.#all) one.started?.(node);
  }

  crashed(node: NodeId): void {
    for (const one of this.#all) one.crashed?.(node);
  }

  answered(client: Client, asking: Asking, result: Result<RequestRecord>): void {
    for (const one of this.#all) one.answered?.(client, asking, result);
  }
}
