import { randomBytes } from "node:crypto";
import { H, type Identity, identityFromSeed } from "@quorate/curves";
import { findNode, hex, networkHash, type Reactor } from "@quorate/orders";
import { oneWayDelayMs } from "@quorate/regions";
import { openStore, type RecordStore, rotateStoreKey, StorageError } from "@quorate/storage";
import { createTransport } from "@quorate/transport";
import pino from "pino";
import { CliError, EXIT } from "../exit.ts";
import type { Disturbance } from "./faults/disturbance.ts";
import { Metrics } from "./metrics.ts";
import type { Emit, ProcessSettings } from "./settings.ts";
import { startWorkshop } from "./workshop-host.ts";
import { ProcessWorld } from "./world.ts";

/** A process of the network, put together: database, transport and reactor joined by a world. */
export interface RunningNode<R extends Reactor> {
  readonly reactor: R;
  readonly world: ProcessWorld;
  readonly metrics: Metrics;
  readonly identity: Identity;
  readonly records: RecordStore;
  /** Writes an event to the log and counts it. */
  readonly log: Emit;
  /** Reseals the database under a new storage key in the place of the old one. */
  rotateStorageKey(): unknown;
  close(): Promise<void>;
}

/** What varies between signer and coordinator. */
export interface NodePlan<R extends Reactor> {
  /** Signers seal; the coordinator has nothing secret. */
  readonly sealed: boolean;
  /** Whether this is a coordinator: all of a network have one database. */
  readonly shared?: true;
  readonly reactor: (parts: { world: ProcessWorld; identity: Identity; emit: Emit }) => R;
  /** Signers do heavy work in a thread of its own. */
  readonly workshop?: true;
  /** The faults in force here; only where they are allowed. */
  readonly faults: Disturbance | undefined;
  readonly onEvent?: Emit;
}

/** Starts a process of the network. @throws StorageError or InputError saying what stands in the way */
export async function startNode<R extends Reactor>(
  settings: ProcessSettings,
  plan: NodePlan<R>,
): Promise<RunningNode<R>> {
  const { network, self, identitySeed } = settings;
  const lines = pino({ base: { node: self }, timestamp: pino.stdTimeFunctions.isoTime });
  const metrics = new Metrics(self);
  const log: Emit = (event) => {
    lines.info(event);
    metrics.count(event);
  };
  const emit: Emit = (event) => {
    log(event);
    plan.onEvent?.(event);
  };
  const { faults } = plan;
  const stored = await open(settings, plan, (error) => {
    emit({ type: "storage.taken", message: error.message });
    // Whoever has the database now answers for this node; nothing may leave this process any more.
    process.exit(EXIT.safety);
  });
  const records = faults?.records(stored) ?? stored;
  const allowed = settings.allowFaults ? { nodes: network } : {};
  const workshop = plan.workshop === true ? startWorkshop({ identitySeed, ...allowed }, emit) : undefined;
  faults?.onChange((active) => workshop?.disturb(active));
  const world = new ProcessWorld(records, emit, workshop, faults);
  const identity = identityFromSeed(identitySeed);
  const reactor = plan.reactor({ world, identity, emit });
  world.attach(reactor);
  const transport = await createTransport({
    network,
    self,
    identitySeed,
    ...(settings.listen === undefined ? {} : { listen: settings.listen }),
    ...(settings.jitter === null ? {} : { delay: delayModel(settings, settings.jitter) }),
    ...(faults === undefined ? {} : { rules: () => faults.rules() }),
    onMessage: (from, bytes) => world.receive(from, bytes),
    onPeer: (node, state) => {
      metrics.peer(node, state.connected, state.rttMs);
      world.peer(node, state);
    },
    onEvent: emit,
  });
  world.connect(transport);
  reactor.start();
  emit({ type: "node.started", self, network: network.networkId, hash: hex(networkHash(network)), pid: process.pid });
  return {
    ...{ reactor, world, metrics, identity, log, records },
    rotateStorageKey() {
      if (!("file" in settings.storageKey))
        throw new Error("the storage key comes from the environment: rotate it there");
      return rotateStoreKey(records, settings.storageKey.file, (length) => world.random(length));
    },
    async close() {
      await transport.close();
      await workshop?.close();
      await world.close();
    },
  };
}

async function open(
  { network, self, records, storageKey }: ProcessSettings,
  { sealed, shared = false }: { readonly sealed: boolean; readonly shared?: boolean },
  onTaken: (error: StorageError) => void,
): Promise<RecordStore> {
  const random = (length: number) => new Uint8Array(randomBytes(length));
  // Records outlive changes of the network file: they are bound to the network's name, not to its members of today.
  const networkHash = H("cli/v1", "records", new TextEncoder().encode(network.networkId));
  // Coordinators share their records, under the name of the first.
  const node = shared ? network.coordinator.name : self;
  const protection = { networkHash, node, random };
  try {
    return await openStore(records, { ...protection, ...(sealed ? { keySource: storageKey } : {}), shared, onTaken });
  } catch (error) {
    throw error instanceof StorageError ? new CliError(EXIT.environment, error.message) : error;
  }
}

/** One-way milliseconds to a peer, by the regions of both. */
function delayModel({ network, self }: ProcessSettings, jitter: number): (to: string) => number {
  const own = findNode(network, self)!.region;
  return (to) => {
    const theirs = findNode(network, to)?.region;
    return theirs === undefined ? 0 : oneWayDelayMs(own, theirs, jitter, Math.random);
  };
}
