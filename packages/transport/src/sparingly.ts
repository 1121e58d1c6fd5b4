import type { Event } from "@quorate/orders";

/**
 * Lets an event through at most once in `everyMs` for each type, peer, side and code: what others can cause at will must not
 * fill the log. The counters count all.
 */
export function sparingly(emit: (event: Event) => void, everyMs = 1000): (event: Event) => void {
  const lastMs = new Map<string, number>();
  return (event) => {
    const key = [event.type, event.peer, event.by, event.code].join(" ");
    const nowMs = performance.now();
    if (nowMs - (lastMs.get(key) ?? Number.NEGATIVE_INFINITY) < everyMs) return;
    lastMs.set(key, nowMs);
    emit(event);
  };
}
