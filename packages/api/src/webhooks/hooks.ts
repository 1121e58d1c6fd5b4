import { randomBytes } from "node:crypto";
import { InputError, publicId } from "@quorate/orders";
import type { ApiRecord, ApiRecords } from "../access/records.ts";
import { date } from "../shapes.ts";
import { type Attempt, deliver, PAUSES_MS } from "./delivery.ts";

/** Somebody who wants to hear of what happens in an organisation. */
export interface Webhook {
  readonly id: string;
  readonly organisation: string;
  readonly url: string;
  /** Kinds of event; `*` for all. */
  readonly events: readonly string[];
  readonly status: "Enabled" | "Disabled";
  readonly description: string | null;
  /** Signs what is sent: shown once. */
  readonly secret: string;
  readonly created: number;
  readonly updated: number;
}

/** One event on its way to one webhook. */
export interface WebhookEvent {
  readonly id: string;
  readonly webhook: string;
  readonly kind: string;
  readonly date: string;
  readonly data: unknown;
  readonly status: string;
  readonly error?: string;
  readonly timestampSent: number;
  readonly deliveryAttempt: number;
  readonly retryOf?: string;
}

const DAY_MS = 24 * 3600_000;
/** How long events are kept, milliseconds. */
const EVENTS_MS = 31 * DAY_MS;
/** Webhooks stay until they are deleted. */
const FOREVER_MS = 100 * 365 * DAY_MS;
/** Of one organisation. */
const MAX_WEBHOOKS = 20;

/** Webhooks, what was sent to them, and what is still to be sent. Retries end with the process; what was sent is known. */
export class Hooks {
  readonly #records: ApiRecords;
  readonly #now: () => number;
  readonly #timers = new Set<NodeJS.Timeout>();

  /** @param now milliseconds since 1970 */
  constructor(records: ApiRecords, now: () => number) {
    this.#records = records;
    this.#now = now;
  }

  async list(organisation: string): Promise<readonly Webhook[]> {
    return (await this.#records.list("webhook", organisation)).map(({ value }) => value as Webhook);
  }

  /** @throws InputError `not_found` */
  async get(organisation: string, id: string): Promise<Webhook> {
    const found = (await this.#records.get("webhook", id))?.value as Webhook | undefined;
    if (found?.organisation === organisation) return found;
    throw new InputError("not_found", `no webhook ${id.slice(0, 64)}`, { field: "webhookId" });
  }

  /** @throws InputError `overloaded` */
  async create(
    organisation: string,
    told: Pick<Webhook, "url" | "events" | "status" | "description">,
  ): Promise<Webhook> {
    if ((await this.list(organisation)).length >= MAX_WEBHOOKS) {
      throw new InputError("overloaded", `there are ${MAX_WEBHOOKS} webhooks`, { hint: "delete one first" });
    }
    const at = this.#now();
    const secret = randomBytes(32).toString("base64url");
    const webhook = { ...told, id: publicId("wh", randomBytes(17)), organisation, secret, created: at, updated: at };
    await this.put(webhook);
    return webhook;
  }

  put(webhook: Webhook): Promise<void> {
    const { id, organisation: scope } = webhook;
    return this.#records.put({ kind: "webhook", id, scope, value: webhook, expires: this.#now() + FOREVER_MS });
  }

  async remove({ id }: Webhook): Promise<void> {
    await this.#records.take("webhook", id);
    await this.#records.end("webhook-event", id);
  }

  /** Newest first. */
  async events({ id }: Webhook): Promise<readonly WebhookEvent[]> {
    return (await this.#records.list("webhook-event", id))
      .map(({ value }: ApiRecord) => value as WebhookEvent)
      .reverse();
  }

  /** Tells every webhook of an organisation that listens to this kind of event. Never throws: whoever did what happened is not to blame. */
  publish(organisation: string, kind: string, data: object): void {
    const told = date(this.#now());
    const tell = async () => {
      for (const hook of await this.list(organisation)) {
        const listens = hook.events.includes("*") || hook.events.includes(kind);
        if (hook.status === "Enabled" && listens) void this.#attempt(hook, { kind, date: told, data }, 1, undefined);
      }
    };
    tell().catch(() => {});
  }

  /** Sends something at once, and says what came of it. */
  async ping(hook: Webhook): Promise<Attempt> {
    const about = { kind: "ping", date: date(this.#now()), data: {} };
    return deliver(hook.url, hook.secret, this.#event(about, 1, undefined));
  }

  /** No retry comes any more. */
  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #event(about: Pick<WebhookEvent, "kind" | "date" | "data">, deliveryAttempt: number, retryOf: string | undefined) {
    const timestampSent = Math.floor(this.#now() / 1000);
    const id = publicId("whe", randomBytes(17));
    return {
      id,
      ...about,
      status: "200",
      timestampSent,
      deliveryAttempt,
      ...(retryOf === undefined ? {} : { retryOf }),
    };
  }

  async #attempt(
    hook: Webhook,
    about: Pick<WebhookEvent, "kind" | "date" | "data">,
    number: number,
    first: string | undefined,
  ): Promise<void> {
    const event = this.#event(about, number, first);
    const { status, error } = await deliver(hook.url, hook.secret, event);
    const value: WebhookEvent = { ...event, webhook: hook.id, status, ...(error === undefined ? {} : { error }) };
    const expires = this.#now() + EVENTS_MS;
    await this.#records.put({ kind: "webhook-event", id: event.id, scope: hook.id, value, expires }).catch(() => {});
    const pauseMs = PAUSES_MS[number - 1];
    if (error === undefined || pauseMs === undefined) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.#again(hook, about, number + 1, first ?? event.id);
    }, pauseMs);
    timer.unref();
    this.#timers.add(timer);
  }

  /** To where the webhook points by then, unless it is gone. */
  async #again(hook: Webhook, about: Pick<WebhookEvent, "kind" | "date" | "data">, number: number, first: string) {
    const now = await this.get(hook.organisation, hook.id).catch(() => undefined);
    if (now?.status === "Enabled") await this.#attempt(now, about, number, first);
  }
}
