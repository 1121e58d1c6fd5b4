import { hex, type NodeId } from "@quorate/orders";

/** The most orders that are remembered; the oldest go first. An answer to an order that was forgotten reaches nobody. */
const MAX_REMEMBERED = 8192;

/** Which coordinator gave which order: only that one gets the answer. */
export class Askers {
  readonly #asked = new Map<string, NodeId>();

  /** Whoever gives an order again gets the answer. */
  note(executionId: Uint8Array, from: NodeId): void {
    const id = hex(executionId);
    this.#asked.delete(id);
    this.#asked.set(id, from);
    if (this.#asked.size > MAX_REMEMBERED) this.#asked.delete(this.#asked.keys().next().value!);
  }

  of(executionId: Uint8Array): NodeId | undefined {
    return this.#asked.get(hex(executionId));
  }
}
