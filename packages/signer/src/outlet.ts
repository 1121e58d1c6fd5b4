import type { Event, NodeId, World } from "@quorate/orders";
import type { Behaviour } from "./config.ts";

/** The most that is held back, bytes: beyond it the oldest is lost, as on a link that broke. */
const MAX_HELD_BYTES = 1 << 25;

/**
 * The way out for all that a signer says. Held back while a ban is on its way to the disk: whoever caused it must not learn of
 * it before it outlives a crash, or could try again afterwards.
 */
export class Outlet {
  readonly #world: World;
  readonly #behaviour: Pick<Behaviour, "sent" | "heard">;
  readonly #waiting: { readonly to: NodeId; readonly bytes: Uint8Array }[] = [];
  #waitingBytes = 0;
  #holds = 0;

  constructor(world: World, behaviour: Pick<Behaviour, "sent" | "heard"> = {}) {
    this.#world = world;
    this.#behaviour = behaviour;
  }

  send(to: NodeId, bytes: Uint8Array): void {
    if (this.#holds === 0) return this.#leave(to, bytes);
    this.#waiting.push({ to, bytes });
    this.#waitingBytes += bytes.length;
    while (this.#waitingBytes > MAX_HELD_BYTES) this.#waitingBytes -= this.#waiting.shift()!.bytes.length;
  }

  emit(event: Event): void {
    this.#world.emit(event);
  }

  /** Nothing leaves until `release` was called as often. */
  hold(): void {
    this.#holds += 1;
  }

  release(): void {
    this.#holds -= 1;
    if (this.#holds > 0) return;
    this.#waitingBytes = 0;
    for (const { to, bytes } of this.#waiting.splice(0)) this.#leave(to, bytes);
  }

  /** Another signer said something: only misbehaviour looks at it here. */
  heard(from: NodeId, bytes: Uint8Array): void {
    this.#behaviour.heard?.(from, bytes);
  }

  #leave(to: NodeId, bytes: Uint8Array): void {
    for (const each of this.#behaviour.sent?.(to, bytes) ?? [bytes]) this.#world.send(to, each);
  }
}
