import { InputError } from "@quorate/orders";
import { z } from "zod";
import type { Endpoints } from "../access/endpoints.ts";
import type { Session } from "../access/session.ts";
import { checked } from "../input.ts";
import { pageOf } from "../paging.ts";
import { type ApiContext, segment } from "../routes.ts";
import { date } from "../shapes.ts";
import type { Webhook, WebhookEvent } from "./hooks.ts";

/** What webhooks hear of. */
export const EVENT_KINDS = [
  "*",
  "key.created",
  "key.deleted",
  "key.delegated",
  "key.exported",
  "wallet.created",
  "wallet.delegated",
  "wallet.exported",
  "wallet.tags.modified",
  "wallet.signature.requested",
  "wallet.signature.signed",
  "wallet.signature.failed",
  "wallet.signature.rejected",
  "wallet.transaction.requested",
  "wallet.transaction.broadcasted",
  "wallet.transaction.failed",
  "wallet.transaction.rejected",
  "wallet.transfer.requested",
  "wallet.transfer.broadcasted",
  "wallet.transfer.failed",
  "wallet.transfer.rejected",
  "policy.triggered",
  "policy.approval.pending",
  "policy.approval.resolved",
] as const;

const url = z
  .string()
  .max(2048)
  .refine(
    (text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ""),
    "an address that begins with http:// or https://",
  );
const fields = {
  url,
  events: z.array(z.string().max(100)).min(1).max(100),
  status: z.enum(["Enabled", "Disabled"]).optional(),
  description: z.string().max(500).optional(),
};
export const newWebhook = z.strictObject(fields);
export const changedWebhook = newWebhook.partial();

function webhookShape({ id, url, events, status, description, created, updated }: Webhook) {
  const dates = { dateCreated: date(created), dateUpdated: date(updated) };
  return { id, url, events, status, ...(description === null ? {} : { description }), ...dates };
}

function eventShape({ webhook: _, ...event }: WebhookEvent) {
  return event;
}

/** @throws InputError for kinds of which nothing would ever be heard */
function checkKinds(events: readonly string[] | undefined): void {
  const stranger = events?.find((one) => !EVENT_KINDS.includes(one as (typeof EVENT_KINDS)[number]));
  if (stranger === undefined) return;
  const hint = `there are ${EVENT_KINDS.join(", ")}`;
  throw new InputError("invalid_input", `events: there is no ${stranger}`, { field: "events", hint });
}

/** Webhooks, as Dfns has them. They are in no log: nobody gains a right by hearing of things. */
export function webhookEndpoints(endpoints: Endpoints): void {
  const { hooks, now } = endpoints.access;
  const path = "/webhooks";
  const named = (c: ApiContext, { organisation }: Session) => hooks.get(organisation.id, segment(c, "webhookId"));
  endpoints.read(path, "Webhooks:Read", async (c, { organisation }) => {
    return pageOf(c, "webhooks", await hooks.list(organisation.id), webhookShape);
  });
  endpoints.read(`${path}/:webhookId`, "Webhooks:Read", async (c, session) => webhookShape(await named(c, session)));
  endpoints.action("POST", path, "Webhooks:Create", async (_, { session: { organisation }, action }) => {
    const { url, events, status = "Enabled", description = null } = checked(newWebhook, action.body);
    checkKinds(events);
    const webhook = await hooks.create(organisation.id, { url, events, status, description });
    return { ...webhookShape(webhook), secret: webhook.secret };
  });
  endpoints.action("PUT", `${path}/:webhookId`, "Webhooks:Update", async (c, { session, action }) => {
    const webhook = await named(c, session);
    const { url, events, status, description } = checked(changedWebhook, action.body);
    checkKinds(events);
    const next: Webhook = {
      ...webhook,
      ...{ url: url ?? webhook.url, events: events ?? webhook.events, status: status ?? webhook.status },
      ...{ description: description ?? webhook.description, updated: now() },
    };
    await hooks.put(next);
    return webhookShape(next);
  });
  endpoints.action("DELETE", `${path}/:webhookId`, "Webhooks:Delete", async (c, { session }) => {
    await hooks.remove(await named(c, session));
    return { deleted: true };
  });
  endpoints.action("POST", `${path}/:webhookId/ping`, "Webhooks:Ping", async (c, { session }) => {
    return hooks.ping(await named(c, session));
  });
  eventEndpoints(endpoints);
}

function eventEndpoints(endpoints: Endpoints): void {
  const { hooks } = endpoints.access;
  const path = "/webhooks/:webhookId/events";
  const all = async (c: ApiContext, { organisation }: Session) => {
    return hooks.events(await hooks.get(organisation.id, segment(c, "webhookId")));
  };
  endpoints.read(path, "Webhooks:Events:Read", async (c, session) => {
    const failed = c.req.query("deliveryFailed");
    const kind = c.req.query("kind");
    const shown = (await all(c, session)).filter(
      (one) =>
        (kind === undefined || one.kind === kind) &&
        (failed === undefined || (failed === "true") === (one.error !== undefined)),
    );
    return pageOf(c, `events/${segment(c, "webhookId")}`, shown, eventShape, ["kind", "deliveryFailed"]);
  });
  endpoints.read(`${path}/:eventId`, "Webhooks:Events:Read", async (c, session) => {
    const id = segment(c, "eventId");
    const event = (await all(c, session)).find((one) => one.id === id);
    if (event !== undefined) return eventShape(event);
    throw new InputError("not_found", `no event ${id.slice(0, 64)}`, { field: "webhookEventId" });
  });
}
