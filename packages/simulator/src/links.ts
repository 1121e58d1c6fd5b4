import { decide, type Fate, type LinkRule } from "@quorate/faults";
import type { NodeId } from "@quorate/orders";
import { oneWayDelayMs, roundTripMs } from "@quorate/regions";
import type { Chance } from "./chance.ts";
import type { Machine } from "./machine.ts";
import type { Observers, Passing } from "./observer.ts";
import type { Timeline } from "./timeline.ts";

/** As the real transport does by default, milliseconds: a silent link is given up, a new one is tried for. */
const SILENCE_MS = 9500;
const HEARTBEAT_MS = 3000;
const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 3000;

/** The longest that a message lies while others overtake it, milliseconds. */
const MAX_OVERTAKEN_MS = 500;

/** Two nodes that talk to each other, and whether they are connected. */
interface Link {
  readonly ends: readonly [Machine, Machine];
  readonly baseMs: number;
  up: boolean;
  /** How often it came up: what was sent over an earlier connection is lost. */
  connection: number;
  /** Of the latest change: an earlier plan to connect or to give up is void. */
  plan: number;
  rttMs: number;
}

/** One direction of a link. */
interface Line {
  lastArrival: number;
  freeAt: number;
}

/** The network: links between regions with their delays, and rules for what goes wrong on them. */
export class Links {
  readonly #timeline: Timeline;
  readonly #chance: Chance;
  readonly #jitter: number;
  readonly #observers: Observers;
  readonly #links = new Map<string, Link>();
  readonly #lines = new Map<string, Line>();
  #rules: readonly LinkRule[] = [];

  constructor(parts: { timeline: Timeline; chance: Chance; observers: Observers }, jitter: number) {
    this.#timeline = parts.timeline;
    this.#chance = parts.chance.fork("links");
    this.#observers = parts.observers;
    this.#jitter = jitter;
  }

  join(a: Machine, b: Machine): void {
    const baseMs = roundTripMs(a.region, b.region);
    const link: Link = { ends: [a, b], baseMs, up: false, connection: 0, plan: 0, rttMs: baseMs };
    this.#links.set(nameOf(a.name, b.name), link);
  }

  get rules(): readonly LinkRule[] {
    return this.#rules;
  }

  /** What holds from now on, in place of what held. */
  set rules(rules: readonly LinkRule[]) {
    this.#rules = rules;
    for (const link of this.#links.values()) this.#reconsider(link);
  }

  /** Whether both ends know each other as connected. */
  connected(a: NodeId, b: NodeId): boolean {
    return this.#links.get(nameOf(a, b))?.up ?? false;
  }

  /** A machine started, stopped, fell asleep or woke. */
  changed(machine: Machine): void {
    for (const link of this.#links.values()) if (link.ends.includes(machine)) this.#reconsider(link);
  }

  send(message: Passing): void {
    this.#observers.sent(message);
    const { from, to } = message;
    const link = this.#links.get(nameOf(from, to));
    if (link === undefined || !link.up) return this.#observers.lost(message, "not connected");
    const fate = decide(this.#rules, from, to, () => this.#chance.uniform());
    if (fate.partitioned || fate.dropped) return this.#observers.lost(message, fate.dropped ? "dropped" : "partition");
    const sent = fate.corrupted ? { ...message, bytes: this.#corrupted(message.bytes) } : message;
    for (let copy = 0; copy < (fate.duplicated ? 2 : 1); copy++) this.#carry(link, sent, fate);
  }

  #carry(link: Link, message: Passing, fate: Fate): void {
    const { now } = this.#timeline;
    const line = this.#line(message);
    line.freeAt = Math.max(now, line.freeAt) + (message.bytes.length * 1000) / fate.bytesPerSecond;
    const [{ region: here }, { region: there }] = link.ends;
    const delayMs = oneWayDelayMs(here, there, this.#jitter, () => this.#chance.uniform());
    const direct = line.freeAt + delayMs + fate.delayMs;
    // One that is overtaken holds up nobody behind it.
    const heldMs = fate.reordered ? this.#chance.between(0, MAX_OVERTAKEN_MS) : 0;
    const arrival = Math.max(direct, line.lastArrival) + heldMs;
    if (!fate.reordered) line.lastArrival = arrival;
    const { connection } = link;
    this.#timeline.after(arrival - now, () => {
      if (link.connection !== connection || !link.up) return this.#observers.lost(message, "connection closed");
      const receiver = link.ends.find((one) => one.name === message.to)!;
      receiver.hear((reactor) => {
        this.#observers.delivered(message);
        reactor.receive(message.from, message.bytes);
      });
    });
  }

  #corrupted(bytes: Uint8Array): Uint8Array {
    const edited = bytes.slice();
    if (edited.length > 0) edited[this.#chance.integer(edited.length)]! ^= 1 << this.#chance.integer(8);
    return edited;
  }

  #line({ from, to }: Passing): Line {
    const name = `${from} ${to}`;
    let line = this.#lines.get(name);
    if (line === undefined) {
      line = { lastArrival: 0, freeAt: 0 };
      this.#lines.set(name, line);
    }
    return line;
  }

  #reconsider(link: Link): void {
    const [a, b] = link.ends;
    const plan = ++link.plan;
    const running = a.state !== "down" && b.state !== "down";
    const silent = a.state === "paused" || b.state === "paused" || this.#blocked(a.name, b.name);
    if (!running) {
      if (link.up) this.#disconnect(link);
    } else if (link.up && silent) {
      this.#timeline.after(SILENCE_MS, () => {
        if (link.plan === plan) this.#disconnect(link);
      });
    } else if (!link.up && !silent) {
      // A dial, a handshake and a hello, after whatever is left of a pause between two attempts.
      const pauseMs = link.connection === 0 ? 0 : this.#chance.between(RETRY_MIN_MS, RETRY_MAX_MS);
      this.#timeline.after(pauseMs + 3 * link.baseMs, () => {
        if (link.plan === plan) this.#connect(link);
      });
    } else if (link.up) this.#measure(link, plan);
  }

  /** Heartbeats notice that the way became longer or shorter. */
  #measure(link: Link, plan: number): void {
    const [a, b] = link.ends;
    const added = [decide(this.#rules, a.name, b.name, () => 1), decide(this.#rules, b.name, a.name, () => 1)];
    const rttMs = link.baseMs + added.reduce((sum, one) => sum + one.delayMs, 0);
    if (rttMs === link.rttMs) return;
    this.#timeline.after(HEARTBEAT_MS + rttMs, () => {
      if (link.plan !== plan) return;
      link.rttMs = rttMs;
      this.#tell(link);
    });
  }

  #blocked(a: NodeId, b: NodeId): boolean {
    const never = () => 1;
    return decide(this.#rules, a, b, never).partitioned || decide(this.#rules, b, a, never).partitioned;
  }

  #connect(link: Link): void {
    link.up = true;
    link.connection += 1;
    this.#tell(link);
  }

  #disconnect(link: Link): void {
    link.up = false;
    this.#tell(link);
    this.#reconsider(link);
  }

  #tell({ ends: [a, b], up, rttMs }: Link): void {
    for (const [self, peer] of [[a, b] as const, [b, a] as const]) {
      const { name, instance } = peer;
      self.hear((reactor) => reactor.peer(name, up ? { connected: true, instance, rttMs } : { connected: false }));
    }
  }
}

function nameOf(a: NodeId, b: NodeId): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}
