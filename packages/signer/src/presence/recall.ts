import type { NodeId } from "@quorate/orders";
import type { PresenceParts } from "./presence.ts";

/** How often those are asked again that have not answered, milliseconds. */
const ASK_MS = 1000;
/** How long all are waited for; then as many do as a signature needs besides this signer. */
const PATIENCE_MS = 3000;

/**
 * Asks all others what they remember of this signer. It waits for all of them, but not for ever: so that signers which are gone keep no
 * other from coming back. With fewer than t - 1 it would sign nothing anyway, and waits.
 */
export class Recall {
  readonly #parts: PresenceParts;
  readonly #others: readonly NodeId[];
  readonly #answered = new Set<NodeId>();
  #isPatient = true;
  #then: (() => void) | undefined;
  /** Whether anybody remembered anything. */
  isRemembered = false;

  constructor(parts: PresenceParts, others: readonly NodeId[]) {
    this.#parts = parts;
    this.#others = others;
  }

  /** `then` once enough have answered. */
  ask(then: () => void): void {
    this.#then = then;
    this.#parts.waits.after(PATIENCE_MS, () => {
      this.#isPatient = false;
      this.#consider();
    });
    this.#askRest();
    this.#consider();
  }

  connected(peer: NodeId): void {
    if (this.#then !== undefined) this.#parts.link.tell(peer, { kind: "recall" });
  }

  answered(from: NodeId, remembered: boolean): void {
    if (!this.#others.includes(from)) return;
    this.#answered.add(from);
    this.isRemembered ||= remembered;
    this.#consider();
  }

  #askRest(): void {
    if (this.#then === undefined) return;
    const { link, waits } = this.#parts;
    for (const peer of this.#others) if (!this.#answered.has(peer)) link.tell(peer, { kind: "recall" });
    waits.after(ASK_MS, () => this.#askRest());
  }

  #consider(): void {
    const { network, world } = this.#parts;
    const then = this.#then;
    if (then === undefined) return;
    const needed = this.#isPatient
      ? this.#others.length
      : Math.min(this.#others.length, network.defaults.minSigners - 1);
    if (this.#answered.size < needed) {
      if (!this.#isPatient) world.emit({ type: "signer.reconciling", heard: this.#answered.size, needed });
      return;
    }
    this.#then = undefined;
    then();
  }
}
