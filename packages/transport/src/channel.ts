import type { Connection, Stream } from "@libp2p/interface";
import { type ByteStream, byteStream } from "@libp2p/utils";
import { decide, type Fate, type LinkRule } from "@quorate/faults";
import type { NodeId } from "@quorate/orders";
import type { Counters } from "./counters.ts";
import { decodeHeader, encodeFrame, FRAME, type Frame, type FrameKind, HEADER_BYTES } from "./frame.ts";
import type { TransportLimits } from "./limits.ts";
import { Outbox } from "./outbox.ts";
import { renewByHalves } from "./window.ts";

/** What the way to a peer is like, besides what the real network does. */
export interface Conditions {
  readonly self: NodeId;
  /** One-way milliseconds for the next frame. */
  readonly delay?: ((to: NodeId) => number) | undefined;
  readonly rules?: (() => readonly LinkRule[]) | undefined;
  readonly uniform: () => number;
}

/** Frames read from one peer before the others get their turn. */
const FRAMES_PER_TURN = 64;

/** A message waits no longer for the one that is to overtake it, milliseconds. */
const OVERTAKEN_MS = 200;

/** Frames over one stream. Both ways bounded: a peer that does not read, or that floods, costs itself and nobody else. */
export class Channel {
  readonly peer: NodeId;
  readonly #connection: Connection;
  readonly #stream: Stream;
  readonly #bytes: ByteStream<Stream>;
  readonly #outbox: Outbox;
  readonly #conditions: Conditions;
  readonly #limits: TransportLimits;
  readonly #counters: Counters;
  #framesThisTurn = 0;
  /** A message that the next one overtakes, and what sends it where there is no next one. */
  #overtaken: { readonly send: () => void; readonly timer: NodeJS.Timeout } | undefined;

  constructor(
    peer: NodeId,
    connection: Connection,
    stream: Stream,
    context: { readonly conditions: Conditions; readonly limits: TransportLimits; readonly counters: Counters },
  ) {
    this.peer = peer;
    this.#connection = connection;
    this.#stream = stream;
    this.#conditions = context.conditions;
    this.#limits = context.limits;
    this.#counters = context.counters;
    renewByHalves(stream);
    this.#bytes = byteStream(stream, { maxBufferSize: 2 * (context.limits.maxMessageBytes + HEADER_BYTES) });
    this.#outbox = new Outbox(stream, context.limits);
  }

  /** @returns false when the frame is lost because too much is waiting */
  send(kind: FrameKind, body: Uint8Array): boolean {
    const { self, delay, rules, uniform } = this.#conditions;
    const fate = rules === undefined ? undefined : decide(rules(), self, this.peer, uniform);
    if (fate !== undefined && isLost(fate, kind)) {
      this.#counters.lostByRule++;
      return true;
    }
    const frame = encodeFrame(kind, body);
    const delayMs = (delay?.(this.peer) ?? 0) + (fate?.delayMs ?? 0);
    if (fate === undefined || kind !== FRAME.message) return this.#outbox.push(frame, delayMs, fate?.bytesPerSecond);
    if (fate.corrupted && body.length > 0) flipBit(frame, uniform);
    const push = () => this.#outbox.push(frame, delayMs, fate.bytesPerSecond);
    if (fate.reordered && this.#overtaken === undefined) {
      this.#overtaken = { send: push, timer: setTimeout(() => this.#release(), OVERTAKEN_MS) };
      return true;
    }
    if (fate.duplicated) push();
    const sent = push();
    this.#release();
    return sent;
  }

  #release(): void {
    const { send, timer } = this.#overtaken ?? {};
    this.#overtaken = undefined;
    clearTimeout(timer);
    send?.();
  }

  /**
   * The next frame; its body is a copy of its own.
   *
   * @throws FrameError when the peer broke the framing; another error when the stream ended or `signal` fired
   */
  async read(signal?: AbortSignal): Promise<Frame> {
    if (++this.#framesThisTurn > FRAMES_PER_TURN) await this.#nextTurn();
    const options = signal === undefined ? {} : { signal };
    const header = await this.#bytes.read({ bytes: HEADER_BYTES, ...options });
    const { kind, length } = decodeHeader(header.subarray(), this.#limits.maxMessageBytes);
    if (length === 0) return { kind, body: new Uint8Array(0) };
    const body = await this.#bytes.read({ bytes: length, ...options });
    // A copy of its own: a view would keep the whole packet, or a pool, for as long as somebody keeps the message.
    return { kind, body: new Uint8Array(body.subarray()) };
  }

  /** While paused the peer's window is not renewed: it has to wait as well. */
  async #nextTurn(): Promise<void> {
    this.#stream.pause();
    await new Promise((resolve) => setImmediate(resolve));
    this.#stream.resume();
    this.#framesThisTurn = 1;
  }

  /** Lets what was sent leave, then closes the connection. */
  async finish(signal: AbortSignal): Promise<void> {
    const late = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    if (!signal.aborted) await Promise.race([this.#outbox.drained(), late]);
    this.#outbox.stop();
    await this.#connection.close({ signal }).catch((error: Error) => this.#connection.abort(error));
  }

  /** Ends the connection at once. */
  abort(reason: string): void {
    clearTimeout(this.#overtaken?.timer);
    this.#counters.lostDisconnected += this.#outbox.stop();
    this.#connection.abort(new Error(reason));
  }
}

/** A connection hides the loss of packets: what a faulty network loses is a whole message, or everything. */
function isLost(fate: Fate, kind: FrameKind): boolean {
  return fate.partitioned || (fate.dropped && kind === FRAME.message);
}

function flipBit(frame: Uint8Array, uniform: () => number): void {
  const bit = Math.floor(uniform() * 8 * (frame.length - HEADER_BYTES));
  const at = HEADER_BYTES + (bit >> 3);
  frame[at] = frame[at]! ^ (1 << (bit & 7));
}
