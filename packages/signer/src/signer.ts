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
import { Deriving } from "./deriving.ts";
import { EcdsaRounds } from "./ecdsa-rounds.ts";
import { EncryptionKeys } from "./encryption-keys.ts";
import { Exchange } from "./exchange.ts";
import { Executions } from "./executions.ts";
import { Exporting } from "./exporting.ts";
import { Importing } from "./importing.ts";
import { Interactive } from "./interactive.ts";
import { KeyMaking } from "./key-making.ts";
import { KeyRuns } from "./key-runs.ts";
import { Keyring } from "./keyring.ts";
import { Link } from "./link.ts";
import { NoncePool } from "./nonce-pool.ts";
import { Outlet } from "./outlet.ts";
import { PairSetups } from "./pair-setups.ts";
import { Pairs } from "./pairs.ts";
import { isOfAuthority } from "./peer-message.ts";
import { PresignaturePool } from "./presignature-pool.ts";
import { Presigning } from "./presigning.ts";
import { Publishing } from "./publishing.ts";
import { Refreshing } from "./refreshing.ts";
import { USES_SECRETS } from "./secret-orders.ts";
import { type SessionLoad, Sessions } from "./sessions.ts";
import { Signing } from "./signing.ts";
import { VerdictStore } from "./verdict-store.ts";
import { Verdicts } from "./verdicts.ts";

/** A signer: holds one share of each key, answers the coordinators' orders, runs sessions with the other signers. */
export class Signer implements Reactor {
  /** Whom this signer found guilty. */
  readonly verdicts: VerdictStore;
  readonly #world: World;
  readonly #waits: Waits;
  readonly #link: Link;
  readonly #keyring: Keyring;
  readonly #sessions: Sessions;
  readonly #publishing: Publishing;
  readonly #encryptionKeys: EncryptionKeys;
  readonly #keyMaking: KeyMaking;
  readonly #refreshing: Refreshing;
  readonly #importing: Importing;
  readonly #exporting: Exporting;
  readonly #signing: Signing;
  readonly #interactive: Interactive;
  readonly #wrongShares: Verdicts;
  readonly #pairs: Pairs;
  readonly #presigning: Presigning;
  readonly #deriving: Deriving;
  readonly #audit: Audit;
  readonly #bindings: Bindings;
  readonly #halting: Halting;
  readonly #authority: Authority;
  readonly #behaviour: Behaviour;
  #ready = false;
  /** Who is connected, and as which process. */
  readonly #connected = new Map<NodeId, string>();

