import { faultText } from "@quorate/faults";
import type { Timed } from "@quorate/simulator";
import type { ShownFault } from "../faults/desk.ts";
import type { FaultRequest } from "../faults/handlers.ts";

/** Faults of a running network, as `quorate fault` has them. */
export class FaultChannel {
  readonly #ask: (request: FaultRequest) => Promise<unknown>;
  readonly #mine: string[] = [];

  /** @param ask has it done where the network runs */
  constructor(ask: (request: FaultRequest) => Promise<unknown>) {
    this.#ask = ask;
  }

  /** Whether there can be any. @throws CliError if the network was started without `--allow-faults` */
  async check(): Promise<void> {
    await this.#ask({ action: "ls" });
  }

  /** Copies the databases that the timeline will roll back. */
  async snapshots(timeline: readonly Timed[]): Promise<void> {
    for (const { fault } of timeline) {
      if (fault.kind === "rollback") await this.#ask({ action: "snapshot", node: fault.node });
    }
  }

  /** A rollback goes back to the copy that was made before the first request, as in the simulator. @returns why not */
  async inject({ fault, forMs }: Timed): Promise<string | undefined> {
    const request: FaultRequest = { action: "inject", fault };
    const timed = fault.kind === "rollback" || forMs === undefined ? request : { ...request, forMs };
    try {
      const faults = (await this.#ask(timed)) as readonly ShownFault[];
      this.#mine.push(...faults.map((one) => one.id));
      return undefined;
    } catch (error) {
      return `${faultText(fault)}: ${(error as Error).message}`;
    }
  }

  /** Ends those that this channel began and that are still in force: all at once, as one that stands still hears of nothing else. */
  async clear(): Promise<void> {
    if (this.#mine.length === 0) return;
    const inForce = (await this.#ask({ action: "ls" })) as readonly ShownFault[];
    const mine = inForce.filter(({ id }) => this.#mine.includes(id));
    await Promise.all(mine.map(({ id }) => this.#ask({ action: "clear", which: id }).catch(() => {})));
  }
}
