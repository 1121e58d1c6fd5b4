import {
  type HaltStatement,
  type NodeId,
  type Order,
  type PairStanding,
  type PeerState,
  type Reactor,
  type RepairStatement,
  type ResumeStatement,
  Waits,
  type World,
} from "@quorate/orders";
import { Abort } from "@quorate/protocol";
import { Audit } from "./audit.ts";
import { Authority } from "./authority/authority.ts";
import { type HaltAnswer, Halting } from "./authority/halting.ts";
import { Logs } from "./authority/logs.ts";
import type { RepairAnswer } from "./authority/repairing.ts";
import { Bindings } from "./bindings.ts";
import type { Behaviour, SignerConfig } from "./config.ts";
import { EcdsaRounds } from "./ecdsa-rounds.ts";
import { EncryptionKeys } from "./encryption-keys.ts";
import { Exchange } from "./exchange.ts";
import { Executions } from "./executions.ts";
import { KeyRuns } from "./key-runs.ts";
import { Keyring } from "./keyring.ts";
import { Link } from "./link.ts";
import { NoncePool } from "./nonce-pool.ts";
import { Obeying } from "./obeying.ts";
import { Outlet } from "./outlet.ts";
import { PairSetups } from "./pair-setups.ts";
import { Pairs } from "./pairs.ts";
import { isOfAuthority, isOfPresence } from "./peer-message.ts";
import { Lives } from "./presence/lives.ts";
import { Presence } from "./presence/presence.ts";
import { PresignaturePool } from "./presignature-pool.ts";
import { Presigning } from "./presigning.ts";
import { Publishing } from "./publishing.ts";
import { Reports } from "./reports.ts";
import { USES_SECRETS } from "./secret-orders.ts";
import { type SessionLoad, Sessions } from "./sessions.ts";
import { Signing } from "./signing.ts";
import { VerdictStore } from "./verdict-store.ts";

/** A signer: holds one share of each key, answers the coordinators' orders, runs sessions with the other signers. */
export class Signer implements Reactor {
  /** Whom this signer found guilty. */
  readonly verdicts: VerdictStore;
  readonly #world: World;
  readonly #waits: Waits;
  readonly #link: Link;
  readonly #keyring: Keyring;
  readonly #sessions: Sessions;
  readonly #encryptionKeys: EncryptionKeys;
  readonly #signing: Signing;
  readonly #pairs: Pairs;
  readonly #presigning: Presigning;
  readonly #audit: Audit;
  readonly #bindings: Bindings;
  readonly #halting: Halting;
  readonly #authority: Authority;
  readonly #behaviour: Behaviour;
  readonly #lives: Lives;
  readonly #presence: Presence;
  readonly #reports: Reports;
  readonly #obeying: Obeying;
  /** Who is connected, and as which process. */
  readonly #connected = new Map<NodeId, string>();

