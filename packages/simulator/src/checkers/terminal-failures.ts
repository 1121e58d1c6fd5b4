import { type Event, hex, type NodeId } from "@quorate/orders";
import type { Passing } from "../observer.ts";
import type { Checker, Speech } from "./checker.ts";
import type { Said } from "./reading.ts";
import type { Scene } from "./scene.ts";
import type { Property } from "./violation.ts";

/** How much of a frame tells it from another: whichever its round, the sender's signature over all of it is in there. */
const FRAME_HEAD = 17;
const FRAME_SIGNED = 113;

/**
 * A10. What an honest signer has stopped gives no result any more, and nothing is sent in two ways for one place of an execution: no
 * run is taken up with randomness that was used.
 */
export class TerminalFailures implements Checker {
  readonly property: Property = "terminal-failures";
  readonly #scene: Scene;
  /** Executions that were stopped, by signer. */
  readonly #stopped = new Set<string>();
  /** Frames by sender, receiver, execution and round. */
  readonly #frames = new Map<string, string>();

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  event(node: NodeId, { type, execution }: Event): void {
    if (type === "session.aborted") this.#stopped.add(`${node} ${execution}`);
  }

  sent({ from, to }: Passing, said: Said): void {
    if (!this.#scene.isHonest(from)) return;
    if (said.type === "outcome") {
      const { outcome } = said;
      if (outcome.kind === "presigned") this.#ended(from, hex(outcome.executionId), "has a presignature of");
    } else if (said.type === "peer" && said.message.kind === "frame") this.#frame(from, to, said.message.frame);
  }

  spoke({ node, execution }: Speech): void {
    this.#ended(node, execution, "sent shares in");
  }

  #ended(node: NodeId, execution: string, what: string): void {
    if (this.#stopped.has(`${node} ${execution}`))
      this.#scene.report(this.property, node, `${what} ${execution}, which it had stopped`);
  }

  #frame(from: NodeId, to: NodeId, frame: Uint8Array): void {
    const text = Buffer.from(frame.buffer, frame.byteOffset, Math.min(frame.length, FRAME_SIGNED)).toString("latin1");
    const place = `${from} ${to} ${text.slice(0, FRAME_HEAD)}`;
    const signed = text.slice(FRAME_HEAD);
    const first = this.#frames.get(place) ?? signed;
    this.#frames.set(place, first);
    if (first === signed) return;
    const execution = hex(frame.subarray(0, FRAME_HEAD - 1));
    this.#scene.report(this.property, from, `sent ${to} two frames of round ${frame[FRAME_HEAD - 1]} of ${execution}`);
  }
}
