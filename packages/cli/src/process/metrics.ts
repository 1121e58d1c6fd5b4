import { type Event, type EventValue, PAIR_STATES, type PairStanding } from "@quorate/orders";
import type { Counter, Gauge, Histogram, Registry } from "prom-client";

interface Meters {
  readonly registry: Registry;
  readonly events: Counter<"type">;
  readonly refused: Counter<"what" | "code">;
  readonly peers: Gauge<"peer">;
  readonly rtt: Gauge<"peer">;
  readonly requests: Counter<"result">;
  readonly duration: Histogram<"part">;
  readonly pairs: Gauge<"by" | "peer" | "state">;
  readonly pool: Gauge<"key" | "signers">;
  readonly presignatures: Counter<"fate">;
}

/** All metrics as text. */
export interface Exposition {
  readonly contentType: string;
  readonly body: string;
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
    this.#note((meters) => {
      const { events, refused, requests, duration } = meters;
      events.inc({ type: event.type });
      const [what = "", verb = ""] = event.type.split(".");
      if (verb === "refused") refused.inc({ what, code: String(event.code) });
      if (what === "presignature" || what === "presignatures") countPresignatures(meters, verb, event);
      if (event.type === "pairs.changed") showPairs(meters, String(event.peer), Object.entries(event.states ?? {}));
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

  /** How this node stands with the others. */
  standing(pairs: readonly PairStanding[]): void {
    this.#note((meters) => {
      showPairs(
        meters,
        this.#node,
        pairs.map(({ node, state }) => [node, state]),
      );
    });
  }

  /** In the text form of Prometheus. */
  async text(): Promise<Exposition> {
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

/** The coordinator counts several at a time and knows pools; a signer counts its own parts, one at a time. */
function countPresignatures({ pool, presignatures }: Meters, verb: string, event: Event): void {
  if (verb !== "level") return presignatures.inc({ fate: verb }, Number(event.count ?? 1));
  const signers = Array.isArray(event.signers) ? event.signers.join(",") : "";
  pool.set({ key: String(event.key), signers }, Number(event.level));
}

function showPairs({ pairs }: Meters, by: string, standing: readonly (readonly [string, EventValue])[]): void {
  for (const [peer, now] of standing) {
    for (const state of PAIR_STATES) pairs.set({ by, peer, state }, state === now ? 1 : 0);
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
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Gauge({ name, help, labelNames, registers });
  const duration = { name: "quorate_request_duration_ms", help: "Signed requests: total, network, crypto, rest" };
  return {
    registry,
    events: counter("quorate_events_total", "Events by type", ["type"]),
    refused: counter("quorate_refused_total", "Messages, orders and peers refused, by code", ["what", "code"]),
    peers: gauge("quorate_peer_connected", "1 if the link is up", "peer"),
    rtt: gauge("quorate_peer_rtt_ms", "Shortest of recent round trips", "peer"),
    pairs: gauge(
      "quorate_pair",
      "1 for the state in which a pair of signers is, as the signer in by says",
      "by",
      "peer",
      "state",
    ),
    pool: gauge(
      "quorate_presignatures_ready",
      "Presignatures that lie ready, by key and signing set",
      "key",
      "signers",
    ),
    presignatures: counter("quorate_presignatures_total", "Presignatures made, and what became of them", ["fate"]),
    requests: counter("quorate_requests_total", "Requests ended", ["result"]),
    duration: new Histogram({ ...duration, labelNames: ["part"], buckets: BUCKETS_MS, registers }),
  };
}
