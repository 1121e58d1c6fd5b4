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

/** How many bytes are gathered before they are hashed, and the most that a unit of text takes in UTF-8. */
const GATHERED = 1 << 16;
const MAX_UNIT_BYTES = 3;

/** All that happens in a run, in order. Two runs of one seed have the same hash, or something is not in its hands. */
export class Trace {
  readonly #hash: Hash = createHash("sha256");
  readonly #gathered = Buffer.allocUnsafeSlow(GATHERED);
  #length = 0;
  readonly #keep: ((line: TraceLine) => void) | undefined;
  #seq = 0;

  /** @param keep what is done with each line; nothing unless said, to save the time */
  constructor(keep?: (line: TraceLine) => void) {
    this.#keep = keep;
  }

  /** @param bytes what the line is about, when that is a message or a record: hashed, not shown */
  add(at: number, node: NodeId, event: Event, bytes?: Uint8Array): void {
    const line: TraceLine = { at, seq: this.#seq++, node, ...event };
    const text = JSON.stringify(line);
    if (this.#hasRoom(MAX_UNIT_BYTES * text.length)) this.#length += this.#gathered.write(text, this.#length);
    else this.#hash.update(text);
    if (bytes !== undefined) {
      if (this.#hasRoom(bytes.length)) {
        this.#gathered.set(bytes, this.#length);
        this.#length += bytes.length;
      } else this.#hash.update(bytes);
    }
    this.#keep?.(line);
  }

  get length(): number {
    return this.#seq;
  }

  /** Of all so far, hex. */
  get hash(): string {
    this.#flush();
    return this.#hash.copy().digest("hex");
  }

  /** Makes room if there can be any. What is too large is hashed at once: all before it is hashed by then. */
  #hasRoom(length: number): boolean {
    if (this.#length + length > GATHERED) this.#flush();
    return length <= GATHERED;
  }

  #flush(): void {
    this.#hash.update(this.#gathered.subarray(0, this.#length));
    this.#length = 0;
  }
}
