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
  verifyCommitment,
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
import { type Page, Requests, type SignRequest } from "./requests.ts";
import { Signing } from "./signing.ts";
import { Supply } from "./supply.ts";

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
    const store = this.#store;
    this.#supply = new Supply({ link, peers, keyring, store });
    const supply = this.#supply;
    this.#keyMaking = new KeyMaking({ world, waits, network, link, peers, keyring, supply });
    this.#signing = new Signing({
      world,
      waits,
      link,
      peers,
      keyring,
      store,
      supply,
      floorMs: config.floorMs ?? (() => 0),
    });
    this.#requests = new Requests({ world, waits, keyring, signing: this.#signing });
  }

  start(): void {
    this.#waits.list({ kind: "key", limit: MAX_KEYS }, (listed) => {
      for (const { record } of listed) {
        if (record.state === "present") this.#keyring.add(decodeRecord<KeyRecord>(record.value));
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
    if (before !== state.connected || restarted) this.#signing.peerChanged(node, state.connected);
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
    this.#requests.get(id, reply);
  }

  signatures(keyId: string, limit: number, after: number | undefined, reply: Reply<Page<RequestRecord>>): void {
    this.#requests.list(keyId, limit, after, reply);
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
        return this.#commitments(from, outcome);
      case "refused":
        if (!this.#keyMaking.refused(from, outcome)) this.#signing.refused(from, outcome);
        return;
      case "aborted":
        if (!this.#keyMaking.aborted(from, outcome)) this.#signing.aborted(from, outcome);
        return;
      case "verdict":
        return this.#signing.verdict(from, outcome);
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
    this.#signing.peerChanged(from, true);
  }

  #commitments(from: NodeId, outcome: Extract<Outcome, { kind: "commitments" }>): void {
    const record = this.#keyring.byKeyId(hex(outcome.keyId));
    const identity = this.#link.identityOf(from);
    const member = record?.members.find((one) => one.node === from);
    if (record === undefined || identity === undefined || member === undefined) return;
    const scope = { networkHash: this.#link.networkHash, keyId: outcome.keyId, epoch: outcome.epoch };
    const good = outcome.commitments.filter(
      (one) => one.identifier === member.identifier && verifyCommitment(identity, scope, one),
    );
    if (good.length < outcome.commitments.length) {
      this.#world.emit({ type: "message.refused", peer: from, code: "bad_commitment", detail: "unsigned or foreign" });
    }
    this.#store.add(from, record.keyId, good, outcome.replace);
  }
}
