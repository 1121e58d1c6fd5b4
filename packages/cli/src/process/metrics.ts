import type { Event } from "@quorate/orders";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** The metrics of one process, fed by its events. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #events: Counter<"type">;
  readonly #refused: Counter<"what" | "code">;
  readonly #peers: Gauge<"peer">;
  readonly #rtt: Gauge<"peer">;
  readonly #requests: Counter<"result">;
  readonly #duration: Histogram<"part">;

  constructor(node: string) {
    const registers = [this.#registry];
    this.#registry.setDefaultLabels({ node });
    collectDefaultMetrics({ register: this.#registry, prefix: "quorate_" });
    this.#events = new Counter({
      name: "quorate_events_total",
      help: "Events by type",
      labelNames: ["type"],
      registers,
    });
    this.#refused = new Counter({
      name: "quorate_refused_total",
      help: "Messages, orders and peers refused, by code",
      labelNames: ["what", "code"],
      registers,
    });
    this.#peers = new Gauge({
      name: "quorate_peer_connected",
      help: "1 if the link is up",
      labelNames: ["peer"],
      registers,
    });
    this.#rtt = new Gauge({ name: "quorate_peer_rtt_ms", help: "Median round trip", labelNames: ["peer"], registers });
    this.#requests = new Counter({
      name: "quorate_requests_total",
      help: "Requests ended",
      labelNames: ["result"],
      registers,
    });
    this.#duration = new Histogram({
      name: "quorate_request_duration_ms",
      help: "Signed requests: total, network, crypto, rest",
      labelNames: ["part"],
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000],
      registers,
    });
  }

  count(event: Event): void {
    this.#events.inc({ type: event.type });
    const [what = "", verb] = event.type.split(".");
    if (verb === "refused") this.#refused.inc({ what, code: String(event.code) });
    if (event.type === "request.signed") this.#requests.inc({ result: "signed" });
    if (event.type === "request.failed") this.#requests.inc({ result: "failed" });
    const timing = event.timing as Readonly<Record<string, number>> | undefined;
    for (const [part, ms] of Object.entries(timing ?? {}))
      this.#duration.observe({ part: part.replace(/Ms$/, "") }, ms);
  }

  peer(peer: string, connected: boolean, rttMs: number | undefined): void {
    this.#peers.set({ peer }, connected ? 1 : 0);
    if (rttMs !== undefined) this.#rtt.set({ peer }, rttMs);
  }

  async text(): Promise<{ contentType: string; body: string }> {
    return { contentType: this.#registry.contentType, body: await this.#registry.metrics() };
  }
}
