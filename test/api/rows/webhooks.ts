import { createHmac } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { refused } from "../refusals.ts";
import { application } from "../started.ts";

interface Delivery {
  readonly signature: string;
  readonly text: string;
}

/** Receives what webhooks deliver. */
class Receiver implements AsyncDisposable {
  readonly deliveries: Delivery[] = [];
  readonly #server: Server;

  constructor(status = 200) {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const signature = String(request.headers["x-dfns-webhook-signature"]);
      this.deliveries.push({ signature, text: Buffer.concat(chunks).toString() });
      response.writeHead(status).end();
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }
}

/** Section 8, webhooks. */
describe("8 webhooks", () => {
  it("POST, GET, PUT, DELETE /webhooks, /ping: a webhook from beginning to end, its secret shown once", async () => {
    const { webhooks } = application().client(application().admin);
    await using receiver = new Receiver();
    const url = await receiver.listen();
    const made = await webhooks.createWebhook({ body: { url, events: ["key.created"], description: "mine" } });
    const webhookId = made.id;
    expect(made).toMatchObject({
      id: expect.stringMatching(/^wh-/),
      url,
      status: "Enabled",
      secret: expect.any(String),
    });
    expect(await webhooks.getWebhook({ webhookId })).not.toHaveProperty("secret");
    expect((await webhooks.listWebhooks()).items.map(({ id }) => id)).toContain(webhookId);
    expect(await webhooks.pingWebhook({ webhookId })).toMatchObject({ status: "200" });
    expect(receiver.deliveries).toHaveLength(1);
    expect(await webhooks.updateWebhook({ webhookId, body: { status: "Disabled" } })).toMatchObject({
      status: "Disabled",
    });
    expect(await webhooks.deleteWebhook({ webhookId })).toEqual({ deleted: true });
    await refused(webhooks.getWebhook({ webhookId }), 404);
  });

  it("delivers what it is subscribed to, with the HMAC of the very bytes that are sent", async () => {
    const { webhooks, keys } = application().client(application().admin);
    await using receiver = new Receiver();
    const url = await receiver.listen();
    const { id: webhookId, secret } = await webhooks.createWebhook({ body: { url, events: ["key.created"] } });
    const key = await keys.createKey({ body: { scheme: "EdDSA", curve: "ed25519" } });
    await keys.updateKey({ keyId: key.id, body: { name: "not subscribed" } });
    await expect.poll(() => receiver.deliveries.length, { timeout: 20_000 }).toBe(1);
    const { signature, text } = receiver.deliveries[0]!;
    expect(signature).toBe(`sha256=${createHmac("sha256", secret).update(text).digest("hex")}`);
    const event = JSON.parse(text);
    expect(event).toMatchObject({
      id: expect.stringMatching(/^whe-/),
      kind: "key.created",
      date: expect.stringMatching(/Z$/),
      data: { key: { id: key.id } },
      timestampSent: expect.any(Number),
      deliveryAttempt: 1,
    });
    const { items } = await webhooks.listWebhookEvents({ webhookId });
    expect(items).toMatchObject([{ id: event.id, kind: "key.created" }]);
    expect(await webhooks.getWebhookEvent({ webhookId, webhookEventId: event.id })).toMatchObject({ id: event.id });
    await webhooks.deleteWebhook({ webhookId });
  });

  it("POST /webhooks: what is no address of HTTP is refused by 400", async () => {
    const { webhooks } = application().client(application().admin);
    for (const url of ["", "ftp://127.0.0.1/", "file:///etc/passwd", "nonsense"]) {
      await refused(webhooks.createWebhook({ body: { url, events: ["*" as "key.created"] } }), 400, /url/);
    }
  });
});
