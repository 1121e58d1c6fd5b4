import { type NodeId, type Order, type PeerState, type Reactor, Waits, type World } from "@quorate/orders";
import { Bindings } from "./bindings.ts";
import type { Behaviour, SignerConfig } from "./config.ts";
import { Executions } from "./executions.ts";
import { Interactive } from "./interactive.ts";
import { KeyMaking } from "./key-making.ts";
import { Keyring } from "./keyring.ts";
import { Link } from "./link.ts";
import { NoncePool } from "./nonce-pool.ts";
import { Publishing } from "./publishing.ts";
import { Sessions } from "./sessions.ts";
import { Signing } from "./signing.ts";
import { Verdicts } from "./verdicts.ts";

/** A signer: holds one share of each key, answers the coordinator's orders, runs sessions with the other signers. */
export class Signer implements Reactor {
  readonly #world: World;
  readonly #waits: Waits;
  readonly #link: Link;
  readonly #keyring: Keyring;
  readonly #sessions: Sessions;
  readonly #publishing: Publishing;
  readonly #keyMaking: KeyMaking;
  readonly #signing: Signing;
  readonly #interactive: Interactive;
  readonly #verdicts: Verdicts;
  readonly #behaviour: Behaviour;
  #ready = false;
  readonly #connected = new Set<NodeId>();

  constructor(config: SignerConfig) {
    const { world, network, self, identity, behaviour = {} } = config;
    const waits = new Waits(world);
    const link = new Link(world, network, self, identity);
    const keyring = new Keyring(network, self, config.backend, waits);
    const pool = new NoncePool((length) => world.random(length));
    const sessions = new Sessions(waits, link);
    const executions = new Executions(waits);
    const publishing = new Publishing({ link, identity, pool, waits });
    const bindings = new Bindings(waits);
    const parts = {
      world,
      waits,
      link,
      identity,
      keyring,
      pool,
      sessions,
      executions,
      publishing,
      bindings,
      behaviour,
    };
    this.#world = world;
    this.#waits = waits;
    this.#link = link;
    this.#keyring = keyring;
    this.#sessions = sessions;
    this.#publishing = publishing;
    this.#signing = new Signing(parts);
    this.#interactive = new Interactive({ ...parts, signing: this.#signing });
    const reportHoldings = () => this.#reportHoldings();
    this.#keyMaking = new KeyMaking({ ...parts, ...config, behaviour, signing: this.#signing, reportHoldings });
    this.#verdicts = new Verdicts(parts);
    this.#behaviour = behaviour;
  }

  start(): void {
    this.#keyring.load(() => {
      this.#ready = true;
      const holdings = this.#keyring.holdings();
      const broken = holdings.filter((one) => one.state === "broken").length;
      this.#world.emit({ type: "signer.ready", keys: holdings.length, broken });
      this.#reportHoldings();
    });
  }

  /** Whether the stored keys have been read. */
  get ready(): boolean {
    return this.#ready;
  }

  wake(token: number, result: unknown): void {
    this.#waits.wake(token, result);
  }

  receive(from: NodeId, bytes: Uint8Array): void {
    if (from === this.#link.coordinator) {
      const order = this.#link.order(bytes);
      if (order !== undefined && this.#behaviour.silent?.(order.kind) !== true) this.#obey(order);
      return;
    }
    const message = this.#link.peerMessage(from, bytes);
    if (message?.kind === "frame") this.#sessions.frame(from, message.frame);
    else if (message?.kind === "notice") this.#sessions.notice(from, message.evidence);
  }

  peer(node: NodeId, state: PeerState): void {
    const arrived = state.connected && !this.#connected.has(node);
    if (state.connected) this.#connected.add(node);
    else this.#connected.delete(node);
    if (!arrived) return;
    if (node === this.#link.coordinator) this.#reportHoldings();
    else this.#sessions.connected(node);
  }

  #reportHoldings(): void {
    if (this.#ready && this.#connected.has(this.#link.coordinator))
      this.#link.report({ kind: "holdings", keys: this.#keyring.holdings() });
  }

  #obey(order: Order): void {
    switch (order.kind) {
      case "keygen":
        return this.#keyMaking.start(order);
      case "certify":
        return this.#keyMaking.certify(order);
      case "sign":
        return this.#signing.sign(order);
      case "signInteractive":
        return this.#interactive.start(order);
      case "replenish":
        return this.#replenish(order);
      case "evidence":
        return this.#verdicts.judge(order);
    }
  }

  #replenish(order: Extract<Order, { kind: "replenish" }>): void {
    const entry = this.#keyring.find(order.keyId);
    if (entry?.state === "active" && entry.key.epoch === order.epoch) this.#publishing.publish(entry.key, order.count);
  }
}
