import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { assetsApi, makeWallet } from "../testing/assets.ts";
import type { Caller, GovernedApi } from "../testing/governed.ts";
import { webhookSignature } from "./delivery.ts";

interface Heard {
  readonly text: string;
  readonly signature: string;
  readonly event: { readonly kind: string; readonly data: Readonly<Record<string, { readonly id: string }>> };
}

/** Listens as an application would. */
async function receiver() {
  const heard: Heard[] = [];
  const waiting: { readonly count: number; readonly done: () => void }[] = [];
  let status = 200;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    heard.push({ text, signature: String(request.headers["x-dfns-webhook-signature"]), event: JSON.parse(text) });
    response.writeHead(status, { location: "http://127.0.0.1:1/" }).end();
    for (const { count, done } of waiting) if (heard.length >= count) done();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    heard,
    answer: (next: number) => {
      status = next;
    },
    /** Resolves once that much was heard. */
    hears: (count: number) =>
      new Promise<void>((done) => (heard.length >= count ? done() : void waiting.push({ count, done }))),
    close: () => server.close(),
  };
}

let api: GovernedApi;
let caller: Caller;
let ear: Awaited<ReturnType<typeof receiver>>;

beforeEach(async () => {
  ear = await receiver();
  ({ api, caller } = await assetsApi());
});
afterEach(() => {
  ear.close();
  api.stop();
});

const listen = async (events: readonly string[] = ["*"]) => {
  return (await caller.act("POST", "/webhooks", { url: ear.url, events })).body;
};

describe("a webhook", () => {
  it("hears what happens, signed over exactly what is sent, with the secret that is shown once", async () => {
    const { id, secret } = await listen();
    const wallet = await makeWallet(caller);
    await ear.hears(1);
    const [first] = ear.heard;
    expect(first!.event).toMatchObject({ kind: "wallet.created", data: { wallet: { id: wallet.id } } });
    expect(first!.signature).toBe(webhookSignature(secret, first!.text));
    expect((await caller.send("GET", `/webhooks/${id}`)).body).not.toHaveProperty("secret");
    expect((await caller.send("GET", "/webhooks")).body.items).toMatchObject([{ id, status: "Enabled" }]);
  });

  it("hears only of the kinds that it names, and of nothing while it is disabled", async () => {
    const { id } = await listen(["wallet.tags.modified"]);
    const wallet = await makeWallet(caller);
    await caller.act("PUT", `/wallets/${wallet.id}/tags`, { tags: ["a"] });
    await ear.hears(1);
    expect((await caller.act("PUT", `/webhooks/${id}`, { status: "Disabled" })).body.status).toBe("Disabled");
    await caller.act("PUT", `/wallets/${wallet.id}/tags`, { tags: ["b"] });
    expect((await caller.act("POST", `/webhooks/${id}/ping`)).body).toEqual({ status: "200" });
    expect(ear.heard.map(({ event }) => event.kind)).toEqual(["wallet.tags.modified", "ping"]);
  });

  it("keeps what it was sent and what came of it, and follows no redirect", async () => {
    ear.answer(307);
    const { id } = await listen(["wallet.created"]);
    await makeWallet(caller);
    await ear.hears(1);
    const path = `/webhooks/${id}/events`;
    let items: readonly { id: string }[] = [];
    while (items.length === 0) ({ items } = (await caller.send("GET", path)).body);
    expect(items).toMatchObject([{ kind: "wallet.created", status: "307", deliveryAttempt: 1 }]);
    expect((await caller.send("GET", `${path}/${items[0]!.id}`)).body.error).toContain("307");
    expect((await caller.send("GET", `${path}?deliveryFailed=false`)).body.items).toEqual([]);
  });

  it("says of a receiver that is not there that it is not", async () => {
    const body = { url: "http://127.0.0.1:1/", events: ["*"] };
    const { id } = (await caller.act("POST", "/webhooks", body)).body;
    expect((await caller.act("POST", `/webhooks/${id}/ping`)).body).toMatchObject({ status: "0" });
  });

  it("ends when it is deleted", async () => {
    const { id } = await listen();
    expect((await caller.act("DELETE", `/webhooks/${id}`)).body).toEqual({ deleted: true });
    expect((await caller.send("GET", `/webhooks/${id}`)).status).toBe(404);
  });

  it.each<[string, number, object]>([
    ["with an address that is none", 400, { url: "file:///etc/passwd", events: ["*"] }],
    ["of a kind of which nothing is heard", 400, { url: "http://localhost/", events: ["wallet.teleported"] }],
    ["of nothing", 400, { url: "http://localhost/", events: [] }],
  ])("%s is refused", async (_, status, body) => {
    expect((await caller.act("POST", "/webhooks", body)).status).toBe(status);
  });

  it("is not made by who may not", async () => {
    const other = await api.serviceAccount(["Webhooks:Read"]);
    expect((await other.act("POST", "/webhooks", { url: ear.url, events: ["*"] })).status).toBe(403);
  });
});
