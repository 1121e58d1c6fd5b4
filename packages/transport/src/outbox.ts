import type { Stream } from "@libp2p/interface";

/** The sending half of a stream. */
export type Sink = Pick<
  Stream,
  "send" | "writeStatus" | "writableNeedsDrain" | "writeBufferLength" | "addEventListener" | "removeEventListener"
>;

interface Waiting {
  readonly frame: Uint8Array;
  /** On the clock of `performance.now`. */
  readonly releaseMs: number;
}

/**
 * What waits to be sent to one peer, in order: each frame for its simulated delay to pass, all of them while the peer does not
 * read. Bounded. Never early, and late only where this process is busy.
 */
export class Outbox {
  readonly #sink: Sink;
  readonly #limits: { readonly maxWaitingFrames: number; readonly maxWaitingBytes: number };
  readonly #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #lineFreeMs = 0;
  #cancelWaking: (() => void) | undefined;
  #whenEmpty: (() => void) | undefined;

  constructor(sink: Sink, limits: { readonly maxWaitingFrames: number; readonly maxWaitingBytes: number }) {
    this.#sink = sink;
    this.#limits = limits;
    sink.addEventListener("drain", this.#resume);
    sink.addEventListener("idle", this.#resume);
  }

  /**
   * @param delayMs how long the frame is under way, or longer: it never overtakes the one before
   * @param bytesPerSecond width of the line; a frame starts when the one before has left
   * @returns false when the frame is lost, because too much is waiting
   */
  push(frame: Uint8Array, delayMs: number, bytesPerSecond = Number.POSITIVE_INFINITY): boolean {
    const direct = delayMs === 0 && bytesPerSecond === Number.POSITIVE_INFINITY && this.#waiting.length === 0;
    if (direct && this.#writable()) {
      this.#write(frame);
      return true;
    }
    const { maxWaitingFrames, maxWaitingBytes } = this.#limits;
    if (this.#waiting.length >= maxWaitingFrames) return false;
    if (this.#waitingBytes + frame.length > maxWaitingBytes) return false;
    this.#lineFreeMs = Math.max(performance.now(), this.#lineFreeMs) + (frame.length * 1000) / bytesPerSecond;
    this.#waiting.push({ frame, releaseMs: this.#lineFreeMs + delayMs });
    this.#waitingBytes += frame.length;
    this.#flush();
    return true;
  }

  /** Resolves once nothing waits here, or nothing ever will leave. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenEmpty = resolve;
      this.#flush();
    });
  }

  /** @returns how many frames were still waiting, and are lost */
  stop(): number {
    this.#sink.removeEventListener("drain", this.#resume);
    this.#sink.removeEventListener("idle", this.#resume);
    this.#cancelWaking?.();
    this.#whenEmpty?.();
    this.#waitingBytes = 0;
    return this.#waiting.splice(0).length;
  }

  // libp2p tells of 'idle' from inside its send loop, where another send would be buffered and left lying: leave the loop first.
  readonly #resume = () => queueMicrotask(() => this.#flush());

  #flush(): void {
    for (let head = this.#waiting[0]; head !== undefined; head = this.#waiting[0]) {
      if (!this.#writable()) return;
      const restMs = head.releaseMs - performance.now();
      if (restMs > 0) return this.#wakeIn(restMs);
      this.#waiting.shift();
      this.#waitingBytes -= head.frame.length;
      this.#write(head.frame);
    }
    this.#whenEmpty?.();
  }

  /** A timer for whole milliseconds; what is left passes in turns of the event loop, in which others have theirs. */
  #wakeIn(restMs: number): void {
    if (this.#cancelWaking !== undefined) return;
    const wake = () => {
      this.#cancelWaking = undefined;
      this.#flush();
    };
    if (restMs >= 1) {
      const timer = setTimeout(wake, Math.floor(restMs));
      this.#cancelWaking = () => clearTimeout(timer);
    } else {
      const turn = setImmediate(wake);
      this.#cancelWaking = () => clearImmediate(turn);
    }
  }

  /**
   * 'drain' comes with every window update of the peer, also while most of a large frame is still buffered in the stream: only
   * an empty buffer keeps the memory bounded.
   */
  #writable(): boolean {
    const { writeStatus, writableNeedsDrain, writeBufferLength } = this.#sink;
    return writeStatus === "writable" && !writableNeedsDrain && writeBufferLength === 0;
  }

  #write(frame: Uint8Array): void {
    try {
      this.#sink.send(frame);
    } catch {
      // The stream broke under the send: it has aborted itself, and its reader learns why.
    }
  }
}
