import { setTimeout } from "node:timers/promises";
import type { Connection, Libp2p, Stream } from "@libp2p/interface";
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import { type Event, type EventValue, hex, type NodeId, type PeerState } from "@quorate/orders";
import { Channel, type Conditions } from "./channel.ts";
import type { Counters } from "./counters.ts";
import type { Listed } from "./directory.ts";
import { greet, type Hello, type Refusal } from "./hello.ts";
import type { TransportLimits } from "./limits.ts";
import { Link } from "./link.ts";
import { Shortest } from "./shortest.ts";

/** What all peers of a transport share. */
export interface PeerContext {
  readonly node: Libp2p;
  readonly hello: Hello;
  readonly conditions: Conditions;
  readonly limits: TransportLimits;
  readonly counters: Counters;
  readonly onMessage: (from: NodeId, bytes: Uint8Array) => void;
  readonly onPeer: (node: NodeId, state: PeerState) => void;
  readonly emit: (event: Event) => void;
  /** For what others can cause at will. */
  readonly emitSparingly: (event: Event) => void;
}

/** What Noise says when the answering node has another key than the one that was dialled. */
const WRONG_KEY = /does not match expected remote identity key/;
/** What a node does that does not know our key: it hangs up after Noise, which on our side has succeeded by then. */
const HUNG_UP = /unexpected eof|reset|closed/i;

interface Opened {
  readonly connection: Connection;
  readonly stream: Stream;
}

/** Another node of the network: its link when there is one, and the will to have one. */
export class Peer {
  readonly #listed: Listed;
  readonly #context: PeerContext;
  readonly #closing = new AbortController();
  readonly #addresses: Multiaddr[];
  #link: Link | undefined;
  #state: PeerState = { connected: false };
  #lastFailure = "";

  constructor(listed: Listed, context: PeerContext) {
    this.#listed = listed;
    this.#context = context;
    this.#addresses = listed.node.addresses.map((address) => multiaddr(`${address}/p2p/${listed.peerId}`));
  }

  get state(): PeerState {
    return this.#state;
  }

