import { hex, type NodeId } from "@quorate/orders";

/** Executions that may have frames waiting, and frames waiting for each. */
const MAX_EXECUTIONS = 64;
const MAX_FRAMES = 16;

/**
 * Frames that came before the order that they belong to: peers nearer to the coordinator start first. A small, bounded
 * table; the oldest execution gives way.
 */
export class EarlyFrames {
  readonly #waiting = new Map<string, { from: NodeId; frame: Uint8Array }[]>();

  /** @returns whether there was room */
  hold(executionId: Uint8Array, from: NodeId, frame: Uint8Array): boolean {
    const name = hex(executionId);
    const held = this.#waiting.get(name) ?? [];
    if (held.length >= MAX_FRAMES) return false;
    held.push({ from, frame: frame.slice() });
    this.#waiting.set(name, held);
    if (this.#waiting.size > MAX_EXECUTIONS) this.#waiting.delete(this.#waiting.keys().next().value!);
    return true;
  }

  /** Removes and yields what waited for this execution, in order of arrival. */
  take(executionId: Uint8Array): readonly { readonly from: NodeId; readonly frame: Uint8Array }[] {
    const name = hex(executionId);
    const held = this.#waiting.get(name) ?? [];
    this.#waiting.delete(name);
    return held;
  }
}
