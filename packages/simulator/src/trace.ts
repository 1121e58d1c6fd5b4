import { createHash, type Hash } from "node:crypto";
import type { Event, NodeId } from "@quorate/orders";

/** One thing that happened, as it stands in a trace: a line of JSON. */
export interface TraceLine extends Event {
  /** Milliseconds of virtual time. */
  readonly at: number;
  /** Counts lines, from 0. */
  readonly seq: number;
  readonly node: NodeId;
}

/** All that happens in a run, in order. Two runs of one seed have the same hash, or something is not in its hands. */
export class Trace {
  readonly #hash: Hash = createHash("sha256");
  readonly #keep: ((line: TraceLine) => void) | undefined;
  #seq = 0;

  /** @param keep what is done with each line; nothing unless said, to save the time */
  constructor(keep?: (line: TraceLine) => void) {
    this.#keep = keep;
  }

  /** @param bytes what the line is about, when that is a message or a record: hashed, not shown */
  add(at: number, node: NodeId, event: Event, bytes?: Uint8Array): void {
    const line: TraceLine = { at, seq: this.#seq++, node, ...event };
    this.#hash.update(JSON.stringify(line));
    if (bytes !== undefined) this.#hash.update(bytes);
    this.#keep?.(line);
  }

  get length(): number {
    return this.#seq;
  }

  /** Of all so far, hex. */
  get hash(): string {
    return this.#hash.copy().digest("hex");
  }
}
