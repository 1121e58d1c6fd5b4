import { describe, expect, it } from "vitest";
import { eventStream, MAX_UNREAD_BYTES } from "./event-stream.ts";
import { EventHub } from "./events.ts";

const quiet = { heartbeatMs: 60_000, lastEventId: undefined, disconnect: () => {} };

/** Reads until the text holds `end`. */
async function readUntil(stream: ReadableStream<Uint8Array>, end: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes(end)) return text;
  }
  throw new Error(`the stream ended without ${end}: ${text}`);
}

describe("eventStream", () => {
  it("sends events from now on, one block each, and leaves when it is cancelled", async () => {
    const hub = new EventHub();
    hub.publish({ type: "before" });
    const stream = eventStream(hub, quiet);
    hub.publish({ type: "now", text: "two\nlines" });
    const text = await readUntil(stream, "now");
    expect(text).toMatch(/^retry: \d+\n\nid: [0-9a-f]{8}-2\ndata: \{"type":"now","text":"two\\nlines"\}\n\n$/);
    expect(hub.listeners).toBe(0);
  });

  it("replays what came after the last id, each event once, then goes on", async () => {
    const hub = new EventHub();
    const ids: string[] = [];
    hub.subscribe(({ id }) => ids.push(id));
    for (const type of ["one", "two", "three"]) hub.publish({ type });
    const stream = eventStream(hub, { ...quiet, lastEventId: ids[0] });
    hub.publish({ type: "four" });
    const text = await readUntil(stream, "four");
    expect(text.match(/(?<="type":")\w+/g)).toEqual(["two", "three", "four"]);
    expect(text.match(/(?<=id: ).*/g)).toEqual(ids.slice(1));
  });

  it("says first when events were missed, without an id of its own", async () => {
    const hub = new EventHub();
    hub.publish({ type: "kept" });
    const text = await readUntil(eventStream(hub, { ...quiet, lastEventId: "00000000-7" }), "kept");
    expect(text).toMatch(/^retry: \d+\n\ndata: \{"type":"events\.missed"\}\n\nid: /);
  });

  it("sends comments in silence", async () => {
    const text = await readUntil(eventStream(new EventHub(), { ...quiet, heartbeatMs: 5 }), "still here");
    expect(text).toMatch(/\n: still here\n\n$/);
  });

  it("lets a client go that does not read, with no more than its bound unread", async () => {
    const hub = new EventHub();
    let disconnected = 0;
    const stream = eventStream(hub, { ...quiet, disconnect: () => disconnected++ });
    const event = { type: "big", text: "x".repeat(10_000) };
    let published = 0;
    for (; hub.listeners > 0 && published < 1000; published++) hub.publish(event);
    expect(published).toBeLessThan(1000);
    hub.publish(event);
    expect(disconnected).toBe(1);
    let unread = 0;
    for await (const chunk of stream) unread += chunk.length;
    expect(unread).toBeGreaterThan(MAX_UNREAD_BYTES / 2);
    expect(unread).toBeLessThan(MAX_UNREAD_BYTES + 11_000);
  });

  it("keeps a client that reads, however much comes", async () => {
    const hub = new EventHub();
    const stream = eventStream(hub, quiet);
    const reader = stream.getReader();
    await reader.read();
    for (let at = 0; at < 300; at++) {
      hub.publish({ type: "big", text: "x".repeat(10_000) });
      await reader.read();
    }
    expect(hub.listeners).toBe(1);
    await reader.cancel();
    expect(hub.listeners).toBe(0);
  });
});
