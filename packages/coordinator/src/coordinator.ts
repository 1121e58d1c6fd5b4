import type { Backend, Identity } from "@quorate/curves";
import {
  InputError,
  type NetworkFile,
  type NodeId,
  type Outcome,
  type OutcomeOf,
  type PeerState,
  type Reactor,
  Waits,
  type World,
} from "@quorate/orders";
import { Children } from "./children.ts";
import { CommitmentStore } from "./commitment-store.ts";
import type { SignerReport } from "./encryption-keys.ts";
import type { Export } from "./exporting.ts";
import { KeyLife } from "./key-life.ts";
import { type CreateKey, checkPresign, type ImportKey } from "./key-making.ts";
import { Keyring } from "./keyring.ts";
import { Link } from "./link.ts";
import { type PairReport, Pairs } from "./pairs.ts";
import { type PeerReport, Peers } from "./peers.ts";
import { type PoolReport, type PresignatureReport, Presignatures } from "./presignatures.ts";
import { decodeKey, type KeyRecord, type RequestRecord } from "./records.ts";
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
  readonly #pairs: Pairs;
  readonly #store = new CommitmentStore();
  readonly #keyring: Keyring;
  readonly #supply: Supply;
  readonly #keyLife: KeyLife;
  readonly #children: Children;
  readonly #presignatures: Presignatures;
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
    const pairs = new Pairs(network.nodes.map((node) => node.name));
    const keyring = new Keyring(network, config.backend);
    this.#world = world;
    this.#waits = waits;
    this.#link = link;
    this.#peers = peers;
    this.#pairs = pairs;
    this.#keyring = keyring;
    const parts = { world, waits, network, link, peers, pairs, keyring, store: this.#store };
    const presignatures = new Presignatures({ ...parts, busy: () => this.#signing.attempting > 0 });
    this.#presignatures = presignatures;
    const supply = new Supply(parts);
    const verdicts = new Verdicts(parts);
    this.#supply = supply;
    this.#verdicts = verdicts;
    const keyLife = new KeyLife({ ...parts, supply, presignatures });
    this.#keyLife = keyLife;
    const mismatch = (node: NodeId, key: KeyRecord) => keyLife.refreshing.mismatch(node, key);
    this.#children = new Children(parts);
    const floorMs = config.floorMs ?? (() => 0);
    this.#signing = new Signing({ ...parts, supply, presignatures, verdicts, mismatch, floorMs });
    this.#requestStore = new RequestStore(world, waits);
    this.#requests = new Requests({ world, store: this.#requestStore, keyring, signing: this.#signing });
  }

  start(): void {
    this.#waits.list({ kind: "key", limit: MAX_KEYS }, (listed) => {
      for (const { id, record } of listed) {
        if (record.state === "present") this.#keyring.add(decodeKey(record.value));
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
    if (restarted) {
      this.#store.forget(node);
      this.#pairs.forget(node);
    }
    if (restarted || (before && !state.connected)) this.#presignatures.lost(node, restarted);
    if (before && (restarted || !state.connected)) this.#signing.lost(node);
    if (state.connected && (restarted || !before)) this.#signing.arrived();
  }

  /** Makes a key, or derives a child. @throws InputError for what can be refused at once */
  createKey(request: CreateKey, reply: Reply<KeyRecord>): void {
    const { deriveFrom, presign = 0 } = request;
    checkPresign(request);
    const answer: Reply<KeyRecord> = (result) => {
      reply(result);
      if ("ok" in result && presign > 0) this.#presignatures.fill(result.ok, presign, () => {});
    };
    if (deriveFrom === undefined) this.#keyLife.making.start(request, answer);
    else this.#children.start(request, deriveFrom, answer);
  }

  /** Gives all holders of a key new shares. @throws InputError for what can be refused at once */
  refreshKey(id: string, reply: Reply<KeyRecord>): void {
    this.#keyLife.refreshing.start(this.key(id), reply);
  }

  /** Brings a key here that exists elsewhere. @throws InputError for what can be refused at once */
  importKey(request: ImportKey, reply: Reply<KeyRecord>): void {
    this.#keyLife.making.import(request, reply);
  }

  /** Has enough holders of a key seal their shares to an encryption key, 34 bytes. @throws InputError for what can be refused at once */
  exportKey(id: string, { encryptionKey }: { readonly encryptionKey: Uint8Array }, reply: Reply<Export>): void {
    this.#keyLife.exporting.start(this.key(id), encryptionKey, reply);
  }

  /** Who would hold a new key, and to what shares for them are sealed. */
  signers(): readonly SignerReport[] {
    return this.#keyLife.encryptionKeys.signers();
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

  /** The key of that public id, or what was derived from it at a path such as `m/0`. @throws InputError `not_found`, `invalid_input` */
  keyAt(id: string, path: string | undefined): KeyRecord {
    const key = this.key(id);
    return path === undefined ? key : this.#children.at(key, path);
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

  /** How the signers stand with one another for threshold ECDSA. */
  pairs(): readonly PairReport[] {
    return this.#pairs.all();
  }

  /** Pools of presignatures, and what became of those that were in them. */
  presignatures(): PresignatureReport {
    return this.#presignatures.report();
  }

  /** The pools of one key. */
  presignatureLevels(key: KeyRecord): readonly PoolReport[] {
    return this.presignatures().pools.filter((pool) => pool.keyId === key.id);
  }

  /** Keeps at least `count` presignatures of a key lying ready. @param reply once they do @throws InputError for what can be refused at once */
  fillPresignatures(key: KeyRecord, count: number, reply: Reply<KeyRecord>): void {
    this.#presignatures.fill(this.key(key.id), count, reply);
  }

  /** Erases the presignatures of a key, and makes no more until it is used. */
  dropPresignatures(key: KeyRecord): void {
    this.#presignatures.drop(this.key(key.id));
  }

  #take(from: NodeId, outcome: Outcome): void {
    switch (outcome.kind) {
      case "holdings":
        return this.#holdings(from, outcome);
      case "keygenDone":
      case "certified":
      case "exported":
      case "encryptionKey":
        return this.#keyLife.take(from, outcome);
      case "shares":
      case "ecdsaShares":
        return this.#signing.shares(from, outcome);
      case "commitments":
        return this.#supply.take(from, outcome);
      case "refused":
        return this.#refused(from, outcome);
      case "aborted":
        if (this.#keyLife.aborted(from, outcome) || this.#presignatures.aborted(from, outcome)) return;
        return this.#signing.aborted(from, outcome);
      case "presigned":
        return this.#presignatures.presigned(from, outcome);
      case "presignatures":
        return this.#presignatures.held(from, outcome);
      case "pairs":
        return this.#pairsReported(from, outcome);
      case "derived":
        return this.#children.derived(from, outcome);
      case "verdict":
        return this.#verdicts.take(from, outcome);
    }
  }

  #refused(from: NodeId, outcome: OutcomeOf<"refused">): void {
    if (this.#keyLife.refused(from, outcome) || this.#children.refused(from, outcome)) return;
    if (!this.#presignatures.refused(from, outcome)) this.#signing.refused(from, outcome);
  }

  #pairsReported(from: NodeId, outcome: OutcomeOf<"pairs">): void {
    if (!this.#pairs.report(from, outcome)) return;
    const states = Object.fromEntries(outcome.pairs.map(({ node, state }) => [node, state]));
    this.#world.emit({ type: "pairs.changed", peer: from, states });
    this.#presignatures.pairsChanged();
    this.#signing.arrived();
  }

  #holdings(from: NodeId, outcome: OutcomeOf<"holdings">): void {
    this.#peers.hold(from, outcome.keys);
    this.#keyLife.refreshing.heldBy(from, outcome.keys);
    this.#supply.welcome(from);
    this.#presignatures.arrived();
    this.#signing.arrived();
  }
}
