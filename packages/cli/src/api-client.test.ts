import { createServer, type RequestListener } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { ApiClient } from "./api-client.ts";
import { EXIT } from "./exit.ts";
import { listening, oneKeyNetwork, TOKEN } from "./testing/one-key-network.ts";

const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

async function clientOf(listener: RequestListener): Promise<ApiClient> {
  const server = createServer(listener);
  open.push({ close: () => server.closeAllConnections() });
  return new ApiClient({ url: await listening(server), token: TOKEN });
}

function answering(status: number, body: string): Promise<ApiClient> {
  return clientOf((_, response) => response.writeHead(status).end(body));
}

describe("the client", () => {
  it("says that nobody listens, and what to do", async () => {
    const server = createServer();
    const url = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    await expect(new ApiClient({ url, token: TOKEN }).keys()).rejects.toMatchObject({
      exitCode: EXIT.unavailable,
      message: `no network answers at ${url} (ECONNREFUSED)`,
      hint: expect.stringContaining("npm start"),
    });
  });

  it.each(["not a url", "ftp://x", "file:///etc"])("refuses the address %s", (url) => {
    expect(() => new ApiClient({ url, token: TOKEN })).toThrow(expect.objectContaining({ exitCode: EXIT.usage }));
  });

  it.each([
    [200, "<html>"],
    [404, ""],
    [200, "null"],
    [200, '"text"'],
  ])("says that HTTP %i with %j is no network of ours", async (status, body) => {
    const client = await answering(status, body);
    await expect(client.keys()).rejects.toMatchObject({
      exitCode: EXIT.unavailable,
      message: `${client.url} answers, but is no Quorate network (HTTP ${status})`,
    });
  });

  it("hands on what the network refused: text, hint, code, field, and the exit code that fits", async () => {
    const details = { code: "quorum_unavailable", hint: "start them", missing: ["ohio", "ireland"] };
    const message = "two signers are missing";
    const client = await answering(
      503,
      JSON.stringify({ error: { id: "err-1", status: 503, message, details }, message }),
    );
    await expect(client.sign("key-1", {})).rejects.toMatchObject({
      exitCode: EXIT.unavailable,
      message,
      hint: "start them",
      facts: { status: 503, id: "err-1", code: "quorum_unavailable", missing: ["ohio", "ireland"] },
    });
  });

  it.each([
    ["{}", "the network answers with HTTP 400"],
    ['{"message":"top"}', "top"],
    ['{"error":"text"}', "the network answers with HTTP 400"],
    ['{"error":{"message":7,"details":null}}', "the network answers with HTTP 400"],
    ["[]", "the network answers with HTTP 400"],
  ])("makes sense of the odd refusal %s", async (body, message) => {
    await expect((await answering(400, body)).keys()).rejects.toMatchObject({ exitCode: EXIT.usage, message });
  });

  it("says which argument a refused field came from", async () => {
    const error = { message: "must be between 2 and 5", details: { code: "invalid_input", field: "minSigners" } };
    const message = "--min-signers: must be between 2 and 5";
    await expect((await answering(400, JSON.stringify({ error }))).keys()).rejects.toMatchObject({
      exitCode: 2,
      message,
    });
  });

  it("follows the pages of a list to the end", async () => {
    const client = await clientOf((request, response) => {
      const token = new URL(request.url!, "http://x").searchParams.get("paginationToken");
      const page = token === null ? { items: [1, 2], nextPageToken: "a&b=c" } : { items: token === "a&b=c" ? [3] : [] };
      response.end(JSON.stringify(page));
    });
    expect(await client.keys()).toEqual([1, 2, 3]);
  });

  it("takes a network that still starts for an answer to health, and to nothing else", async () => {
    const body = JSON.stringify({ status: "starting", signers: { connected: 0, total: 5 } });
    const client = await answering(503, body);
    expect(await client.health()).toMatchObject({ status: "starting" });
    await expect(client.network()).rejects.toMatchObject({ exitCode: EXIT.unavailable });
  });

  it("gives no signature that is not signed", async () => {
    const failed = { id: "sig-1", status: "Failed", reason: "no quorum" };
    await expect((await answering(200, JSON.stringify(failed))).sign("key-1", {})).rejects.toMatchObject({
      exitCode: EXIT.unavailable,
      message: "request sig-1 is Failed: no quorum",
    });
  });

  it("goes nowhere with its token but to its network", async () => {
    const seen: unknown[] = [];
    const other = await clientOf((request, response) => {
      seen.push(request.headers.authorization);
      response.end("{}");
    });
    const client = await clientOf((_, response) => response.writeHead(307, { location: other.url }).end());
    await expect(client.network()).rejects.toMatchObject({ exitCode: EXIT.unavailable });
    expect(seen).toEqual([]);
  });

  it("without the token is refused as wrong usage", async () => {
    const network = await oneKeyNetwork();
    open.push(network);
    const client = new ApiClient({ url: network.url, token: "another-token-of-some-length" });
    await expect(client.keys()).rejects.toMatchObject({ exitCode: EXIT.usage, message: "this is not the token" });
  });
});
