import type { Backend, Identity } from "@quorate/curves";
import {
  hex,
  InputError,
  type NetworkFile,
  type NodeId,
  type Outcome,
  type PeerState,
  type Reactor,
  unhex,
  Waits,
  type World,
} from "@quorate/orders";
import { CommitmentStore } from "./commitment-store.ts";
import { type CreateKey, KeyMaking } from "./key-making.ts";
import { Keyring } from "./keyring.ts";
import { Link } from "./link.ts";
import { type PeerReport, Peers } from "./peers.ts";
import { decodeRecord, type KeyRecord, type RequestRecord } from "./records.ts";
import type { Reply } from "./reply.ts";
import { type Page, RequestStore } from "./request-store.ts";
import { Requests, type SignRequest } from "./requests.ts";
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
}

/** How many keys a network can hold. */
const MAX_KEYS = 4096;

/** The coordinator: takes requests, gives orders, gathers outcomes. Trusted for liveness only. */
export class Coordinator implements Reactor {
  readonly #world: World;
  readonly #waits: Waits;
  readonly #link: Link;
  readonly #peers: Peers;
  readonly #store = new CommitmentStore();
  readonly #keyring: Keyring;
  readonly #supply: Supply;
  readonly #keyMaking: KeyMaking;
  readonly #signing: Signing;
  readonly #verdicts: Verdicts;
  readonly #requestStore: RequestStore;
  readonly #requests: Requests;
  #ready = false;

  constructor(config: CoordinatorConfig) {
    const { world, network } = config;
    const waits = new Waits(world);
    const link = new Link(world, network, config.identity);
    const peers = new Peers(network.nodes.map((node) => node.name));
    const keyring = new Keyring(network, config.backend);
    this.#world = world;
    this.#waits = waits;
    this.#link = link;
    this.#peers = peers;
    this.#keyring = keyring;
    const parts = { world, waits, network, link, peers, keyring, store: this.#store };
    const supply = new Supply(parts);
    const verdicts = new Verdicts(parts);
    this.#supply = supply;
    this.#verdicts = verdicts;
    this.#keyMaking = new KeyMaking({ ...parts, supply });
    this.#signing = new Signing({ ...parts, supply, verdicts, floorMs: config.floorMs ?? (() => 0) });
    this.#requestStore = new RequestStore(world, waits);
    this.#requests = new Requests({ world, store: this.#requestStore, keyring, signing: this.#signing });
  }

  start(): void {
    this.#waits.list({ kind: "key", limit: MAX_KEYS }, (listed) => {
      for (const { id, record } of listed) {
        if (record.state === "present") this.#keyring.add(decodeRecord<KeyRecord>(record.value));
        else this.#world.emit({ type: "key.unreadable", key: id });
      }
      this.#requests.resume(() => {
        this.#ready = true;
        this.#world.emit({ type: "coordinator.ready", keys: listed.length });
      });
    });
  }

  /** Whether stored keys and requests have been read. */
  get ready(): boolean {
    return this.#ready;
  }

  wake(token: number, result: unknown): void {
    this.#waits.wake(token, result);
  }

  receive(from: NodeId, bytes: Uint8Array): void {
    const outcome = this.#link.receive(from, bytes);
    if (outcome === undefined) return;
    this.#peers.heard(from);
    this.#take(from, outcome);
  }

  peer(node: NodeId, state: PeerState): void {
    const before = this.#peers.connected(node);
    const restarted = this.#peers.observe(node, state);
    if (restarted) this.#store.forget(node);
    if (before && (restarted || !state.connected)) this.#signing.lost(node);
    if (state.connected && (restarted || !before)) this.#signing.arrived();
  }

  /** Makes a key. @throws InputError for what can be refused at once */
  createKey(request: CreateKey, reply: Reply<KeyRecord>): void {
    this.#keyMaking.start(request, reply);
  }

  keys(): readonly KeyRecord[] {
    return this.#keyring.all();
  }

  /** @throws InputError `not_found` */
  key(id: string): KeyRecord {
    const record = this.#keyring.get(id);
    if (record === undefined) throw new InputError("not_found", `no key ${id}`, { field: "keyId" });
    return record;
  }

  /** Signs. @throws InputError for what can be refused at once */
  sign(request: SignRequest, reply: Reply<RequestRecord>): void {
    this.#requests.sign(request, reply);
  }

  signature(id: string, reply: Reply<RequestRecord>): void {
    this.#requestStore.get(id, reply);
  }

  signatures(keyId: string, limit: number, after: number | undefined, reply: Reply<Page<RequestRecord>>): void {
    this.#requestStore.list(keyId, limit, after, reply);
  }

  peers(): readonly PeerReport[] {
    return this.#peers.report();
  }

  /** Commitments that lie ready for a key, by node. */
  commitmentLevels(key: KeyRecord): Readonly<Record<NodeId, number>> {
    return Object.fromEntries(key.members.map(({ node }) => [node, this.#store.level(node, key.keyId)]));
  }

  #take(from: NodeId, outcome: Outcome): void {
    switch (outcome.kind) {
      case "holdings":
        return this.#holdings(from, outcome);
      case "keygenDone":
        return this.#keyMaking.done(from, outcome);
      case "shares":
        return this.#signing.shares(from, outcome);
      case "commitments":
        return this.#supply.take(from, outcome);
      case "refused":
        if (!this.#keyMaking.refused(from, outcome)) this.#signing.refused(from, outcome);
        return;
      case "aborted":
        if (!this.#keyMaking.aborted(from, outcome)) this.#signing.aborted(from, outcome);
        return;
      case "verdict":
        return this.#verdicts.take(from, outcome);
    }
  }

  #holdings(from: NodeId, outcome: Extract<Outcome, { kind: "holdings" }>): void {
    this.#peers.hold(from, outcome.keys);
    for (const holding of outcome.keys) {
      const record = this.#keyring.byKeyId(hex(holding.keyId));
      if (holding.state === "staged" && record !== undefined) {
        this.#link.send(from, { kind: "certify", certificate: unhex(record.certificate) });
      }
    }
    this.#supply.welcome(from);
    this.#signing.arrived();
  }
}