  constructor(config: SignerConfig) {
    const { world, network, self, identity, behaviour = {} } = config;
    const waits = new Waits(world);
    const outlet = new Outlet(world, behaviour);
    const link = new Link(outlet, network, self, identity);
    const keyring = new Keyring(network, self, config.backend, waits);
    const pool = new NoncePool((length) => world.random(length));
    const sessions = new Sessions(waits, link);
    const executions = new Executions(waits);
    const publishing = new Publishing({ link, identity, pool, waits, keyring });
    const audit = new Audit(world, waits);
    const halting = new Halting({ world, waits, link, network, self, audit });
    link.halted = () => halting.isHalted;
    halting.stopped = () => sessions.stopAll(new Abort("stopped"));
    link.refused = (executionId, refusal) => audit.refused(executionId, refusal);
    const bindings = new Bindings(waits, audit);
    const logs = new Logs({ world, link, network, waits, audit });
    const presignatures = new PresignaturePool();
    const verdicts = new VerdictStore({ world, waits, network, backend: config.backend, keyring });
    this.verdicts = verdicts;
    const parts = {
      ...{ world, waits, outlet, verdicts, link, network, self, identity, keyring, pool, presignatures },
      ...{ sessions, executions, publishing, bindings, behaviour, backend: config.backend, logs, audit, halting },
    };
    this.#audit = audit;
    this.#bindings = bindings;
    this.#halting = halting;
    this.#authority = new Authority(parts);
    this.#world = world;
    this.#waits = waits;
    this.#link = link;
    this.#keyring = keyring;
    this.#sessions = sessions;
    this.#publishing = publishing;
    const setups = new PairSetups({
      ...parts,
      established: (peer, held) => this.#pairs.established(peer, held),
      unsettled: (peer, epoch) => this.#pairs.unsettled(peer, epoch),
      changed: () => this.#pairsChanged(undefined),
    });
    this.#pairs = new Pairs({ ...parts, setups, changed: (dropped) => this.#pairsChanged(dropped) });
    const signing = new Signing(parts);
    const ecdsaRounds = new EcdsaRounds({ ...parts, signing, pairs: this.#pairs });
    const exchange = new Exchange({ ...parts, signing });
    this.#signing = signing;
    this.#interactive = new Interactive({ ...parts, signing, exchange, ecdsaRounds, pairs: this.#pairs });
    this.#presigning = new Presigning({ ...parts, signing, ecdsaRounds });
    this.#deriving = new Deriving({ ...parts, signing });
    const reportHoldings = () => this.#reportHoldings();
    const keyParts = { ...parts, signing, reportHoldings, pairs: this.#pairs, presigning: this.#presigning };
    const runs = new KeyRuns(keyParts);
    const encryptionKeys = new EncryptionKeys({ ...parts, networkHash: link.networkHash });
    this.#encryptionKeys = encryptionKeys;
    this.#keyMaking = new KeyMaking({ ...keyParts, runs });
    this.#refreshing = new Refreshing({ ...keyParts, runs });
    this.#importing = new Importing({ ...keyParts, runs, encryptionKeys });
    this.#exporting = new Exporting({ ...keyParts, runs });
    this.#wrongShares = new Verdicts(parts);
    this.#behaviour = behaviour;
  }

  start(): void {
    const pairs = () => this.#pairs.load(() => this.#begin());
    const last = () => this.#authority.load(() => this.verdicts.load(pairs));
    this.#audit.load(() => this.#keyring.load(() => this.#encryptionKeys.load(last)));
  }

  #begin(): void {
    this.#ready = true;
    const holdings = this.#keyring.holdings();
    const broken = holdings.filter((one) => one.state === "broken").length;
    this.#world.emit({ type: "signer.ready", keys: holdings.length, broken });
    this.#presigning.start();
    this.#authority.start();
    this.#bindings.prune(() => this.#world.wallNow());
    this.#reportHoldings();
  }

  /** Whether the stored keys have been read. */
  get ready(): boolean {
    return this.#ready;
  }

  /** How full its tables of sessions are. */
  get load(): SessionLoad {
    return this.#sessions.load;
  }

  /** How this signer stands with each other. */
  pairs(): readonly PairStanding[] {
    return this.#pairs.standing();
  }

  /** Works with a banned node again, with a fresh setup. `then` once that is durable, with whether such a node exists. */
  readmit(node: NodeId, then: (done: boolean) => void): void {
    this.#pairs.readmit(node, then);
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
      const order = this.#link.order(from, bytes);
      if (order !== undefined && this.#behaviour.silent?.(order.kind) !== true) this.#obey(order, from);
      return;
    }
    const message = this.#link.peerMessage(from, bytes);
    if (message !== undefined && isOfAuthority(message)) return this.#authority.heard(from, message);
    if (this.#halting.isHalted) return;
    if (message?.kind === "frame") this.#sessions.frame(from, message.frame);
    else if (message?.kind === "notice") this.#sessions.notice(from, message.evidence);
    else if (message !== undefined) this.#pairs.heard(from, message);
  }

  peer(node: NodeId, state: PeerState): void {
    const instance = state.instance ?? "";
    const arrived = state.connected && this.#connected.get(node) !== instance;
    if (state.connected) this.#connected.set(node, instance);
    else this.#connected.delete(node);
    if (this.#link.coordinators.includes(node)) return arrived ? this.#reportHoldings([node]) : undefined;
    if (arrived || !state.connected) this.#pairs.connected(node, state.connected);
    if (!arrived) return;
    this.#sessions.connected(node);
    this.#authority.connected(node);
  }

  /** Tells coordinators all that they need to know of this signer: those that are there, unless it says which. */
  #reportHoldings(to: readonly NodeId[] = this.#coordinators()): void {
    if (!this.#ready) return;
    for (const coordinator of to) {
      this.#link.report(coordinator, { kind: "holdings", keys: this.#keyring.holdings() });
      this.#link.report(coordinator, { kind: "pairs", pairs: this.#pairs.standing() });
      this.#presigning.report(coordinator);
      const shown = this.#encryptionKeys.shown();
      if (shown !== undefined) this.#link.report(coordinator, { kind: "encryptionKey", ...shown });
      this.#authority.report(coordinator);
    }
  }

  /** @param dropped the node whose presignatures are worthless now */
  #pairsChanged(dropped: NodeId | undefined): void {
    if (dropped !== undefined) this.#presigning.dropWith(dropped);
    if (!this.#ready) return;
    for (const coordinator of this.#coordinators())
      this.#link.report(coordinator, { kind: "pairs", pairs: this.#pairs.standing() });
  }

  /** Those that are connected. */
  #coordinators(): readonly NodeId[] {
    return this.#link.coordinators.filter((one) => this.#connected.has(one));
  }

  #obey(order: Order, from: NodeId): void {
    if (this.#halting.isHalted && USES_SECRETS.has(order.kind)) {
      if ("executionId" in order) this.#signing.guarded(order.executionId, () => this.#halting.check());
      return;
    }
    switch (order.kind) {
      case "keygen":
        return this.#keyMaking.start(order);
      case "certify":
        return this.#keyMaking.certify(order, from);
      case "sign":
        return this.#signing.sign(order);
      case "signInteractive":
        return this.#interactive.start(order);
      case "replenish":
        return this.#publishing.replenish(order, from);
      case "evidence":
        return this.#wrongShares.judge(order);
      case "signPresigned":
        return this.#presigning.sign(order);
      case "presign":
        return this.#presigning.make(order);
      case "discard":
        return this.#presigning.discard(order, from);
      case "derive":
        return this.#deriving.derive(order);
      case "refresh":
        return this.#refreshing.start(order);
      case "import":
        return this.#importing.start(order);
      case "export":
        return this.#exporting.start(order);
      case "propose":
        return this.#authority.propose(order, from);
      case "commit":
        return this.#authority.commit(order);
    }
  }
}
