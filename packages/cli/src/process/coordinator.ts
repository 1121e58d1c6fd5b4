import { EventHub, startApi } from "@quorate/api";
import type { LogRecord } from "@quorate/authority";
import { Coordinator } from "@quorate/coordinator";
import { findNode } from "@quorate/orders";
import { roundTripMs } from "@quorate/regions";
import { isPostgresUrl, type RecordStore } from "@quorate/storage";
import { CliError, EXIT } from "../exit.ts";
import { VERSION } from "../version.ts";
import { allowedFaults, answerFault, serveFaults } from "./allowed-faults.ts";
import { StoredApiRecords } from "./api-records.ts";
import { startNode } from "./node.ts";
import { followParent, report } from "./parent.ts";
import type { ProcessSettings } from "./settings.ts";

/** Where the API listens, what it knows callers by, and whose organisations it serves. */
export interface ApiSettings {
  readonly host: string;
  readonly port: number;
  /** The operator's. */
  readonly token: string;
  /** 32 bytes: of the key that signs bearer tokens. */
  readonly tokenSeed: Uint8Array;
  /** The first records of the logs. */
  readonly organisations: readonly LogRecord[];
  /** Where nodes of chains answer, by network. */
  readonly chains: ReadonlyMap<string, string>;
  /** What one token may ask in a minute; 0 for no limit. */
  readonly callsPerMinute: number;
}

/** Runs the coordinator with its API until it is told to stop. */
export async function runCoordinator(settings: ProcessSettings, api: ApiSettings): Promise<void> {
  refuseUnsafe(settings, api);
  const { network, self } = settings;
  const events = new EventHub();
  const faults = await allowedFaults(settings);
  const node = await startNode(settings, {
    sealed: false,
    shared: true,
    faults,
    reactor: ({ world, identity }) =>
      new Coordinator({
        ...{ network, self, identity, world, backend: "fast", floorMs: floorModel(settings) },
        organisations: api.organisations,
        ...(faults === undefined ? {} : { behaviour: faults.coordinator }),
      }),
    onEvent: (event) => events.publish(event),
  });
  for (const kind of ["key", "log-record"]) {
    node.records.onChange(kind, (change) => node.world.guarded(() => node.reactor.changed(change)));
  }
  // What the API itself says reaches its clients through the hub; the log must have it too.
  events.subscribe(({ event }) => {
    if (event.type.startsWith("api.")) node.log(event);
  });
  const server = await startApi({
    coordinator: node.reactor,
    authority: node.reactor,
    network,
    token: api.token,
    tokenSeed: api.tokenSeed,
    records: apiRecords(node.records, settings),
    chains: api.chains,
    callsPerMinute: api.callsPerMinute,
    host: api.host,
    port: api.port,
    events,
    metrics: () => node.metrics.text(),
    version: VERSION,
    now: () => Date.now(),
  });
  followParent(
    async () => {
      await server.close();
      await node.close();
    },
    (question, payload) => {
      if (question === "fault") return answerFault(faults, payload);
      if (question === "metrics") return node.metrics.text();
      if (question === "logs") return node.reactor.logs();
      if (question === "memory") return process.memoryUsage();
      throw new Error(`unknown question ${question}`);
    },
  );
  await serveFaults(faults, settings);
  report({ type: "ready", url: server.url });
}

/** Refuses an API that others could reach, and several coordinators that could not see each other's records. */
function refuseUnsafe(settings: ProcessSettings, api: ApiSettings): void {
  if (!isLoopback(api.host) && process.env.QUORATE_CONTAINER !== "1") {
    throw new CliError(
      EXIT.safety,
      `the API does not listen on ${api.host}: it speaks plain HTTP, and nobody has audited it yet`,
      "listen on 127.0.0.1; containers publish to 127.0.0.1 only",
    );
  }
  const { network } = settings;
  if (network.coordinators !== undefined && network.coordinators.length > 0 && !isPostgresUrl(settings.records)) {
    throw new CliError(
      EXIT.usage,
      "several coordinators share one database, and a file cannot be shared",
      "give all of them the same Postgres database with --database or QUORATE_DATABASE_URL",
    );
  }
}

/** Where the API keeps what is in no log; what had expired before is erased. */
function apiRecords(store: RecordStore, { network }: ProcessSettings): StoredApiRecords {
  const shared = (network.coordinators ?? []).length > 0;
  const records = new StoredApiRecords(store, () => Date.now(), { shared });
  void records.sweep().catch(() => {});
  return records;
}

/** One round trip from the coordinator's region to that of a signer; 0 where no delay is simulated. */
function floorModel({ network, self, jitter }: ProcessSettings): (node: string) => number {
  if (jitter === null) return () => 0;
  const home = (findNode(network, self) ?? network.coordinator).region;
  return (node) => roundTripMs(home, findNode(network, node)?.region ?? home);
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
