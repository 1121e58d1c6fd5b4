import type { Event, NodeId, Reactor, RecordWrite, Token, World } from "@quorate/orders";
import type { Chance } from "./chance.ts";
import type { Clock } from "./clock.ts";
import { copied } from "./copied.ts";
import type { Disk } from "./disk.ts";
import type { Observers } from "./observer.ts";
import type { Timeline } from "./timeline.ts";

/** Where a process may be made to end: just before or just after it sends or writes. */
export interface Point {
  readonly node: NodeId;
  readonly what: "send" | "write";
  readonly phase: "before" | "after";
}

/** What machines have in common. */
export interface Surroundings {
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly observers: Observers;
  /** Whether the process ends at this point. */
  endsAt(point: Point): boolean;
  send(from: NodeId, to: NodeId, bytes: Uint8Array): void;
  /** Its state is another now. */
  changed(machine: Machine): void;
  /** A batch of it became durable. */
  stored(machine: Machine, batch: readonly RecordWrite[]): void;
}

/** What runs on a machine: a reactor, and the workshop that does its heavy work. */
export interface Program {
  readonly reactor: Reactor;
  work(job: unknown): unknown;
}

/** A batch on its way to the disk, and who waits for it. */
interface Unsynced {
  readonly batch: readonly RecordWrite[];
  then(result: unknown): void;
}

/** One machine: a process that can end, sleep and be slow, its clock and its disk. */
export class Machine {
  readonly name: NodeId;
  readonly region: string;
  readonly clock: Clock;
  disk: Disk;
  /** Milliseconds that each thing it hears keeps it busy. */
  slowMs = 0;
  readonly #around: Surroundings;
  readonly #chance: Chance;
  #program: Program | undefined;
  #starts = 0;
  #paused = false;
  /** What came while it was busy, oldest first. Once it is slow no more, all of it is done at once. */
  #backlog: (() => void)[] = [];
  /** When it started, was last resumed, or had nothing left to hear. */
  #upSince = 0;
  /** What it will hear when it wakes. */
  #missed: (() => void)[] = [];
  /** Oldest first: batches become durable in the order in which they were given, also while the disk gets quicker. */
  #unsynced: Unsynced[] = [];

  constructor(
    { name, region }: { readonly name: NodeId; readonly region: string },
    parts: { readonly around: Surroundings; readonly clock: Clock; readonly disk: Disk },
  ) {
    this.name = name;
    this.region = region;
    this.clock = parts.clock;
    this.disk = parts.disk;
    this.#around = parts.around;
    this.#chance = parts.around.chance.fork(`machine ${name}`);
  }

  get state(): "up" | "paused" | "down" {
    if (this.#program === undefined) return "down";
    return this.#paused ? "paused" : "up";
  }

  /** Since when it hears at once what comes; `undefined` while it is down, paused, slow, or has something left from when it was. */
  get promptSince(): number | undefined {
    return this.state === "up" && !this.#isBusy ? this.#upSince : undefined;
  }

  get #isBusy(): boolean {
    return this.slowMs > 0 || this.#backlog.length > 0;
  }

  /** Another at each start. */
  get instance(): string {
    return `${this.name}-${this.#starts}`;
  }