  get #name(): NodeId {
    return this.#listed.node.name;
  }

  /** Keeps a link from now on, if it is ours to dial. */
  start(): void {
    if (this.#listed.dialled) void this.#keepDialling();
  }

  close(): void {
    this.#closing.abort();
    this.#link?.end("closed");
  }

  send(message: Uint8Array): void {
    const { counters, limits } = this.#context;
    if (message.length > limits.maxMessageBytes) {
      counters.lostOversized++;
      const detail = `a message of ${message.length} bytes, at most ${limits.maxMessageBytes} are allowed`;
      this.#complain("send.oversized", { detail });
    } else if (this.#link === undefined) {
      counters.lostDisconnected++;
    } else if (this.#link.send(message)) {
      counters.messagesSent++;
      counters.bytesSent += message.length;
    } else {
      counters.lostOverflow++;
      this.#complain("send.overflow", { detail: `too much waits for ${this.#name}: messages to it are lost` });
    }
  }

  /** A stream that the peer opened. Runs as long as the link does. */
  async accept(connection: Connection, stream: Stream): Promise<void> {
    const outcome = await this.#connect(async () => ({ connection, stream }));
    if (outcome instanceof Link) await this.#serve(outcome);
  }

  async #keepDialling(): Promise<void> {
    const { limits, conditions } = this.#context;
    for (let failures = 0; !this.#closing.signal.aborted; ) {
      const outcome = await this.#connect((signal) => this.#dial(signal));
      const linkedMs = performance.now();
      if (outcome instanceof Link) await this.#serve(outcome);
      // A link that comes and goes is no better than one that does not come.
      failures = performance.now() - linkedMs > limits.retryMaxMs ? 0 : failures + 1;
      const backOffMs = Math.min(limits.retryMaxMs, limits.retryMinMs * 2 ** Math.min(failures, 16));
      const longestMs = outcome === "refused" ? limits.refusedRetryMs : backOffMs;
      const waitMs = longestMs * (0.5 + conditions.uniform() / 2);
      await setTimeout(waitMs, undefined, { signal: this.#closing.signal }).catch(() => {});
    }
  }

  async #dial(signal: AbortSignal): Promise<Opened> {
    const connection = await this.#context.node.dial(this.#addresses, { signal, force: true });
    try {
      return { connection, stream: await connection.newStream(this.#listed.protocol, { signal }) };
    } catch (error) {
      connection.abort(error as Error);
      throw error;
    }
  }

  /** From an open stream to a link. Says why there is none, once for each reason. */
  async #connect(open: (signal: AbortSignal) => Promise<Opened>): Promise<Link | "refused" | "failed"> {
    const { hello, limits } = this.#context;
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(limits.attemptMs)]);
    let channel: Channel | undefined;
    try {
      const { connection, stream } = await open(signal);
      channel = new Channel(this.#name, connection, stream, this.#context);
      const greeting = await greet(channel, hello, (theirs) => this.#admit(theirs), signal);
      if (greeting.kind === "accepted") return this.#newLink(hex(greeting.hello.instance), channel);
      this.#refused(greeting.refusal, greeting.by);
      await channel.finish(signal);
      return "refused";
    } catch (error) {
      channel?.abort("no greeting");
      return this.#failed(error as Error);
    }
  }

  #newLink(instance: string, channel: Channel): Link {
    const { counters, limits, onMessage } = this.#context;
    const roundTrips = new Shortest();
    return new Link(instance, channel, limits, {
      message: (bytes) => {
        counters.messagesReceived++;
        counters.bytesReceived += bytes.length;
        onMessage(this.#name, bytes);
      },
      roundTrip: (ms) => this.#update({ connected: true, instance, rttMs: roundTrips.add(ms) }),
    });
  }

  /** Whether a process that says hello may have the link. Two that live at once under one identity are a clone. */
  async #admit(theirs: Hello): Promise<Refusal | undefined> {
    const present = this.#link;
    if (present === undefined || present.instance === hex(theirs.instance)) return undefined;
    if (!(await present.isAlive(this.#context.limits.probeMs))) return undefined;
    const instances = `${present.instance.slice(0, 8)} and ${hex(theirs.instance).slice(0, 8)}`;
    return { code: "clone_detected", detail: `two processes run as ${this.#name}: instances ${instances}` };
  }

  /** Runs the link to its end; whatever the core throws on a message is a fault of ours, and is not caught. */
  async #serve(link: Link): Promise<void> {
    const { counters } = this.#context;
    if (this.#closing.signal.aborted) return link.end("closed");
    if (this.#link !== undefined) {
      this.#link.end("replaced");
      this.#update({ ...this.#state, connected: false });
    }
    this.#link = link;
    this.#lastFailure = "";
    counters.linksOpened++;
    this.#emit("peer.connected", { instance: link.instance });
    this.#update({ ...this.#state, connected: true, instance: link.instance });
    const end = await link.run();
    counters.linksLost++;
    if (end === "silent") counters.linksSilent++;
    if (end.endsWith("_frame")) counters.protocolErrors++;
    this.#emit("peer.disconnected", { instance: link.instance, reason: end });
    if (this.#link !== link) return;
    this.#link = undefined;
    this.#update({ ...this.#state, connected: false });
  }

  #refused(refusal: Refusal, by: "us" | "peer"): void {
    this.#context.counters.peersRefused++;
    this.#complain("peer.refused", { by, ...refusal });
  }

  #failed(error: Error): "refused" | "failed" {
    const text = error instanceof AggregateError ? error.errors.map(String).join("; ") : error.message;
    if (WRONG_KEY.test(text)) {
      const detail = `another key than that of the network file at ${this.#listed.node.addresses.join(", ")}`;
      this.#refused({ code: "identity_mismatch", detail }, "us");
      return "refused";
    }
    let detail = text;
    if (error.name === "TimeoutError") detail = `no greeting within ${this.#context.limits.attemptMs} ms`;
    else if (HUNG_UP.test(text)) detail = "hung up before the greeting; does its network file have our key?";
    if (detail !== this.#lastFailure) this.#complain("peer.unreachable", { detail });
    this.#lastFailure = detail;
    return "failed";
  }

  #update(state: PeerState): void {
    this.#state = state;
    if (!this.#closing.signal.aborted) this.#context.onPeer(this.#name, state);
  }

  #emit(type: string, more: Readonly<Record<string, EventValue>>): void {
    if (!this.#closing.signal.aborted) this.#context.emit({ ...more, type, peer: this.#name });
  }

  #complain(type: string, more: Readonly<Record<string, EventValue>>): void {
    if (!this.#closing.signal.aborted) this.#context.emitSparingly({ ...more, type, peer: this.#name });
  }
}
