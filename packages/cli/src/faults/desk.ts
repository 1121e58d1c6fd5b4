import { setTimeout } from "node:timers";
import {
  type ActiveFault,
  type Fault,
  faultText,
  isFaultKind,
  isOfFiles,
  isOfProcess,
  type Layer,
  nodesOf,
  parseFault,
} from "@quorate/faults";
import type { NetworkFile, NodeId } from "@quorate/orders";
import { CliError, EXIT } from "../exit.ts";
import type { ProcessStatus } from "../supervisor.ts";
import type { DiskFaults } from "./disks.ts";
import type { FaultQuestion, FaultyProcesses } from "./processes.ts";

/** A fault in force as `quorate fault ls` shows it. */
export interface ShownFault extends ActiveFault {
  readonly text: string;
  /** At which nodes it is applied. */
  readonly nodes: readonly NodeId[];
  /** Until it ends by itself; `null` until cleared. */
  readonly leftMs: number | null;
}

interface InForce {
  readonly id: string;
  readonly fault: Fault;
  readonly nodes: readonly NodeId[];
  readonly untilMs: number | undefined;
  readonly timer: NodeJS.Timeout | undefined;
  /** Nodes that it ended, where it waits for a round: it is not given to them again. */
  readonly done: Set<NodeId>;
}

/** What the desk works with. */
export interface DeskParts {
  readonly layer: Exclude<Layer, "simulator">;
  readonly processes: FaultyProcesses;
  /** Of nodes that keep their records in files of their own, within reach. */
  readonly disks: DiskFaults | undefined;
  readonly network: NetworkFile;
  /** A name for a fault, which no other in force has. */
  readonly newId: () => string;
  /** Told of each fault that begins or ends. */
  readonly say: (text: string) => void;
}

