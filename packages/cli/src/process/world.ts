import { randomBytes } from "node:crypto";
import type {
  Event,
  Job,
  NodeId,
  PeerState,
  Reactor,
  RecordKey,
  RecordQuery,
  RecordWrite,
  Token,
  World,
} from "@quorate/orders";
import type { RecordStore } from "@quorate/storage";
import type { Disturbance } from "./faults/disturbance.ts";
import type { WorkshopHost } from "./workshop-host.ts";

/** What carries messages; the transport, once it is up. */
export interface Carrier {
  send(to: NodeId, bytes: Uint8Array): void;
}

/**
 * The `World` of a real process: the machine's clock and randomness, a database, a transport. Joins them with a reactor
 * and keeps an error in the reactor, which is a defect of ours, from ending the process.
 */
export class ProcessWorld implements World {
  readonly #records: RecordStore;
  readonly #emit: (event: Event) => void;
  readonly #timers = new Set<NodeJS.Timeout>();
  #reactor: Reactor | undefined;
  #carrier: Carrier | undefined;
  readonly #workshop: WorkshopHost | undefined;
  readonly #faults: Disturbance | undefined;
  #closed = false;

  /**
   * @param workshop only a signer has one
   * @param faults only where they are allowed
   */
  constructor(
    records: RecordStore,
    emit: (event: Event) => void,
    workshop: WorkshopHost | undefined,
    faults: Disturbance | undefined,
  ) {
    this.#workshop = workshop;
    this.#faults = faults;
    this.#records = records;
    this.#emit = emit;
  }

  /** Joins the reactor; it may be called from now on. */
  attach(reactor: Reactor): void {
    this.#reactor = reactor;
  }

  /** Joins the transport; until then what is sent is lost. */
  connect(carrier: Carrier): void {
    this.#carrier = carrier;
  }

  receive(from: NodeId, bytes: Uint8Array): void {
    this.guarded(() => this.#reactor?.receive(from, bytes));
  }

  peer(node: NodeId, state: PeerState): void {
    this.guarded(() => this.#reactor?.peer(node, state));
  }

  /** Nothing wakes the reactor afterwards. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#records.close();
  }

  now(): number {
    return performance.now();
  }

  wallNow(): number {
    return this.#faults?.wallNow() ?? Date.now();
  }

  after(delayMs: number, token: Token): void {
    // Node's timers may fire up to a millisecond early, and the core takes the time that it asked for as passed.
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#wake(token, undefined);
    }, Math.ceil(delayMs) + 1);
    this.#timers.add(timer);
  }

  random(length: number): Uint8Array {
    return new Uint8Array(randomBytes(length));
  }

  send(to: NodeId, bytes: Uint8Array): void {
    this.#carrier?.send(to, bytes);
  }

  read(keys: readonly RecordKey[], token: Token): void {
    this.#records.read(keys, (records) => this.#wake(token, records));
  }

  list(query: RecordQuery, token: Token): void {
    this.#records.list(query, (records) => this.#wake(token, records));
  }

  write(batch: readonly RecordWrite[], token: Token): void {
    this.#records.write(batch, (result) => this.#wake(token, result));
  }

  compute(job: Job, token: Token): void {
    if (this.#workshop === undefined) throw new Error("this process has no workshop");
    this.#workshop.run(job, (made) => this.#wake(token, made));
  }

  emit(event: Event): void {
    this.#emit(event);
  }

  /** Runs a step of the reactor; what it throws is reported with its stack and goes no further. */
  guarded(step: () => void): void {
    if (this.#closed) return;
    try {
      if (this.#faults === undefined) step();
      else this.#faults.around(step);
    } catch (error) {
      const { message, stack = "" } = error as Error;
      this.#emit({ type: "defect", message, stack });
    }
  }

  #wake(token: Token, result: unknown): void {
    this.guarded(() => this.#reactor?.wake(token, result));
  }
}
