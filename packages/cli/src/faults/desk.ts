import { setTimeout } from "node:timers";
import {
  type ActiveFault,
  type Fault,
  type FaultKind,
  faultText,
  isFaultKind,
  nodesOf,
  parseFault,
} from "@quorate/faults";
import type { NetworkFile, NodeId } from "@quorate/orders";
import { CliError, EXIT } from "../exit.ts";
import type { State } from "../state.ts";
import type { ProcessStatus, Supervisor } from "../supervisor.ts";
import { DiskFaults } from "./disks.ts";
import { ProcessFaults } from "./processes.ts";

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
  readonly supervisor: Supervisor;
  readonly network: NetworkFile;
  readonly state: State;
  /** Whether nodes keep their records in files of their own. */
  readonly files: boolean;
  /** Told of each fault that begins or ends. */
  readonly say: (text: string) => void;
}

/** Done to the files of a node from outside. */
const OF_FILES: ReadonlySet<FaultKind> = new Set(["rollback", "clone", "bit-flip", "swap"] as const);

/** The faults of a running network: puts them in force at its processes, and ends them. Loaded only where faults are allowed. */
export class FaultDesk {
  readonly #parts: DeskParts;
  readonly #processes: ProcessFaults;
  readonly #disks: DiskFaults;
  readonly #inForce = new Map<string, InForce>();
  #last = 0;

  constructor(parts: DeskParts) {
    this.#parts = parts;
    this.#processes = new ProcessFaults(parts.supervisor);
    this.#disks = new DiskFaults(parts.state, parts.supervisor, this.#processes);
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
    const id = `f${++this.#last}`;
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
    await Promise.all(ending.map((one) => this.#end(one)));
    return ending.map(shown);
  }

  list(): readonly ShownFault[] {
    return [...this.#inForce.values()].map(shown);
  }

  /** Copies the databases of nodes, for rollbacks. */
  async snapshot(nodes: readonly NodeId[]): Promise<void> {
    this.#needsFiles("a snapshot");
    for (const node of nodes) await this.#disks.snapshot(node);
  }

  /** A process that starts again has the faults that are in force. */
  changed(status: ProcessStatus): void {
    for (const one of this.#inForce.values()) {
      if (!one.nodes.includes(status.name)) continue;
      const waits = "round" in one.fault && one.fault.kind === "crash";
      if (status.state === "stopped" && waits) one.done.add(status.name);
      if (status.state !== "ready" || one.done.has(status.name) || !isOfProcess(one.fault)) continue;
      this.#tell(status.name, { action: "inject", id: one.id, fault: one.fault }).catch(() => {});
    }
  }

  #check(fault: Fault, nodes: readonly NodeId[], forMs: number | undefined): void {
    if (OF_FILES.has(fault.kind)) this.#needsFiles(fault.kind);
    const signers = this.#parts.network.nodes.map((one) => one.name);
    const other = nodes.find((one) => !signers.includes(one));
    if (fault.kind === "clone" && other !== undefined) {
      throw new CliError(
        EXIT.usage,
        `node: ${other} cannot be cloned: only signers can`,
        `there are ${signers.join(", ")}`,
      );
    }
    if (fault.kind === "rollback" && forMs === undefined) for (const node of nodes) this.#disks.checkSnapshot(node);
  }

  #needsFiles(what: string): void {
    if (this.#parts.files) return;
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
        return this.#processes.crash(node);
      case "pause":
        return this.#processes.pause(node);
      case "rollback":
        return one.untilMs === undefined ? this.#disks.rollback(node) : this.#disks.snapshot(node);
      case "clone":
        return this.#disks.clone(node);
      case "bit-flip":
      case "swap":
        return this.#disks.damage(id, node, fault);
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
        return this.#processes.restart(node);
      case "pause":
        this.#processes.resume(node);
        return fault.round === undefined ? undefined : this.#endTold(id, node);
      case "rollback":
        return untilMs !== undefined && Date.now() >= untilMs ? this.#disks.rollback(node) : undefined;
      case "clone":
        return this.#disks.endClone(node);
      case "bit-flip":
      case "swap":
        return this.#disks.repair(id, node);
      default:
        return this.#endTold(id, node);
    }
  }

  /** A process that does not run has no faults. */
  #endTold(id: string, node: NodeId): Promise<void> {
    const running = this.#parts.supervisor.statuses().some((one) => one.name === node && one.state !== "stopped");
    return running ? this.#tell(node, { action: "clear", id }) : Promise.resolve();
  }

  async #tell(node: NodeId, payload: unknown): Promise<void> {
    await this.#parts.supervisor.ask(node, "fault", payload);
  }
}

/** Whether the process itself does it. */
function isOfProcess(fault: Fault): boolean {
  if (fault.kind === "crash" || fault.kind === "pause") return fault.round !== undefined;
  return !OF_FILES.has(fault.kind);
}

function shown({ id, fault, nodes, untilMs }: InForce): ShownFault {
  const leftMs = untilMs === undefined ? null : Math.max(0, untilMs - Date.now());
  return { id, fault, text: faultText(fault), nodes, leftMs };
}