/** The faults of a running network: puts them in force at its processes, and ends them. Loaded only where faults are allowed. */
export class FaultDesk {
  readonly #parts: DeskParts;
  readonly #inForce = new Map<string, InForce>();

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  /** Takes over what is in force already, where an earlier desk has not stayed. */
  adopt(id: string, fault: Fault): void {
    const nodes = nodesOf(fault, this.#parts.network);
    this.#inForce.set(id, { id, fault, nodes, untilMs: undefined, timer: undefined, done: new Set() });
  }

  /**
   * Puts a fault in force at all nodes that it is on.
   *
   * @param forMs ends it by itself; a rollback happens then, back to now
   * @throws InputError or CliError; it is then in force nowhere
   */
  async inject(given: unknown, forMs?: number): Promise<ShownFault> {
    const fault = parseFault(given);
    const nodes = nodesOf(fault, this.#parts.network);
    this.#check(fault, nodes, forMs);
    const id = this.#parts.newId();
    const timer = forMs === undefined ? undefined : setTimeout(() => this.#expire(id), forMs);
    const untilMs = forMs === undefined ? undefined : Date.now() + forMs;
    const one: InForce = { id, fault, nodes, untilMs, timer, done: new Set() };
    this.#inForce.set(id, one);
    try {
      await Promise.all(nodes.map((node) => this.#begin(one, node)));
    } catch (error) {
      await this.#end(one).catch(() => {});
      throw error;
    }
    this.#parts.say(`fault ${id} begins: ${faultText(fault)}`);
    if (fault.kind === "rollback" && forMs === undefined) this.#inForce.delete(id);
    return shown(one);
  }

  /** Ends the faults of that id or kind, or all, everywhere. @returns those that ended @throws CliError if there is none such */
  async clear(which?: string): Promise<readonly ShownFault[]> {
    const ending = [...this.#inForce.values()].filter(
      (one) => which === undefined || one.id === which || one.fault.kind === which,
    );
    if (ending.length === 0 && which !== undefined) {
      const ids = [...this.#inForce.keys()];
      const hint = ids.length === 0 ? "none is in force" : `there are ${ids.join(", ")}; a kind means all of that kind`;
      const what = isFaultKind(which) ? `no ${which} is in force` : `no fault ${which} is in force`;
      throw new CliError(EXIT.usage, what, hint);
    }
    // Those that are down or stand still have to run before they hear of anything else.
    const told = ending.filter((one) => isOfProcess(one.fault));
    await Promise.all(ending.filter((one) => !told.includes(one)).map((one) => this.#end(one)));
    await Promise.all(told.map((one) => this.#end(one)));
    return ending.map(shown);
  }

  list(): readonly ShownFault[] {
    return [...this.#inForce.values()].map(shown);
  }

  /** Copies the databases of nodes, for rollbacks. */
  async snapshot(nodes: readonly NodeId[]): Promise<void> {
    const disks = this.#disksFor("a snapshot");
    for (const node of nodes) await disks.snapshot(node);
  }

  /** A process that starts again has the faults that are in force. @returns once it knows */
  async changed(status: Pick<ProcessStatus, "name" | "state">): Promise<void> {
    const told: Promise<void>[] = [];
    for (const one of this.#inForce.values()) {
      if (!one.nodes.includes(status.name)) continue;
      const waits = "round" in one.fault && one.fault.kind === "crash";
      if (status.state === "stopped" && waits) one.done.add(status.name);
      if (status.state !== "ready" || one.done.has(status.name) || !isOfProcess(one.fault)) continue;
      told.push(this.#tell(status.name, { action: "inject", id: one.id, fault: one.fault }));
    }
    await Promise.allSettled(told);
  }

  #check(fault: Fault, nodes: readonly NodeId[], forMs: number | undefined): void {
    if (isOfFiles(fault)) this.#disksFor(fault.kind);
    const signers = this.#parts.network.nodes.map((one) => one.name);
    const other = nodes.find((one) => !signers.includes(one));
    if (fault.kind === "clone" && other !== undefined) {
      throw new CliError(
        EXIT.usage,
        `node: ${other} cannot be cloned: only signers can`,
        `there are ${signers.join(", ")}`,
      );
    }
    if (fault.kind !== "rollback" || forMs !== undefined) return;
    for (const node of nodes) this.#disksFor(fault.kind).checkSnapshot(node);
  }

  #disksFor(what: string): DiskFaults {
    const { disks, layer } = this.#parts;
    if (disks !== undefined) return disks;
    if (layer === "containers") {
      throw new CliError(
        EXIT.usage,
        `${what} is not for containers`,
        "the processes of quorate up --allow-faults have it",
      );
    }
    throw new CliError(
      EXIT.usage,
      `${what} needs databases in files, and these are in Postgres`,
      "start without --database",
    );
  }

  async #begin(one: InForce, node: NodeId): Promise<void> {
    const { id, fault } = one;
    if (isOfProcess(fault)) return this.#tell(node, { action: "inject", id, fault });
    switch (fault.kind) {
      case "crash":
        return this.#parts.processes.crash(node);
      case "pause":
        return this.#parts.processes.pause(node);
      case "rollback": {
        const disks = this.#disksFor(fault.kind);
        return one.untilMs === undefined ? disks.rollback(node) : disks.snapshot(node);
      }
      case "clone":
        return this.#disksFor(fault.kind).clone(node);
      case "bit-flip":
      case "swap":
        return this.#disksFor(fault.kind).damage(id, node, fault);
    }
  }

  #expire(id: string): void {
    const one = this.#inForce.get(id);
    if (one !== undefined) this.#end(one).catch((error: Error) => this.#parts.say(`fault ${id}: ${error.message}`));
  }

  async #end(one: InForce): Promise<void> {
    if (!this.#inForce.delete(one.id)) return;
    clearTimeout(one.timer);
    await Promise.all(one.nodes.map((node) => this.#endAt(one, node)));
    this.#parts.say(`fault ${one.id} ends: ${faultText(one.fault)}`);
  }

  async #endAt({ id, fault, untilMs }: InForce, node: NodeId): Promise<void> {
    switch (fault.kind) {
      case "crash":
        if (fault.round !== undefined) await this.#endTold(id, node);
        return this.#parts.processes.restart(node);
      case "pause":
        await this.#parts.processes.resume(node);
        return fault.round === undefined ? undefined : this.#endTold(id, node);
      case "rollback":
        return untilMs !== undefined && Date.now() >= untilMs ? this.#disksFor(fault.kind).rollback(node) : undefined;
      case "clone":
        return this.#disksFor(fault.kind).endClone(node);
      case "bit-flip":
      case "swap":
        return this.#disksFor(fault.kind).repair(id, node);
      default:
        return this.#endTold(id, node);
    }
  }

  /** A process that does not run has no faults. */
  async #endTold(id: string, node: NodeId): Promise<void> {
    if (await this.#parts.processes.runs(node)) await this.#tell(node, { action: "clear", id });
  }

  async #tell(node: NodeId, question: FaultQuestion): Promise<void> {
    await this.#parts.processes.tell(node, question);
  }
}

function shown({ id, fault, nodes, untilMs }: InForce): ShownFault {
  const leftMs = untilMs === undefined ? null : Math.max(0, untilMs - Date.now());
  return { id, fault, text: faultText(fault), nodes, leftMs };
}
