import type { LogRecord, Organisation } from "@quorate/authority";
import { Coordinator, type CoordinatorBehaviour } from "@quorate/coordinator";
import type { NetworkFile, NodeId, RecordWrite } from "@quorate/orders";
import { type Behaviour, Signer } from "@quorate/signer";
import { Workshop, type WorkshopJob } from "@quorate/signer/workshop";
import { Chance } from "./chance.ts";
import { Clock } from "./clock.ts";
import { type Crypto, cryptoOf } from "./crypto.ts";
import { Disk, type DiskImage } from "./disk.ts";
import { Links } from "./links.ts";
import { Machine, type Point, type Program } from "./machine.ts";
import { Observers } from "./observer.ts";
import { genesisHash, genesisOf, Person } from "./person.ts";
import { Timeline } from "./timeline.ts";
import { networkFileOf, type Topology } from "./topology.ts";
import { Trace, type TraceLine } from "./trace.ts";

/** When virtual time begins, milliseconds since 1970. */
export const START_MS = 1_790_000_000_000;

export interface SimulationOptions {
  readonly seed: string;
  readonly topology: Topology;
  readonly crypto?: Crypto;
  /** p99 over p50 of the delay between regions; 0 for none. */
  readonly jitter?: number;
  /** Those who do other than honest ones; nobody unless said. */
  readonly liars?: (network: NetworkFile) => Malice;
  /** What the disks hold at the beginning, of a network of as many signers. */
  readonly disks?: ReadonlyMap<NodeId, DiskImage>;
  /** What is done with each line of the trace. */
  readonly keep?: (line: TraceLine) => void;
  /** How long a write takes to be durable, milliseconds. */
  readonly writeMs?: number;
}

/** What malicious nodes do in place of what honest ones do. */
export interface Malice {
  readonly signers: ReadonlyMap<NodeId, Behaviour>;
  readonly coordinators: ReadonlyMap<NodeId, CoordinatorBehaviour>;
}

/** A whole network in virtual time: the code of the real one on machines whose chance, links, clocks and disks come from a seed. */
export class Simulation {
  readonly timeline = new Timeline();
  readonly observers = new Observers();
  readonly crypto: Crypto;
  readonly trace: Trace;
  readonly chance: Chance;
  readonly links: Links;
  readonly file: NetworkFile;
  readonly admin: Person;
  readonly genesis: LogRecord;
  readonly machines = new Map<NodeId, Machine>();
  /** Where processes are made to end; nowhere unless set. */
  endsAt: (point: Point) => boolean = () => false;
  readonly #malice: Malice | undefined;
  readonly #signers = new Map<NodeId, Signer>();
  readonly #coordinators = new Map<NodeId, Coordinator>();

