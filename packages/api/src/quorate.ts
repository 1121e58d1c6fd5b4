import { addresses } from "@quorate/authority";
import { hex, InputError, type NetworkNode, networkHash, unhex } from "@quorate/orders";
import { eventStream } from "./event-stream.ts";
import type { ApiOptions } from "./options.ts";
import { type App, route, segment } from "./routes.ts";

/** How many may listen to events at once. */
const MAX_LISTENERS = 64;
const DEFAULT_HEARTBEAT_MS = 15_000;

/** Whether the coordinator serves, for whoever asks: it names nothing. */
export function healthRoute(app: App, { coordinator, network }: ApiOptions): void {
  route(app, "/_quorate/health", {
    GET(c) {
      const connected = coordinator.peers().filter((peer) => peer.connected).length;
      const status = coordinator.ready ? "ok" : "starting";
      const signers = { connected, total: network.nodes.length };
      const all = coordinator.pairs();
      const pairs = { ready: all.filter((pair) => pair.status === "ready").length, total: all.length };
      return c.json({ status, signers, pairs }, coordinator.ready ? 200 : 503);
    },
  });
}

/** What this network is and does; served from the first moment on. */
export function quorateRoutes(app: App, options: ApiOptions): void {
  route(app, "/_quorate/network", { GET: (c) => c.json(networkShape(options)) });
  route(app, "/_quorate/metrics", {
    async GET(c) {
      const { contentType, body } = await options.metrics();
      return c.body(body, 200, { "content-type": contentType });
    },
  });
  route(app, "/_quorate/events", {
    GET(c) {
      if (options.events.listeners >= MAX_LISTENERS) {
        throw new InputError("overloaded", `${MAX_LISTENERS} already listen to events`, {
          hint: "close another stream",
        });
      }
      const headers = { "content-type": "text/event-stream", "cache-control": "no-store" };
      if (c.req.method === "HEAD") return c.body(null, 200, headers);
      const stream = eventStream(options.events, {
        heartbeatMs: options.heartbeatMs ?? DEFAULT_HEARTBEAT_MS,
        lastEventId: c.req.header("last-event-id"),
        disconnect: () => c.env?.outgoing?.destroy(),
      });
      return c.body(stream, 200, headers);
    },
  });
}

/** Of a key, what Dfns has no place for. */
export function quorateKeyRoute(app: App, { coordinator }: ApiOptions): void {
  route(app, "/_quorate/keys/:keyId", {
    GET(c) {
      const key = coordinator.key(segment(c, "keyId"));
      return c.json({
        id: key.id,
        keyId: key.keyId,
        epoch: key.epoch,
        suite: key.suite,
        minSigners: key.minSigners,
        members: key.members,
        certificate: key.certificate,
        record: createdBy(coordinator, key.derivedFrom?.keyId ?? key.id),
        derivedFrom: key.derivedFrom,
        commitmentLevels: coordinator.commitmentLevels(key),
        presignatureLevels: coordinator.presignatureLevels(key),
        addresses: addresses({ suite: key.suite, publicKey: unhex(key.publicKey) }),
      });
    },
  });
}

/** Hash of the record that created a key that was made: what its certificate commits to. `null` for one that no log names. */
function createdBy(coordinator: ApiOptions["coordinator"], id: string): string | null {
  for (const { keys } of coordinator.organisations()) {
    const entity = keys.get(id);
    if (entity !== undefined) return entity.record;
  }
  return null;
}

function networkShape({ coordinator, network, version }: ApiOptions) {
  const made = coordinator.keys().filter((key) => key.derivedFrom === null);
  const keys = new Map(made.map((key) => [key.keyId, key.id]));
  const reports = new Map(coordinator.peers().map((peer) => [peer.node, peer]));
  const nodes = network.nodes.map((node) => {
    const {
      connected = false,
      suspect = false,
      guilty = false,
      rttMs = null,
      brokenKeys = [],
    } = reports.get(node.name) ?? {};
    const broken = brokenKeys.map((one) => ({ id: keys.get(one.keyId) ?? null, ...one }));
    return { ...nodeShape(node), connected, suspect, guilty, rttMs, brokenKeys: broken };
  });
  return {
    networkId: network.networkId,
    hash: hex(networkHash(network)),
    coordinator: nodeShape(network.coordinator),
    nodes,
    pairs: coordinator.pairs(),
    defaults: network.defaults,
    versions: { quorate: version, networkFile: network.format },
  };
}

function nodeShape({ name, region, operator, publicKey }: NetworkNode) {
  return { name, region, operator, publicKey };
}
