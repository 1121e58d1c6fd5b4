import { join } from "node:path";
import type { NodeFault } from "@quorate/faults";
import type { NodeId } from "@quorate/orders";
import { CliError, EXIT } from "../exit.ts";
import type { State } from "../state.ts";
import type { Supervisor } from "../supervisor.ts";
import { flipBit, type Repair, swapRecords } from "./damage.ts";
import type { LocalProcesses } from "./processes.ts";
import { Snapshots } from "./snapshots.ts";

/** Faults of the databases of nodes, done to the files. */
export class DiskFaults {
  readonly #state: State;
  readonly #supervisor: Supervisor;
  readonly #processes: LocalProcesses;
  readonly #snapshots: Snapshots;
  readonly #repairs = new Map<string, Repair>();

  constructor(state: State, supervisor: Supervisor, processes: LocalProcesses) {
    this.#state = state;
    this.#supervisor = supervisor;
    this.#processes = processes;
    this.#snapshots = new Snapshots(state, processes);
  }

  snapshot(node: NodeId): Promise<void> {
    return this.#snapshots.take(node);
  }

  /** @throws CliError where nothing could be gone back to */
  checkSnapshot(node: NodeId): void {
    if (this.#snapshots.has(node)) return;
    const hint = `quorate fault snapshot --node ${node} takes one; --for 30s goes back to now after that time`;
    throw new CliError(EXIT.usage, `there is no snapshot of ${node}`, hint);
  }

  /** Has a node start again from its snapshot. */
  async rollback(node: NodeId): Promise<void> {
    await this.#processes.crash(node);
    this.#snapshots.restore(node);
    await this.#processes.restart(node);
  }

  /** Starts a second process as the same node, on a copy of its database. It may not live long: the others notice. */
  async clone(node: NodeId): Promise<void> {
    const data = await this.#snapshots.clone(node);
    this.#supervisor.startClone(node, data).catch(() => {});
  }

  endClone(node: NodeId): Promise<void> {
    return this.#supervisor.endClone(node);
  }

  /** Damages records while the node is away for a moment. */
  async damage(id: string, node: NodeId, fault: Extract<NodeFault, { kind: "bit-flip" | "swap" }>): Promise<void> {
    const damage = fault.kind === "swap" ? swapRecords : flipBit;
    await this.#away(node, (path) => this.#repairs.set(`${id} ${node}`, damage(path, fault.record)));
  }

  async repair(id: string, node: NodeId): Promise<void> {
    const repair = this.#repairs.get(`${id} ${node}`);
    this.#repairs.delete(`${id} ${node}`);
    if (repair !== undefined) await this.#away(node, repair);
  }

  async #away(node: NodeId, work: (path: string) => void): Promise<void> {
    await this.#processes.crash(node);
    try {
      work(join(this.#state.nodeDir(node), "records.db"));
    } finally {
      await this.#processes.restart(node);
    }
  }
}
