import type { RequestRecord, Result } from "@quorate/coordinator";
import { type Event, hex, type NodeId, type Outcome, type RecordWrite, type WriteResult } from "@quorate/orders";
import type { Asking, Client } from "../client.ts";
import type { Observer, Passing } from "../observer.ts";
import type { SigningOrder, Speech, Watcher } from "./checker.ts";
import type { Keys } from "./keys.ts";
import { Reading, type Said } from "./reading.ts";
import type { Scene } from "./scene.ts";

/** Sees all that happens, and tells it to all that watch, in their own words. */
export class Watch implements Observer {
  readonly #scene: Scene;
  readonly #keys: Keys;
  readonly #reading: Reading;
  readonly #watchers: readonly Watcher[];
  /** Orders to sign that reached honest signers, by signer and execution. */
  readonly #orders = new Map<string, SigningOrder[]>();

  constructor(scene: Scene, keys: Keys, watchers: readonly Watcher[]) {
    this.#scene = scene;
    this.#keys = keys;
    this.#reading = new Reading((node) => scene.isCoordinator(node));
    this.#watchers = watchers;
  }

  sent(message: Passing): void {
    const said = this.#reading.of(message);
    for (const one of this.#watchers) one.sent?.(message, said);
    const speech = said.type === "outcome" ? this.#speech(message, said.outcome) : undefined;
    if (speech !== undefined) for (const one of this.#watchers) one.spoke?.(speech);
    this.#passed();
  }

  delivered(message: Passing): void {
    const said = this.#reading.of(message);
    this.#note(message.to, said);
    for (const one of this.#watchers) one.delivered?.(message, said);
    this.#passed();
  }

  written(node: NodeId, batch: readonly RecordWrite[], result: WriteResult): void {
    if (result === "ok" && this.#scene.isHonest(node)) {
      for (const write of batch) {
        this.#keys.stored(node, write);
        for (const one of this.#watchers) one.stored?.(node, write);
      }
    }
    this.#passed();
  }

  event(node: NodeId, event: Event): void {
    for (const one of this.#watchers) one.event?.(node, event);
    this.#passed();
  }

  started(node: NodeId): void {
    for (const one of this.#watchers) one.started?.(node);
    this.#passed();
  }

  crashed(node: NodeId): void {
    for (const one of this.#watchers) one.crashed?.(node);
    this.#passed();
  }

  answered(client: Client, asking: Asking, result: Result<RequestRecord>): void {
    for (const one of this.#watchers) one.answered?.({ client, asking, result });
    this.#passed();
  }

  #passed(): void {
    for (const one of this.#watchers) one.passed?.();
  }

  #note(node: NodeId, said: Said): void {
    if (said.type !== "order" || !isSigning(said.order) || !this.#scene.isHonest(node)) return;
    const place = `${node} ${hex(said.order.executionId)}`;
    const known = this.#orders.get(place);
    if (known === undefined) this.#orders.set(place, [said.order]);
    else if (!known.includes(said.order)) known.push(said.order);
  }

  #speech({ from: node, to }: Passing, outcome: Outcome): Speech | undefined {
    if (outcome.kind !== "shares" && outcome.kind !== "ecdsaShares") return undefined;
    if (!this.#scene.isHonest(node)) return undefined;
    const execution = hex(outcome.executionId);
    const orders = (this.#orders.get(`${node} ${execution}`) ?? []).filter((one) => fits(one, outcome));
    return { node, to, execution, outcome, orders };
  }
}

function isSigning(order: { readonly kind: string }): order is SigningOrder {
  return order.kind === "sign" || order.kind === "signInteractive" || order.kind === "signPresigned";
}

/** Whether shares of this form and number can answer an order. */
function fits(order: SigningOrder, outcome: Speech["outcome"]): boolean {
  if (order.kind === "sign") return outcome.kind === "shares" && order.commitments.length === outcome.shares.length;
  if (order.kind === "signInteractive") return true;
  return outcome.kind === "ecdsaShares" && order.presignatures.length === outcome.shares.length;
}
