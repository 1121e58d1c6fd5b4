import {
  type CoordinatorFault,
  FAULTS,
  type Fault,
  isLinkFault,
  type LinkFault,
  linkRules,
  nodesOf,
  type SignerFault,
} from "@quorate/faults";
import { InputError, type NodeId } from "@quorate/orders";
import type { Chance } from "./chance.ts";
import type { DiskImage } from "./disk.ts";
import type { Liars } from "./liars.ts";
import type { Machine } from "./machine.ts";
import type { Simulation } from "./simulation.ts";

/** How long a signer that computes at full speed is busy with a thing that it hears, for `slow`: milliseconds. */
const STEP_MS = 1;

/** A fault in force. */
interface Active {
  readonly fault: Fault;
  readonly sinceMs: number;
  /** Undoes it. */
  readonly end: () => void;
}

/** Puts faults in force in a simulated network, and ends them. */
export class Injector {
  readonly #simulation: Simulation;
  readonly #liars: Liars | undefined;
  readonly #chance: Chance;
  readonly #active = new Map<string, Active>();
  /** Where a process that is to fall later falls: after so many more things that it sends. */
  readonly #falls = new Map<NodeId, { sends: number; readonly fall: () => void }>();
  #images: ReadonlyMap<NodeId, DiskImage> = new Map();
  #next = 1;

  /** @param liars those that the simulation was made with; without, nobody can be made to lie */
  constructor(simulation: Simulation, liars?: Liars) {
    this.#simulation = simulation;
    this.#liars = liars;
    this.#chance = simulation.chance.fork("injector");
    simulation.endsAt = ({ node, what, phase }) => what === "send" && phase === "before" && this.#falling(node);
    this.remember();
  }

  /** The disks as they are now are what a rollback brings back. */
  remember(): void {
    this.#images = new Map([...this.#simulation.machines].map(([name, { disk }]) => [name, disk.image()]));
  }

  /** Which faults are in force. */
  get active(): readonly { readonly id: string; readonly fault: Fault }[] {
    return [...this.#active].map(([id, { fault }]) => ({ id, fault }));
  }

  /**
   * Puts a fault in force.
   *
   * @param forMs after how long it ends by itself; never unless said
   * @returns its id
   * @throws InputError for nodes that are not there, and for faults that a simulated network cannot have
   */
  inject(fault: Fault, forMs?: number): string {
    if (!FAULTS[fault.kind].layers.includes("simulator") || fault.kind === "clone") {
      throw new InputError("invalid_input", `fault: the simulator has no ${fault.kind}`, {
        field: "fault",
        hint: "try it on live processes",
      });
    }
    const id = `f${this.#next++}`;
    const sinceMs = this.#simulation.now;
    const nodes = nodesOf(fault, this.#simulation.file);
    this.#note(id, { type: "fault.injected", fault: { ...fault } });
    if (isLinkFault(fault)) {
      this.#active.set(id, { fault, sinceMs, end: () => this.#applyRules() });
      this.#applyRules();
      if (fault.kind === "flap") this.#flap(id, fault.everyMs);
    } else {
      const ends = nodes.map((name) => this.#begin(id, fault, this.#simulation.machine(name)));
      const end = () => {
        for (const one of ends) one();
      };
      this.#active.set(id, { fault, sinceMs, end });
    }
    if (forMs !== undefined) this.#simulation.timeline.after(forMs, () => this.clear(id));
    return id;
  }

  /** Ends a fault; nothing happens when it has ended. */
  clear(id: string): void {
    const active = this.#active.get(id);
    if (active === undefined || !this.#active.delete(id)) return;
    this.#note(id, { type: "fault.cleared", fault: { ...active.fault } });
    active.end();
  }

  #note(id: string, event: { type: string; fault: Fault }): void {
    const { type, fault } = event;
    this.#simulation.trace.add(this.#simulation.now, "simulator", {
      type,
      id,
      ...JSON.parse(JSON.stringify({ fault })),
    });
  }

  #applyRules(): void {
    const { now, file } = this.#simulation;
    this.#simulation.links.rules = [...this.#active.values()].flatMap(({ fault, sinceMs }) => {
      return isLinkFault(fault) ? linkRules(fault satisfies LinkFault, file, now - sinceMs) : [];
    });
  }

  #flap(id: string, everyMs: number): void {
    this.#simulation.timeline.after(everyMs, () => {
      if (!this.#active.has(id)) return;
      this.#applyRules();
      this.#flap(id, everyMs);
    });
  }

  #falling(node: NodeId): boolean {
    const falls = this.#falls.get(node);
    if (falls === undefined || --falls.sends > 0) return false;
    this.#falls.delete(node);
    // The process ends inside what it is doing; what else belongs to its fall comes after.
    this.#simulation.timeline.after(0, falls.fall);
    return true;
  }

  /** @returns what ends it */
  #begin(id: string, fault: Exclude<Fault, LinkFault>, machine: Machine): () => void {
    switch (fault.kind) {
      case "crash":
        if (fault.round === undefined) machine.crash();
        else this.#falls.set(machine.name, { sends: fault.round, fall: () => {} });
        return () => {
          this.#falls.delete(machine.name);
          this.#simulation.start(machine.name);
        };
      case "pause":
        machine.pause();
        return () => machine.resume();
      case "slow":
        machine.slowMs = fault.factor * STEP_MS;
        return () => {
          machine.slowMs = 0;
        };
      case "disk-full":
        machine.disk.full = true;
        return () => {
          machine.disk.full = false;
        };
      case "disk-slow":
        machine.disk.writeMs += fault.ms;
        return () => {
          machine.disk.writeMs -= fault.ms;
        };
      case "bit-flip":
      case "swap":
        return this.#damage(fault, machine);
      case "clock":
        return this.#setClock(fault, machine);
      case "rollback":
        machine.crash();
        machine.disk.restore(this.#images.get(machine.name) ?? new Map());
        this.#simulation.start(machine.name);
        return () => {};
      case "clone":
        return () => {};
      default:
        return this.#lie(id, fault, machine.name);
    }
  }

  #lie(id: string, fault: SignerFault | CoordinatorFault, name: NodeId): () => void {
    const liar = this.#liars?.of(name);
    if (liar === undefined) throw new Error(`${name} was not made to misbehave`);
    liar.inject(id, fault as SignerFault & CoordinatorFault);
    return () => liar.clear(id);
  }

  /** What is damaged on a disk stays so; a running process may have read it before. */
  #damage(fault: Extract<Fault, { kind: "bit-flip" | "swap" }>, { disk }: Machine): () => void {
    const [first, second] = this.#chance.sample(disk.places(fault.record), 2);
    if (first !== undefined && fault.kind === "bit-flip") disk.damage(first);
    if (first !== undefined && second !== undefined && fault.kind === "swap") disk.swap(first, second);
    return () => {};
  }

  #setClock(fault: Extract<Fault, { kind: "clock" }>, { clock }: Machine): () => void {
    const { timeline } = this.#simulation;
    if (fault.skewMs !== undefined) clock.skew(fault.skewMs);
    if (fault.driftPpm !== undefined) clock.drift(timeline.now, fault.driftPpm);
    if (fault.frozen === true) clock.freeze(timeline.now, true);
    return () => {
      clock.skew(0);
      clock.drift(timeline.now, 0);
      clock.freeze(timeline.now, false);
    };
  }
}
