import type { EventHub, NumberedEvent } from "./events.ts";

/** What may lie unread for one client, bytes. Above it the client is too slow: it is let go, and may come back. */
export const MAX_UNREAD_BYTES = 1 << 20;
/** How long a client waits before it connects again, milliseconds. */
const RECONNECT_MS = 1000;

const encoder = new TextEncoder();

/** How a stream is served. `disconnect` ends the connection of a client that reads too slowly. */
export interface EventStreamOptions {
  readonly heartbeatMs: number;
  readonly lastEventId: string | undefined;
  readonly disconnect: () => void;
}

/**
 * The events as server-sent events (WHATWG HTML, section 9.2): those after `lastEventId` that are still kept, then each
 * as it comes, and now and then a comment, so that a dead connection shows. `events.missed` comes first if some were lost.
 */
export function eventStream(hub: EventHub, options: EventStreamOptions): ReadableStream<Uint8Array> {
  let stop = () => {};
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const offer = (text: string) => {
          if ((controller.desiredSize ?? 0) > 0) return controller.enqueue(encoder.encode(text));
          stop();
          controller.close();
          options.disconnect();
        };
        const heartbeat = setInterval(() => offer(": still here\n\n"), options.heartbeatMs);
        const unsubscribe = hub.subscribe((event) => offer(frame(event)));
        stop = () => {
          clearInterval(heartbeat);
          unsubscribe();
        };
        offer(`retry: ${RECONNECT_MS}\n\n${replay(hub, options.lastEventId)}`);
      },
      cancel: () => stop(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: MAX_UNREAD_BYTES }),
  );
}

/** JSON has no bare line breaks, so that one `data` line holds the event. */
function frame({ id, event }: NumberedEvent): string {
  return `id: ${id}\ndata: ${JSON.stringify(event)}\n\n`;
}

function replay(hub: EventHub, lastEventId: string | undefined): string {
  if (lastEventId === undefined) return "";
  const { events, missed } = hub.after(lastEventId);
  const notice = missed ? `data: ${JSON.stringify({ type: "events.missed" })}\n\n` : "";
  return notice + events.map(frame).join("");
}
