import { hex, type NodeId } from "@quorate/orders";

/** What may wait from one peer: this many frames, of together this many bytes. */
const MAX_FRAMES = 64;
const MAX_BYTES = 1 << 20;

interface Early {
  readonly execution: string;
  readonly frame: Uint8Array;
}

/**
 * Frames that came before the order that they belong to: peers nearer to the coordinator start first. A small table of its
 * own for each peer, in which its oldest frame gives way: a flood displaces nothing of the others.
 */
export class EarlyFrames {
  readonly #waiting = new Map<NodeId, Early[]>();

  hold(executionId: Uint8Array, from: NodeId, frame: Uint8Array): void {
    const held = this.#waiting.get(from) ?? [];
    held.push({ execution: hex(executionId), frame: frame.slice() });
    while (held.length > MAX_FRAMES || total(held) > MAX_BYTES) held.shift();
    this.#waiting.set(from, held);
  }

  /** The most that waits from one peer. */
  get most(): { readonly frames: number; readonly bytes: number } {
    const all = [...this.#waiting.values()];
    return {
      frames: Math.max(0, ...all.map((held) => held.length)),
      bytes: Math.max(0, ...all.map(total)),
    };
  }

  /** Removes and yields what waited for this execution; of each peer in order of arrival. */
  take(executionId: Uint8Array): readonly { readonly from: NodeId; readonly frame: Uint8Array }[] {
    const name = hex(executionId);
    return [...this.#waiting].flatMap(([from, held]) => {
      const rest = held.filter((one) => one.execution !== name);
      this.#waiting.set(from, rest);
      return held.filter((one) => one.execution === name).map(({ frame }) => ({ from, frame }));
    });
  }
}

function total(held: readonly Early[]): number {
  return held.reduce((sum, one) => sum + one.frame.length, 0);
}
