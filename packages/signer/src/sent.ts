import type { NodeId, Waits } from "@quorate/orders";
import type { Link } from "./link.ts";
import type { PeerMessage } from "./peer-message.ts";

/** How often one other can have a session tell it again what it was told, milliseconds. */
export const AGAIN_MS = 500;
/** Execution id, and the number of the round. */
const FRAME_HEAD = 17;

/** What a session told each of the others. Whoever lacks something asks, and gets it again: no layer below does that. */
export class Sent {
  readonly #waits: Waits;
  readonly #link: Link;
  readonly #told = new Map<NodeId, PeerMessage[]>();
  /** Who was told again just now. */
  readonly #served = new Set<NodeId>();

  constructor(waits: Waits, link: Link) {
    this.#waits = waits;
    this.#link = link;
  }

  tell(to: NodeId, message: PeerMessage): void {
    this.#told.set(to, [...(this.#told.get(to) ?? []), message]);
    this.#link.tell(to, message);
  }

  /** A link came up: what went to that node before may be lost. Who has it already drops it. */
  all(to: NodeId): void {
    for (const message of this.#told.get(to) ?? []) this.#link.tell(to, message);
  }

  /** Tells `to` again what it lacks from a round on. What it asks for at once once more is not heard: it may be malicious. */
  again(to: NodeId, round: number): void {
    if (this.#served.has(to)) return;
    const lacking = (this.#told.get(to) ?? []).filter((one) => one.kind !== "frame" || roundOf(one.frame) >= round);
    if (lacking.length === 0) return;
    this.#served.add(to);
    this.#waits.after(AGAIN_MS, () => this.#served.delete(to));
    for (const message of lacking) this.#link.tell(to, message);
  }

  /** The round that the session is in: it sends to everyone as it enters one. */
  roundTo(to: NodeId): number {
    const latest = this.#told.get(to)?.at(-1);
    return latest?.kind === "frame" ? roundOf(latest.frame) : 1;
  }

  forget(): void {
    this.#told.clear();
  }
}

function roundOf(frame: Uint8Array): number {
  return frame[FRAME_HEAD - 1] ?? 0;
}
