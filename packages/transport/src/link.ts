import { decode, u32, u32be } from "@quorate/curves";
import type { Channel } from "./channel.ts";
import { FRAME, type Frame, FrameError } from "./frame.ts";
import type { TransportLimits } from "./limits.ts";

/** Why a link ended. */
export type LinkEnd =
  | "lost"
  | "silent"
  | "replaced"
  | "closed"
  | "oversized_frame"
  | "unknown_frame"
  | "unexpected_frame";

/** Pings whose answers are still awaited; older ones are forgotten. */
const MAX_PINGS_UNDER_WAY = 16;

/** One greeted stream: messages both ways, and the heartbeat that measures it and notices its end. */
export class Link {
  /** Hex. */
  readonly instance: string;
  readonly #channel: Channel;
  readonly #limits: TransportLimits;
  readonly #on: { message(bytes: Uint8Array): void; roundTrip(ms: number): void };
  readonly #pings = new Map<number, number>();
  #nextPing = 0;
  #heardMs = performance.now();
  #silence: NodeJS.Timeout | undefined;
  #end: LinkEnd | undefined;

  constructor(
    instance: string,
    channel: Channel,
    limits: TransportLimits,
    on: { message(bytes: Uint8Array): void; roundTrip(ms: number): void },
  ) {
    this.instance = instance;
    this.#channel = channel;
    this.#limits = limits;
    this.#on = on;
  }

  /** @returns false when the message is lost because too much is waiting */
  send(message: Uint8Array): boolean {
    return this.#channel.send(FRAME.message, message);
  }

  /** Runs until the link ends, and leaves the connection closed. */
  async run(): Promise<LinkEnd> {
    const heartbeat = setInterval(() => this.#ping(), this.#limits.heartbeatMs);
    this.#ping();
    this.#watch(this.#limits.silenceMs);
    try {
      for (let frame = await this.#next(); frame !== undefined; frame = await this.#next()) this.#take(frame);
    } finally {
      clearInterval(heartbeat);
      clearTimeout(this.#silence);
      this.end("lost");
    }
    return this.#end ?? "lost";
  }

  /** Ends the link; `run` returns. The first reason stays. */
  end(reason: LinkEnd): void {
    if (this.#end !== undefined) return;
    this.#end = reason;
    this.#channel.abort(reason);
  }

  /** Whether anything is heard within `withinMs`; asks for it. */
  async isAlive(withinMs: number): Promise<boolean> {
    const heardBefore = this.#heardMs;
    this.#ping();
    const untilMs = performance.now() + withinMs;
    while (this.#end === undefined && performance.now() < untilMs) {
      if (this.#heardMs > heardBefore) return true;
      await new Promise((resolve) => setTimeout(resolve, withinMs / 20));
    }
    return false;
  }

  async #next(): Promise<Frame | undefined> {
    try {
      return await this.#channel.read();
    } catch (error) {
      if (error instanceof FrameError) this.end(error.code);
      return undefined;
    }
  }

  #take({ kind, body }: Frame): void {
    // Frames that were read ahead of the end are not heard any more.
    if (this.#end !== undefined) return;
    this.#heardMs = performance.now();
    if (kind === FRAME.message) this.#on.message(body);
    else if (kind === FRAME.ping && body.length === 4) this.#channel.send(FRAME.pong, body);
    else if (kind === FRAME.pong && body.length === 4) this.#pong(decode(u32, body));
    else this.end("unexpected_frame");
  }

  #ping(): void {
    const number = this.#nextPing++ >>> 0;
    this.#pings.set(number, performance.now());
    if (this.#pings.size > MAX_PINGS_UNDER_WAY) this.#pings.delete(this.#pings.keys().next().value!);
    this.#channel.send(FRAME.ping, u32be(number));
  }

  /** An answer to nothing that was asked is ignored: it may be late. */
  #pong(number: number): void {
    const sentMs = this.#pings.get(number);
    if (sentMs === undefined) return;
    this.#pings.delete(number);
    this.#on.roundTrip(performance.now() - sentMs);
  }

  #watch(afterMs: number): void {
    this.#silence = setTimeout(() => {
      // If this process was stopped, what the peer said meanwhile is still in the socket: read it first.
      setImmediate(() => {
        if (this.#end !== undefined) return;
        const restMs = this.#limits.silenceMs - (performance.now() - this.#heardMs);
        if (restMs <= 0) this.end("silent");
        else this.#watch(restMs);
      });
    }, afterMs);
  }
}
