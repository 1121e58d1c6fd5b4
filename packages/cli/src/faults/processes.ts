import type { Fault } from "@quorate/faults";
import type { NodeId } from "@quorate/orders";
import { CliError, EXIT } from "../exit.ts";
import type { Supervisor } from "../supervisor.ts";

/** What a process is told of its own faults. */
export type FaultQuestion =
  | { readonly action: "inject"; readonly id: string; readonly fault: Fault }
  | { readonly action: "clear"; readonly id: string }
  | { readonly action: "ls" };

/** The processes of a network, as faults need them, wherever they run. */
export interface FaultyProcesses {
  /** Ends a process without a word. @returns once it is gone */
  crash(node: NodeId): Promise<void>;
  /** Starts it, unless it runs. @returns once it is ready */
  restart(node: NodeId): Promise<void>;
  /** Has a process stand still. */
  pause(node: NodeId): Promise<void> | void;
  /** Has it go on. */
  resume(node: NodeId): Promise<void> | void;
  runs(node: NodeId): Promise<boolean> | boolean;
  /** @returns the faults that are then in force there @throws CliError when it does not run, or refuses */
  tell(node: NodeId, question: FaultQuestion): Promise<unknown>;
}

/** Those of `quorate up`: crashed and paused as the operating system does it. */
export class LocalProcesses implements FaultyProcesses {
  readonly #supervisor: Supervisor;

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
  }

  crash(node: NodeId): Promise<void> {
    return this.#supervisor.kill(node);
  }

  async restart(node: NodeId): Promise<void> {
    await this.#supervisor.start(node);
  }

  pause(node: NodeId): void {
    this.#signal(node, "SIGSTOP");
  }

  resume(node: NodeId): void {
    this.#signal(node, "SIGCONT");
  }

  runs(node: NodeId): boolean {
    return this.#supervisor.statuses().some((one) => one.name === node && one.state !== "stopped");
  }

  async tell(node: NodeId, question: FaultQuestion): Promise<unknown> {
    return this.#supervisor.ask(node, "fault", question);
  }

  #signal(node: NodeId, signal: NodeJS.Signals): void {
    const pid = this.#supervisor.statuses().find((one) => one.name === node)?.pid;
    if (pid == null) throw new CliError(EXIT.unavailable, `${node} does not run`, `quorate restart ${node}`);
    process.kill(pid, signal);
  }
}
