import type { LogRecord, Organisation } from "@quorate/authority";
import type { Backend, Identity } from "@quorate/curves";
import { coordinatorsOf, type NetworkFile, type NodeId, Waits, type World } from "@quorate/orders";
import { Causes } from "./authority/causes.ts";
import { EntityKeys } from "./authority/entity-keys.ts";
import { Logs } from "./authority/logs.ts";
import { Children } from "./children.ts";
import { CommitmentStore } from "./commitment-store.ts";
import { Company } from "./company/company.ts";
import { OpenRequests } from "./company/open-requests.ts";
import { StoredKeys } from "./company/stored-keys.ts";
import { KeyLife } from "./key-life.ts";
import { Keyring } from "./keyring.ts";
import { type CoordinatorBehaviour, Link } from "./link.ts";
import { Pairs } from "./pairs.ts";
import { Peers } from "./peers.ts";
import { Presignatures } from "./presignatures.ts";
import type { KeyRecord } from "./records.ts";
import { RequestStore } from "./request-store.ts";
import { Requests } from "./requests.ts";
import { Signing } from "./signing.ts";
import { Supply } from "./supply.ts";
import { Verdicts } from "./verdicts.ts";

/** What a coordinator is made of. It holds an identity and public data; it never sees a share. */
export interface CoordinatorConfig {
  readonly network: NetworkFile;
  readonly identity: Identity;
  readonly world: World;
  readonly backend: Backend;
  /** The least round trip to a signer that the network allows, milliseconds, for the report of where time went; 0 by default. */
  readonly floorMs?: (node: NodeId) => number;
  /** The first records of the organisations that the network file names; none by default. */
  readonly organisations?: readonly LogRecord[];
  /** Which of the coordinators of the network file this is; the first by default. All of them share one database. */
  readonly self?: NodeId;
  /** Edits of an honest coordinator's orders; only ever set under `--allow-faults`. */
  readonly behaviour?: CoordinatorBehaviour;
}

/** All that a coordinator consists of. */
export type Parts = ReturnType<typeof assembled>;

/** Puts a coordinator together. @throws InputError when the first records given are not those of the network file */
export function assembled({
  network,
  identity,
  world,
  backend,
  floorMs = () => 0,
  organisations = [],
  self = network.coordinator.name,
  behaviour = {},
}: CoordinatorConfig) {
  const waits = new Waits(world);
  const coordinators = coordinatorsOf(network).map(({ name }) => name);
  const link = new Link(world, network, self, identity, behaviour);
  const names = network.nodes.map((node) => node.name);
  const peers = new Peers(names);
  const pairs = new Pairs(names);
  const keyring = new Keyring(network, backend);
  const store = new CommitmentStore();
  const parts = { world, waits, network, link, peers, pairs, keyring, store };
  const supply = new Supply(parts);
  const verdicts = new Verdicts(parts);
  const children = new Children(parts);
  const presignatures: Presignatures = new Presignatures({ ...parts, busy: () => signing.attempting > 0 });
  const keyLife = new KeyLife({ ...parts, supply, presignatures });
  const mismatch = (node: NodeId, key: KeyRecord) => keyLife.refreshing.mismatch(node, key);
  const entityKeys = new EntityKeys({ waits, keyring, keyMaking: keyLife.making, children });
  const changed = (organisation: Organisation) => requests.changed(organisation);
  const logs = new Logs({ ...parts, identity, changed }, organisations);
  const causes = new Causes({ network, waits, logs, keyring, keyLife });
  const signing: Signing = new Signing({ ...parts, supply, presignatures, verdicts, mismatch, logs, floorMs });
  const requestStore = new RequestStore(world, waits, new OpenRequests(waits, self, coordinators));
  const requests: Requests = new Requests({ ...parts, self, store: requestStore, signing, logs });
  const stored = new StoredKeys({ ...parts, refreshing: keyLife.refreshing });
  const company = new Company({
    ...{ world, waits, self },
    others: coordinators.filter((name) => name !== self),
    look: () => stored.read(() => logs.refreshAll(false)),
    gone: (isGone) => {
      logs.refreshAll(true);
      requests.takeUp(isGone);
    },
  });
  const made = {
    supply,
    verdicts,
    keyLife,
    children,
    entityKeys,
    causes,
    presignatures,
    logs,
    signing,
    requestStore,
    requests,
    stored,
    company,
  };
  return { ...parts, ...made };
}
