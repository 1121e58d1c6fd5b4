import type { NodeId } from "@quorate/orders";
import { CliError, EXIT } from "../exit.ts";
import type { Supervisor } from "../supervisor.ts";

/** Crashes and pauses of processes, as the operating system does them. */
export class ProcessFaults {
  readonly #supervisor: Supervisor;

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
  }

  /** Ends a process without a word. @returns once it is gone */
  crash(node: NodeId): Promise<void> {
    return this.#supervisor.kill(node);
  }

  /** Starts it again. @returns once it is ready */
  async restart(node: NodeId): Promise<void> {
    await this.#supervisor.start(node);
  }

  /** Has a process stand still. */
  pause(node: NodeId): void {
    this.#signal(node, "SIGSTOP");
  }

  /** Has it go on. */
  resume(node: NodeId): void {
    this.#signal(node, "SIGCONT");
  }

  #signal(node: NodeId, signal: NodeJS.Signals): void {
    const pid = this.#supervisor.statuses().find((one) => one.name === node)?.pid;
    if (pid == null) throw new CliError(EXIT.unavailable, `${node} does not run`, `quorate restart ${node}`);
    process.kill(pid, signal);
  }
}