  constructor(options: SimulationOptions) {
    const { seed, topology, crypto = cryptoOf("full"), jitter = 0, disks = new Map(), writeMs = 0 } = options;
    this.crypto = crypto;
    this.chance = new Chance(seed);
    this.trace = new Trace(options.keep);
    this.admin = new Person(crypto.identityOf("admin"), new Chance("people"));
    this.genesis = genesisOf(this.admin, START_MS);
    this.file = networkFileOf(topology, crypto.identityOf, genesisHash(this.genesis));
    this.#malice = options.liars?.(this.file);
    this.links = new Links(this, jitter);
    this.#observe();
    const shared = new Disk(disks.get("coordinator"));
    for (const place of [...topology.coordinators, ...topology.signers]) {
      const disk = topology.coordinators.includes(place) ? shared : new Disk(disks.get(place.name));
      disk.writeMs = writeMs;
      const clock = new Clock(START_MS);
      this.machines.set(place.name, new Machine(place, { around: this.#surroundings(), clock, disk }));
    }
    const machines = [...this.machines.values()];
    for (const [at, a] of machines.entries()) {
      for (const b of machines.slice(at + 1)) if (!this.isCoordinator(b.name)) this.links.join(a, b);
    }
    for (const { name } of machines) this.start(name);
  }

  get now(): number {
    return this.timeline.now;
  }

  /** The first of those that run. @throws Error when none does */
  get coordinator(): Coordinator {
    const [first] = this.coordinators;
    if (first === undefined) throw new Error("no coordinator runs");
    return first;
  }

  /** Those that run. */
  get coordinators(): readonly Coordinator[] {
    return [...this.#coordinators].filter(([name]) => this.machine(name).state !== "down").map(([, one]) => one);
  }

  /** Those that run. */
  get signers(): ReadonlyMap<NodeId, Signer> {
    return new Map([...this.#signers].filter(([name]) => this.machine(name).state !== "down"));
  }

  /** @throws Error for a name that is not in the network */
  machine(name: NodeId): Machine {
    const machine = this.machines.get(name);
    if (machine === undefined) throw new Error(`no node ${name}`);
    return machine;
  }

  isCoordinator(name: NodeId): boolean {
    return [this.file.coordinator, ...(this.file.coordinators ?? [])].some((one) => one.name === name);
  }

  /** The organisation as the coordinator knows it. */
  get organisation(): Organisation {
    return this.coordinator.organisations()[0]!;
  }

  /** Starts a node from its disk, unless it runs. */
  start(name: NodeId): void {
    this.machine(name).start((world, random): Program => {
      return this.isCoordinator(name) ? this.#coordinate(name, world) : this.#sign(name, world, random);
    });
  }

  /** Lets things happen until `done`, for `boundMs` at most. @returns whether it is done */
  until(done: () => boolean, boundMs = 600_000): boolean {
    return this.timeline.until(done, boundMs);
  }

  #coordinate(name: NodeId, world: ConstructorParameters<typeof Coordinator>[0]["world"]): Program {
    const { identityOf, backend } = this.crypto;
    const behaviour = this.#malice?.coordinators.get(name);
    const reactor = new Coordinator({
      ...(behaviour === undefined ? {} : { behaviour }),
      ...{ network: this.file, self: name, identity: identityOf(name), organisations: [this.genesis], world, backend },
    });
    this.#coordinators.set(name, reactor);
    return { reactor, work: () => undefined };
  }

  #sign(
    self: NodeId,
    world: ConstructorParameters<typeof Signer>[0]["world"],
    random: (length: number) => Uint8Array,
  ): Program {
    const { identityOf, backend } = this.crypto;
    const behaviour = this.#malice?.signers.get(self);
    const parts = { identity: identityOf(self), backend, ...(behaviour === undefined ? {} : { behaviour }) };
    const reactor = new Signer({ network: this.file, self, world, ...parts });
    const workshop = new Workshop({ ...parts, random });
    this.#signers.set(self, reactor);
    return { reactor, work: (job) => workshop.work(job as WorkshopJob) };
  }

  #surroundings(): ConstructorParameters<typeof Machine>[1]["around"] {
    return {
      timeline: this.timeline,
      chance: this.chance,
      observers: this.observers,
      endsAt: (point) => this.endsAt(point),
      send: (from, to, bytes) => this.links.send({ from, to, bytes }),
      changed: (machine) => this.links.changed(machine),
      stored: (machine, batch) => this.#tellOthers(machine, batch),
    };
  }

  /** Coordinators on one disk hear what another wrote there, a millisecond later. */
  #tellOthers(writer: Machine, batch: readonly RecordWrite[]): void {
    if (!this.isCoordinator(writer.name)) return;
    const told = batch.filter(({ kind }) => kind === "key" || kind === "log-record");
    for (const [name, coordinator] of this.#coordinators) {
      if (name === writer.name) continue;
      for (const { kind, id, epoch } of told) {
        this.timeline.after(1, () => this.machine(name).hear(() => coordinator.changed({ kind, id, epoch })));
      }
    }
  }

  #observe(): void {
    const add = (node: NodeId, event: Parameters<Trace["add"]>[2], bytes?: Uint8Array) =>
      this.trace.add(this.now, node, event, bytes);
    this.observers.add({
      sent: ({ from, to, bytes }) => add(from, { type: "message.sent", to, length: bytes.length }, bytes),
      delivered: ({ from, to, bytes }) => add(to, { type: "message.delivered", from, length: bytes.length }, bytes),
      lost: ({ from, to }, why) => add(from, { type: "message.lost", to, why }),
      written: (node, batch, result) => {
        const records = batch.map(
          ({ kind, id, epoch, value }) => `${kind} ${id} ${epoch}${value === null ? " gone" : ""}`,
        );
        add(node, { type: "disk.written", result, records });
      },
      event: add,
      started: (node) => add(node, { type: "process.started" }),
      crashed: (node) => add(node, { type: "process.crashed" }),
    });
  }
}
