import type { LoggedAction } from "@quorate/authority";
import { InputError, type Waits } from "@quorate/orders";
import type { Reply, Result } from "../reply.ts";

/** What an action came to: the record of it. */
export interface Committed {
  /** Hex: ids of what the record created derive from it. */
  readonly hash: string;
  readonly height: number;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** An action that somebody waits for. */
export interface Queued {
  readonly action: LoggedAction;
  /** Whether it waits for its answer. */
  readonly open: boolean;
  /** Answers, the first time that it is called. */
  readonly end: (result: Result<Committed>) => void;
}

/** The most actions of one organisation that wait for their turn. */
const MAX_QUEUED = 256;
/** How long an action may take, milliseconds. */
export const ACTION_MS = 10_000;

/** Actions in the order in which they came; each is answered once, in time. */
export class Queue {
  readonly #waits: Waits;
  readonly #late: (queued: Queued) => InputError;
  readonly #waiting: Queued[] = [];

  /** @param late why an action has not been answered in time */
  constructor(waits: Waits, late: (queued: Queued) => InputError) {
    this.#waits = waits;
    this.#late = late;
  }

  /** @throws InputError `overloaded` */
  add(action: LoggedAction, reply: Reply<Committed>): void {
    if (this.#waiting.length >= MAX_QUEUED) {
      const message = `${MAX_QUEUED} actions of this organisation wait for their turn`;
      throw new InputError("overloaded", message, { hint: "try again shortly" });
    }
    let open = true;
    const queued: Queued = {
      action,
      get open() {
        return open;
      },
      end: (result) => {
        if (!open) return;
        open = false;
        cancel();
        this.#remove(queued);
        reply(result);
      },
    };
    const cancel = this.#waits.after(ACTION_MS, () => queued.end({ error: this.#late(queued) }));
    this.#waiting.push(queued);
  }

  next(): Queued | undefined {
    return this.#waiting.shift();
  }

  /** It could not be tried: it is next again. */
  putBack(queued: Queued): void {
    if (queued.open) this.#waiting.unshift(queued);
  }

  #remove(queued: Queued): void {
    const at = this.#waiting.indexOf(queued);
    if (at >= 0) this.#waiting.splice(at, 1);
  }
}
