import { InputError, type Waits } from "@quorate/orders";
import type { Reply, Result } from "../reply.ts";

/** What a signer whose log is not where the order says refuses with; it is elsewhere soon. */
const LAGGING: ReadonlySet<unknown> = new Set(["behind", "stale_head"]);
/** Tries while signers lag, and the pause before the second, which doubles. */
const MAX_TRIES = 6;
const PAUSE_MS = 100;

/** Does something with all signers, again while one of them does not have the newest record yet. */
export function patiently<T>(waits: Waits, start: (reply: Reply<T>) => void, reply: Reply<T>, tries = 1): void {
  const answer: Reply<T> = (result) => {
    if (!lagging(result) || tries >= MAX_TRIES) return reply(result);
    waits.after(PAUSE_MS * 2 ** (tries - 1), () => patiently(waits, start, reply, tries + 1));
  };
  attempting(answer, () => start(answer));
}

/** What is refused at once is answered like what is refused later. */
export function attempting<T>(reply: Reply<T>, start: () => void): void {
  try {
    start();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    reply({ error });
  }
}

function lagging<T>(result: Result<T>): boolean {
  return "error" in result && LAGGING.has(result.error.details?.abort);
}