  /** Starts a process from what is on the disk. */
  start(build: (world: World, random: (length: number) => Uint8Array) => Program): void {
    if (this.#program !== undefined) return;
    this.#starts += 1;
    this.#upSince = this.#around.timeline.now;
    const random = (length: number) => this.#chance.bytes(length);
    const program = build(this.#world(random), random);
    this.#program = program;
    this.#around.observers.started(this.name);
    this.#guarded(() => program.reactor.start());
    this.#around.changed(this);
  }

  /** The process ends at once, wherever it is. What was not synced is lost, or its beginning was written all the same. */
  crash(): void {
    if (this.#program === undefined) return;
    this.#program = undefined;
    this.#paused = false;
    this.#missed = [];
    this.#backlog = [];
    for (const { batch } of this.#unsynced) {
      if (!this.#chance.happens(0.5)) break;
      this.#around.observers.written(this.name, batch, this.disk.apply(batch));
    }
    this.#unsynced = [];
    this.#around.observers.crashed(this.name);
    this.#around.changed(this);
  }

  /** The process stands still; it hears later what it misses. */
  pause(): void {
    if (this.state !== "up") return;
    this.#paused = true;
    this.#around.changed(this);
  }

  resume(): void {
    if (this.state !== "paused") return;
    this.#paused = false;
    this.#upSince = this.#around.timeline.now;
    for (const hear of this.#missed.splice(0)) hear();
    this.#around.changed(this);
  }

  /** Lets the reactor hear something, unless the process that it was meant for is gone. */
  hear(what: (reactor: Reactor) => void): void {
    const starts = this.#starts;
    const now = () => {
      if (this.#starts !== starts || this.#program === undefined) return;
      if (this.#paused) this.#missed.push(now);
      else this.#guarded(() => what(this.#program!.reactor));
    };
    if (!this.#isBusy) return now();
    if (this.#backlog.push(now) === 1) this.#work();
  }

  /** Does what came first, which takes as long as the machine is slow. */
  #work(): void {
    const backlog = this.#backlog;
    this.#around.timeline.after(this.slowMs, () => {
      if (this.#backlog !== backlog) return;
      backlog[0]!();
      backlog.shift();
      if (this.#backlog !== backlog) return;
      if (backlog.length > 0) this.#work();
      else this.#upSince = this.#around.timeline.now;
    });
  }

  #guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      const { message, stack = "" } = error as Error;
      this.#emit({ type: "defect", message, stack });
    }
  }

  #emit(event: Event): void {
    this.#around.observers.event(this.name, event);
  }

  #world(random: (length: number) => Uint8Array): World {
    const starts = this.#starts;
    const { timeline } = this.#around;
    const lives = () => this.#starts === starts && this.#program !== undefined;
    const wake = (token: Token, result: unknown) => {
      if (this.#starts === starts) this.hear((reactor) => reactor.wake(token, result));
    };
    return {
      now: () => this.clock.monotonic(timeline.now),
      wallNow: () => this.clock.wall(timeline.now),
      after: (delayMs, token) => timeline.after(this.clock.trueDelay(delayMs), () => wake(token, undefined)),
      random,
      send: (to, bytes) => {
        if (lives()) this.#pointed("send", () => this.#around.send(this.name, to, bytes.slice()));
      },
      read: (keys, token) => {
        const found = keys.map((key) => this.disk.read(key));
        timeline.after(0, () => wake(token, found));
      },
      list: (query, token) => {
        const found = this.disk.list(query);
        timeline.after(0, () => wake(token, found));
      },
      write: (batch, token) => {
        if (lives()) this.#pointed("write", () => this.#write(batch, (result) => wake(token, result)));
      },
      compute: (job, token) => {
        if (!lives()) return;
        // What a thread is given and gives back is a copy.
        const made = copied(this.#program!.work(copied(job)));
        timeline.after(0, () => wake(token, made));
      },
      emit: (event) => {
        if (lives()) this.#emit(event);
      },
    };
  }

  #pointed(what: Point["what"], act: () => void): void {
    const { name: node } = this;
    if (this.#around.endsAt({ node, what, phase: "before" })) return this.crash();
    act();
    if (this.#around.endsAt({ node, what, phase: "after" })) this.crash();
  }

  #write(batch: readonly RecordWrite[], then: (result: unknown) => void): void {
    const copied = batch.map((one) => ({ ...one, value: one.value?.slice() ?? null }));
    this.#unsynced.push({ batch: copied, then });
    const starts = this.#starts;
    this.#around.timeline.after(this.disk.writeMs, () => {
      if (this.#starts === starts) this.#sync();
    });
  }

  /** The oldest batch becomes durable. */
  #sync(): void {
    const oldest = this.#unsynced.shift();
    if (oldest === undefined) return;
    const { batch, then } = oldest;
    const result = this.disk.apply(batch);
    this.#around.observers.written(this.name, batch, result);
    if (result === "ok") this.#around.stored(this, batch);
    then(result);
  }
}