  constructor(config: SignerConfig) {
    const { world, network, self, identity, backend, behaviour = {} } = config;
    const waits = new Waits(world);
    const outlet = new Outlet(world, behaviour);
    const link = new Link(outlet, network, self, identity);
    const keyring = new Keyring(network, self, backend, waits);
    const pool = new NoncePool((length) => world.random(length));
    const sessions = new Sessions(waits, link);
    const publishing = new Publishing({ link, identity, pool, waits, keyring });
    const audit = new Audit(world, waits);
    const halting = new Halting({ world, waits, link, network, self, audit });
    const lives = new Lives(waits, audit);
    link.halted = () => halting.isHalted || lives.isFenced;
    link.refused = (executionId, refusal) => audit.refused(executionId, refusal);
    const bindings = new Bindings(waits, audit);
    const logs = new Logs({ world, link, network, waits, audit });
    this.verdicts = new VerdictStore({ world, waits, network, backend, keyring });
    const parts = {
      ...{ world, waits, outlet, verdicts: this.verdicts, link, network, self, identity, keyring, pool, sessions },
      ...{ presignatures: new PresignaturePool(), executions: new Executions(waits), publishing, bindings, behaviour },
      ...{ backend, logs, audit, halting, lives },
    };
    const authority = new Authority(parts);
    const setups = new PairSetups({
      ...parts,
      established: (peer, held) => this.#pairs.established(peer, held),
      unsettled: (peer, epoch) => this.#pairs.unsettled(peer, epoch),
      changed: () => this.#reports.pairsChanged(undefined),
    });
    const judged = () => this.#presence.say();
    const pairs = new Pairs({ ...parts, setups, judged, changed: (dropped) => this.#reports.pairsChanged(dropped) });
    const stop = () => sessions.stopAll(new Abort("stopped"));
    halting.stopped = stop;
    const signing = new Signing(parts);
    const ecdsaRounds = new EcdsaRounds({ ...parts, signing, pairs });
    const exchange = new Exchange({ ...parts, signing });
    const presigning = new Presigning({ ...parts, signing, ecdsaRounds });
    const encryptionKeys = new EncryptionKeys({ ...parts, networkHash: link.networkHash });
    const isConnected = (node: NodeId) => this.#connected.has(node);
    this.#reports = new Reports({ link, keyring, pairs, presigning, encryptionKeys, authority, isConnected });
    const keyParts = { ...parts, signing, pairs, presigning, reports: this.#reports };
    const runs = new KeyRuns(keyParts);
    this.#presence = new Presence({ ...parts, pairs, stop });
    this.#obeying = new Obeying({ ...keyParts, runs, exchange, ecdsaRounds, encryptionKeys, authority });
    this.#audit = audit;
    this.#bindings = bindings;
    this.#halting = halting;
    this.#lives = lives;
    this.#authority = authority;
    this.#world = world;
    this.#waits = waits;
    this.#link = link;
    this.#keyring = keyring;
    this.#sessions = sessions;
    this.#signing = signing;
    this.#pairs = pairs;
    this.#presigning = presigning;
    this.#encryptionKeys = encryptionKeys;
    this.#behaviour = behaviour;
  }

  start(): void {
    const asking = () => this.#pairs.load(() => this.#presence.load(() => this.#ask()));
    const last = () => this.#authority.load(() => this.verdicts.load(asking));
    this.#audit.load(() => this.#keyring.load(() => this.#encryptionKeys.load(last)));
  }

  /** Hears what the others remember before it does anything that it may have done before. */
  #ask(): void {
    this.#authority.start();
    this.#presence.begin(() => this.#begin());
  }

  #begin(): void {
    this.#reports.isReady = true;
    this.#pairs.start();
    const holdings = this.#keyring.holdings();
    const broken = holdings.filter((one) => one.state === "broken").length;
    this.#world.emit({ type: "signer.ready", keys: holdings.length, broken });
    this.#presigning.start();
    this.#bindings.prune(() => this.#world.wallNow());
    this.#reports.all();
  }

  /** Whether it serves: the stored keys have been read, and the others have told what they remember. */
  get ready(): boolean {
    return this.#lives.isServing;
  }

  /** Whether another process ran under its name, and nobody has decided yet which of the two is right. */
  get cloned(): boolean {
    return this.#lives.isFenced;
  }

  /** How full its tables of sessions are. */
  get load(): SessionLoad {
    return this.#sessions.load;
  }

  /** How this signer stands with each other. */
  pairs(): readonly PairStanding[] {
    return this.#pairs.standing();
  }

  /**
   * Works with a banned node again, with a fresh setup; of its own name: serves again after it was cloned. `then` once that is durable,
   * with whether there was such a node, or such a clone.
   */
  readmit(node: NodeId, then: (done: boolean) => void): void {
    this.#presence.settle(node, (isSelf) => (isSelf ? then(true) : this.#pairs.readmit(node, then)));
  }

  /** Stops this signer at the word of its operator; `then` once it would survive a restart. */
  halt(statement: HaltStatement, then: (answer: HaltAnswer) => void): void {
    this.#halting.halt(statement, then);
  }

  /** Lets it go on, at the word of enough operators. */
  resume(statement: ResumeStatement, then: (answer: HaltAnswer) => void): void {
    this.#halting.resume(statement, then);
  }

  /** The statement under which this signer is halted. */
  get halted(): HaltStatement | undefined {
    return this.#halting.statements.halt;
  }

  /** From now on takes only the record that enough operators decided on, at a height where a log is stuck. */
  repair(statement: RepairStatement, then: (answer: RepairAnswer) => void): void {
    this.#authority.repair(statement, then);
  }

  /** What this signer countersigned at the end of each log. */
  get taken(): ReturnType<Logs["taken"]> {
    return this.#authority.taken;
  }

  /** Encoded entries of the audit log from a sequence number on, for `verifyAuditChain`. */
  audit(from: number, limit: number, then: (encoded: readonly Uint8Array[]) => void): void {
    this.#audit.read(from, limit, then);
  }

  wake(token: number, result: unknown): void {
    this.#waits.wake(token, result);
  }

  receive(from: NodeId, bytes: Uint8Array): void {
    if (this.#link.coordinators.includes(from)) {
      const heard = this.#link.order(from, bytes);
      if (heard === undefined || this.#behaviour.silent?.(heard.order.kind) === true) return;
      return heard.isRepeated ? this.#repeat(heard.order) : this.#obey(heard.order, from);
    }
    const message = this.#link.peerMessage(from, bytes);
    if (message !== undefined && isOfAuthority(message)) return this.#authority.heard(from, message);
    if (message !== undefined && isOfPresence(message)) return this.#presence.heard(from, message);
    if (this.#isStill) return;
    if (message?.kind === "frame") this.#sessions.frame(from, message.frame);
    else if (message?.kind === "notice") this.#sessions.notice(from, message.evidence);
    else if (message?.kind === "lacking") this.#sessions.lacking(from, message.executionId, message.round);
    else if (message !== undefined) this.#pairs.heard(from, message);
  }

  peer(node: NodeId, state: PeerState): void {
    const instance = state.instance ?? "";
    const arrived = state.connected && this.#connected.get(node) !== instance;
    if (state.connected) this.#connected.set(node, instance);
    else this.#connected.delete(node);
    if (this.#link.coordinators.includes(node)) return arrived ? this.#reports.all([node]) : undefined;
    if (arrived || !state.connected) this.#pairs.connected(node, state.connected);
    if (!arrived) return;
    this.#sessions.connected(node);
    this.#authority.connected(node);
    this.#presence.connected(node);
  }

  /** Whether it uses none of its secrets. */
  get #isStill(): boolean {
    return this.#halting.isHalted || this.#lives.isFenced || !this.#lives.isServing;
  }

  #obey(order: Order, from: NodeId): void {
    if (this.#isStill && USES_SECRETS.has(order.kind)) {
      if ("executionId" in order) this.#signing.guarded(order.executionId, () => this.#refuse());
      return;
    }
    if (order.kind === "propose" && (this.#lives.isFenced || !this.#lives.isServing)) return;
    this.#obeying.obey(order, from);
  }

  /** The same order again is no other one: what it came to may have been lost. */
  #repeat(order: Order): void {
    if (!("executionId" in order)) return;
    this.#signing.guarded(order.executionId, () => {
      if ("requestId" in order) this.#signing.checkStill(order);
      this.#link.answerAgain(order.executionId);
    });
  }

  #refuse(): void {
    this.#halting.check();
    this.#lives.check();
  }
}
