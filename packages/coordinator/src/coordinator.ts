import type { LoggedAction, Organisation } from "@quorate/authority";
import {
  InputError,
  type NodeId,
  type Outcome,
  type OutcomeOf,
  type PeerState,
  type Reactor,
  type RecordKey,
} from "@quorate/orders";
import { assembled, type CoordinatorConfig, type Parts } from "./assembly.ts";
import type { CauseCall } from "./authority/causes.ts";
import type { Committed } from "./authority/queue.ts";
import type { LogReport } from "./authority/report.ts";
import type { SignerReport } from "./encryption-keys.ts";
import type { Export } from "./exporting.ts";
import type { PairReport } from "./pairs.ts";
import type { PeerReport } from "./peers.ts";
import type { PoolReport, PresignatureReport } from "./presignatures.ts";
import type { KeyRecord, RequestRecord } from "./records.ts";
import type { Reply } from "./reply.ts";
import type { Page } from "./request-store.ts";
import type { SignRequest } from "./requests.ts";

/** The coordinator: takes requests, gives orders, gathers outcomes. Trusted for liveness only. */
export class Coordinator implements Reactor {
  readonly #parts: Parts;
  #ready = false;

  /** @throws InputError when the first records given are not those of the network file */
  constructor(config: CoordinatorConfig) {
    this.#parts = assembled(config);
  }

