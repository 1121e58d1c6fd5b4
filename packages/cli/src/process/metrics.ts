import type { Event } from "@quorate/orders";
import type { Counter, Gauge, Histogram, Registry } from "prom-client";

interface Meters {
  readonly registry: Registry;
  readonly events: Counter<"type">;
  readonly refused: Counter<"what" | "code">;
  readonly peers: Gauge<"peer">;
  readonly rtt: Gauge<"peer">;
  readonly requests: Counter<"result">;
  readonly duration: Histogram<"part">;
}

type Note = (meters: Meters) => void;

/** Notes kept until somebody asks for metrics; more than this many load the library after all. */
const MAX_NOTES = 1000;
const BUCKETS_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];

/**
 * The metrics of one process, fed by its events. The library is loaded when they are first asked for: a process that nobody
 * asks is smaller by its ten megabytes.
 */
export class Metrics {
  readonly #node: string;
  readonly #notes: Note[] = [];
  #meters: Meters | undefined;
  #loading: Promise<Meters> | undefined;

  constructor(node: string) {
    this.#node = node;
  }

  count(event: Event): void {
    this.#note(({ events, refused, requests, duration }) => {
      events.inc({ type: event.type });
      const [what = "", verb] = event.type.split(".");
      if (verb === "refused") refused.inc({ what, code: String(event.code) });
      if (event.type === "request.signed") requests.inc({ result: "signed" });
      if (event.type === "request.failed") requests.inc({ result: "failed" });
      const timing = event.timing as Readonly<Record<string, number>> | undefined;
      for (const [part, ms] of Object.entries(timing ?? {})) duration.observe({ part: part.replace(/Ms$/, "") }, ms);
    });
  }

  peer(peer: string, connected: boolean, rttMs: number | undefined): void {
    this.#note(({ peers, rtt }) => {
      peers.set({ peer }, connected ? 1 : 0);
      if (rttMs !== undefined) rtt.set({ peer }, rttMs);
    });
  }

  /** In the text form of Prometheus. */
  async text(): Promise<{ contentType: string; body: string }> {
    const { registry } = await this.#load();
    return { contentType: registry.contentType, body: await registry.metrics() };
  }

  #note(note: Note): void {
    if (this.#meters !== undefined) return note(this.#meters);
    this.#notes.push(note);
    if (this.#notes.length > MAX_NOTES) void this.#load();
  }

  #load(): Promise<Meters> {
    this.#loading ??= meters(this.#node).then((made) => {
      for (const note of this.#notes.splice(0)) note(made);
      this.#meters = made;
      return made;
    });
    return this.#loading;
  }
}

async function meters(node: string): Promise<Meters> {
  const { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } = await import("prom-client");
  const registry = new Registry();
  registry.setDefaultLabels({ node });
  // The library looks at the event loop every 10 ms unless told otherwise: a percent of a core, for a process at rest.
  collectDefaultMetrics({ register: registry, prefix: "quorate_", eventLoopMonitoringPrecision: 1000 });
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name, help, labelNames: [...labelNames], registers });
  const gauge = (name: string, help: string) => new Gauge({ name, help, labelNames: ["peer"], registers });
  const duration = { name: "quorate_request_duration_ms", help: "Signed requests: total, network, crypto, rest" };
  return {
    registry,
    events: counter("quorate_events_total", "Events by type", ["type"]),
    refused: counter("quorate_refused_total", "Messages, orders and peers refused, by code", ["what", "code"]),
    peers: gauge("quorate_peer_connected", "1 if the link is up"),
    rtt: gauge("quorate_peer_rtt_ms", "Median round trip"),
    requests: counter("quorate_requests_total", "Requests ended", ["result"]),
    duration: new Histogram({ ...duration, labelNames: ["part"], buckets: BUCKETS_MS, registers }),
  };
}
