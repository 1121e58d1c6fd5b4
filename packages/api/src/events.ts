import { randomBytes } from "node:crypto";
import type { Event } from "@quorate/orders";

/** How many events are kept for those who come back. */
const KEPT = 256;

/** An event, and the id under which a reader says where it stopped. */
export interface NumberedEvent {
  readonly id: string;
  readonly event: Event;
}

type Listener = (event: NumberedEvent) => void;

/** Hands each event to all who listen, and keeps the last 256. Ids begin anew with each process, under another name. */
export class EventHub {
  readonly #instance = randomBytes(4).toString("hex");
  readonly #kept: NumberedEvent[] = [];
  readonly #listeners = new Set<Listener>();
  #count = 0;

  publish(event: Event): void {
    const numbered = { id: `${this.#instance}-${++this.#count}`, event };
    this.#kept.push(numbered);
    if (this.#kept.length > KEPT) this.#kept.shift();
    for (const listener of this.#listeners) listener(numbered);
  }

  /** @param listener called with each event from now on; must not throw. @returns a function that ends it */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** How many listen. */
  get listeners(): number {
    return this.#listeners.size;
  }

  /** The kept events after that id; all of them, and `missed`, when it is too old, or of another process. */
  after(id: string): { readonly events: readonly NumberedEvent[]; readonly missed: boolean } {
    const [instance, digits] = id.split("-");
    const oldest = this.#count - this.#kept.length;
    const last = instance === this.#instance && /^\d{1,15}$/.test(digits ?? "") ? Number(digits) : -1;
    if (last < oldest || last > this.#count) return { events: [...this.#kept], missed: true };
    return { events: this.#kept.slice(last - oldest), missed: false };
  }
}