  start(): void {
    this.#parts.stored.read((keys) => {
      this.#parts.logs.start(() =>
        this.#parts.requests.resume(() => {
          this.#ready = true;
          this.#parts.company.start();
          this.#parts.world.emit({ type: "coordinator.ready", keys });
        }),
      );
    });
  }

  /** Another coordinator on this database wrote a record, or may have written any: it is read before it is asked for. */
  changed(record: RecordKey | "missed"): void {
    if (record === "missed") return this.#parts.stored.read(() => this.#parts.logs.refreshAll(false));
    if (record.kind === "key") this.#parts.stored.reread(record);
    if (record.kind === "log-record") this.#parts.logs.refresh(record.id, false);
  }

  /** Whether stored keys and requests have been read. */
  get ready(): boolean {
    return this.#ready;
  }

  wake(token: number, result: unknown): void {
    this.#parts.waits.wake(token, result);
  }

  receive(from: NodeId, bytes: Uint8Array): void {
    const outcome = this.#parts.link.receive(from, bytes);
    if (outcome === undefined) return;
    this.#parts.peers.heard(from);
    this.#take(from, outcome);
  }

  peer(node: NodeId, state: PeerState): void {
    const before = this.#parts.peers.connected(node);
    const restarted = this.#parts.peers.observe(node, state);
    if (restarted) {
      this.#parts.store.forget(node);
      this.#parts.pairs.forget(node);
      this.#parts.keyLife.restarted(node);
    }
    if (restarted || (before && !state.connected)) this.#parts.presignatures.lost(node, restarted);
    if (before && (restarted || !state.connected)) {
      this.#parts.logs.lost(node);
      this.#parts.signing.lost(node);
    }
    if (state.connected && (restarted || !before)) this.#parts.signing.arrived();
  }

  /** Beyond the answer, presignatures of the key that has been made. */
  #filling(presign: number, reply: Reply<KeyRecord>): Reply<KeyRecord> {
    return (result) => {
      reply(result);
      if ("ok" in result && presign > 0) this.#parts.presignatures.fill(result.ok, presign, () => {});
    };
  }

  /** The state of each log, to read only. */
  organisations(): readonly Organisation[] {
    return this.#parts.logs.all();
  }

  /** The state of one log, to read only. @throws InputError `not_found` */
  organisation(id: string): Organisation {
    return this.#parts.logs.get(id);
  }

  /** How far the logs are, here and at the signers, and what waits to be committed. */
  logs(): readonly LogReport[] {
    return this.#parts.logs.report();
  }

  /**
   * Has an action committed to the log of an organisation.
   *
   * @param reply once it is durable here and the organisation is as it says
   * @throws InputError `not_found`, `overloaded`
   */
  act(organisation: string, action: LoggedAction, reply: Reply<Committed>): void {
    this.#parts.logs.act(organisation, action, reply);
  }

  /** Makes the key that a log names, or derives it; the same key again when it has been made. @throws InputError `not_found`, `conflict` */
  makeKey(
    organisation: string,
    key: string,
    { presign = 0 }: { readonly presign?: number | undefined },
    reply: Reply<KeyRecord>,
  ): void {
    this.#parts.entityKeys.make(this.organisation(organisation), key, this.#filling(presign, reply));
  }

  /** Gives a key away as a committed record says. @throws InputError */
  exportCaused(call: CauseCall, reply: Reply<Export>): void {
    this.#parts.causes.export(call, reply);
  }

  /** Brings a key here as a committed record says. @throws InputError */
  importCaused(call: CauseCall, reply: Reply<KeyRecord>): void {
    this.#parts.causes.import(call, reply);
  }

  /** Gives the holders of a key new shares as a committed record says. @throws InputError */
  refreshCaused(call: CauseCall, reply: Reply<KeyRecord>): void {
    this.#parts.causes.refresh(call, reply);
  }

  /** Who would hold a new key, and to what shares for them are sealed. */
  signers(): readonly SignerReport[] {
    return this.#parts.keyLife.encryptionKeys.signers();
  }

  keys(): readonly KeyRecord[] {
    return this.#parts.keyring.all();
  }

  /** @throws InputError `not_found` */
  key(id: string): KeyRecord {
    const record = this.#parts.keyring.get(id);
    if (record === undefined) throw new InputError("not_found", `no key ${id}`, { field: "keyId" });
    return record;
  }

  /** The key of that public id, or what was derived from it at a path such as `m/0`. @throws InputError `not_found`, `invalid_input` */
  keyAt(id: string, path: string | undefined): KeyRecord {
    const key = this.key(id);
    return path === undefined ? key : this.#parts.children.at(key, path);
  }

  /** Signs. @throws InputError for what can be refused at once */
  sign(request: SignRequest, reply: Reply<RequestRecord>): void {
    this.#parts.requests.sign(request, reply);
  }

  signature(id: string, reply: Reply<RequestRecord>): void {
    this.#parts.requestStore.get(id, reply);
  }

  signatures(keyId: string, limit: number, after: number | undefined, reply: Reply<Page<RequestRecord>>): void {
    this.#parts.requestStore.list(keyId, limit, after, reply);
  }

  peers(): readonly PeerReport[] {
    return this.#parts.peers.report();
  }

  /** Commitments that lie ready for a key, by node. */
  commitmentLevels(key: KeyRecord): Readonly<Record<NodeId, number>> {
    return Object.fromEntries(key.members.map(({ node }) => [node, this.#parts.store.level(node, key.keyId)]));
  }

  /** How the signers stand with one another for threshold ECDSA. */
  pairs(): readonly PairReport[] {
    return this.#parts.pairs.all();
  }

  /** Pools of presignatures, and what became of those that were in them. */
  presignatures(): PresignatureReport {
    return this.#parts.presignatures.report();
  }

  /** The pools of one key. */
  presignatureLevels(key: KeyRecord): readonly PoolReport[] {
    return this.presignatures().pools.filter((pool) => pool.keyId === key.id);
  }

  /** Keeps at least `count` presignatures of a key lying ready. @param reply once they do @throws InputError for what can be refused at once */
  fillPresignatures(key: KeyRecord, count: number, reply: Reply<KeyRecord>): void {
    this.#parts.presignatures.fill(this.key(key.id), count, reply);
  }

  /** Erases the presignatures of a key, and makes no more until it is used. */
  dropPresignatures(key: KeyRecord): void {
    this.#parts.presignatures.drop(this.key(key.id));
  }

  #take(from: NodeId, outcome: Outcome): void {
    switch (outcome.kind) {
      case "holdings":
        return this.#holdings(from, outcome);
      case "keygenDone":
      case "certified":
      case "exported":
      case "encryptionKey":
        return this.#parts.keyLife.take(from, outcome);
      case "shares":
      case "ecdsaShares":
        return this.#parts.signing.shares(from, outcome);
      case "commitments":
        return this.#parts.supply.take(from, outcome);
      case "refused":
        return this.#refused(from, outcome);
      case "aborted":
        if (this.#parts.keyLife.aborted(from, outcome) || this.#parts.presignatures.aborted(from, outcome)) return;
        return this.#parts.signing.aborted(from, outcome);
      case "presigned":
        return this.#parts.presignatures.presigned(from, outcome);
      case "presignatures":
        return this.#parts.presignatures.held(from, outcome);
      case "pairs":
        return this.#pairsReported(from, outcome);
      case "derived":
        return this.#parts.children.derived(from, outcome);
      case "verdict":
        return this.#parts.verdicts.take(from, outcome);
      case "countersigned":
      case "recordRefused":
      case "heads":
        return this.#parts.logs.take(from, outcome);
    }
  }

  #refused(from: NodeId, outcome: OutcomeOf<"refused">): void {
    if (this.#parts.keyLife.refused(from, outcome) || this.#parts.children.refused(from, outcome)) return;
    if (!this.#parts.presignatures.refused(from, outcome)) this.#parts.signing.refused(from, outcome);
  }

  #pairsReported(from: NodeId, outcome: OutcomeOf<"pairs">): void {
    if (!this.#parts.pairs.report(from, outcome)) return;
    const states = Object.fromEntries(outcome.pairs.map(({ node, state }) => [node, state]));
    this.#parts.world.emit({ type: "pairs.changed", peer: from, states });
    this.#parts.presignatures.pairsChanged();
    this.#parts.signing.arrived();
  }

  #holdings(from: NodeId, outcome: OutcomeOf<"holdings">): void {
    this.#parts.peers.hold(from, outcome.keys);
    this.#parts.keyLife.refreshing.heldBy(from, outcome.keys);
    this.#parts.supply.welcome(from);
    this.#parts.presignatures.arrived();
    this.#parts.signing.arrived();
  }
}
