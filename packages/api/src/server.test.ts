import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EventHub } from "./events.ts";
import { type Api, startApi } from "./server.ts";
import { keyRecord, startNode, type TestNode, TOKEN } from "./testing/node.ts";

const authorization = `Bearer ${TOKEN}`;
const key = keyRecord(1);
let node: TestNode;
let api: Api;
/** Those that listen to events inside the API itself. */
let quiet: number;

beforeEach(async () => {
  node = await startNode([key]);
  api = await startApi(node.options);
  quiet = node.events.listeners;
});
afterEach(async () => {
  await api.close();
  node.world.stop();
});

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${api.url}${path}`, { headers: { authorization, ...headers } });

/** Resolves once so many listen to events. */
async function listeners(hub: EventHub, count: number): Promise<void> {
  while (hub.listeners !== count) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Sends bytes over a bare socket, and gives what comes back until the server hangs up. */
async function exchange(text: string): Promise<{ head: string; body: string }> {
  const socket = connect(api.port, "127.0.0.1");
  socket.end(text);
  let answer = "";
  for await (const chunk of socket) answer += chunk;
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  return { head, body };
}

describe("the server", () => {
  it("serves at its url", async () => {
    expect(api.url).toBe(`http://127.0.0.1:${api.port}`);
    expect((await get(`/_quorate/keys/${key.id}`)).status).toBe(200);
  });

  it("says which port is taken and the way out", async () => {
    const again = startApi({ ...node.options, port: api.port });
    await expect(again).rejects.toThrow(new RegExp(`port ${api.port} on 127.0.0.1 is taken \\(EADDRINUSE\\).*choose`));
  });

  it("says which host cannot be listened on", async () => {
    await expect(startApi({ ...node.options, host: "192.0.2.1" })).rejects.toThrow(/cannot listen on 192\.0\.2\.1/);
  });

  it("frees its port when it is closed, with event streams open", async () => {
    await get("/_quorate/events");
    await listeners(node.events, quiet + 1);
    await api.close();
    await listeners(node.events, quiet);
    api = await startApi({ ...node.options, port: api.port });
    expect((await get("/_quorate/network")).status).toBe(200);
  });

  it("refuses an oversized body that does not say its length", async () => {
    const body = new ReadableStream({
      start(controller) {
        for (let at = 0; at < 5; at++) controller.enqueue(new Uint8Array(64 * 1024).fill(0x20));
        controller.close();
      },
    });
    const init: RequestInit & { duplex: "half" } = {
      method: "POST",
      headers: { authorization, "content-type": "application/json" },
      body,
      duplex: "half",
    };
    const response = await fetch(`${api.url}/_quorate/presignatures`, init);
    expect(response.status).toBe(413);
  });

  it("answers the next request on a connection whose last one was refused while its body was still on the way", async () => {
    const socket = connect(api.port, "127.0.0.1");
    const head =
      "POST /keys HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n";
    socket.write(head);
    // Longer than an unread body is waited for after the answer.
    await new Promise((resolve) => setTimeout(resolve, 800));
    socket.write("{}");
    socket.end("GET /_quorate/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
    let answers = "";
    for await (const chunk of socket) answers += chunk;
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 401", "HTTP/1.1 200"]);
  });

  it.each([
    ["not HTTP at all", "GARBAGE\r\n\r\n"],
    ["a host that is none", "GET /keys HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n"],
    ["headers without end", `GET /keys HTTP/1.1\r\nHost: a\r\nx: ${"y".repeat(20_000)}\r\n\r\n`],
  ])("answers %s in JSON", async (_, text) => {
    const { head, body } = await exchange(text);
    expect(head).toMatch(/^HTTP\/1\.1 400 Bad Request/);
    expect(JSON.parse(body).error.details.code).toBe("invalid_input");
    expect((await get("/_quorate/network")).status).toBe(200);
  });
});

describe("the event stream", () => {
  it("arrives as it happens, and resumes after the last id", async () => {
    const abort = new AbortController();
    const first = await fetch(`${api.url}/_quorate/events`, { headers: { authorization }, signal: abort.signal });
    expect(first.headers.get("content-type")).toBe("text/event-stream");
    node.events.publish({ type: "one" });
    const id = /id: (.*)\ndata: \{"type":"one"/.exec(await readUntil(first, '"one"'))?.[1];
    abort.abort();
    await listeners(node.events, quiet);
    node.events.publish({ type: "two" });
    const second = await get("/_quorate/events", { "last-event-id": id ?? "" });
    expect(await readUntil(second, '"two"')).not.toMatch(/"one"|missed/);
  });

  it("drops a client that stops reading, and serves the others", async () => {
    const socket = connect(api.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.pause();
    socket.write(`GET /_quorate/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\n\r\n`);
    await listeners(node.events, quiet + 1);
    const closed = once(socket, "close");
    while (node.events.listeners > quiet) {
      node.events.publish({ type: "big", text: "x".repeat(100_000) });
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.resume();
    await closed;
    expect((await get("/_quorate/network")).status).toBe(200);
  });

  it("has a bound on its listeners", async () => {
    for (let at = 0; at < 64; at++) node.events.subscribe(() => {});
    const refused = await get("/_quorate/events");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
  });

  it("is not opened by a question for its headers", async () => {
    const response = await fetch(`${api.url}/_quorate/events`, { method: "HEAD", headers: { authorization } });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(node.events.listeners).toBe(quiet);
  });
});

async function readUntil(response: Response, end: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes(end)) break;
  }
  return text;
}
