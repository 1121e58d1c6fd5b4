import { faultText } from "@quorate/faults";
import type { Timed } from "@quorate/simulator";
import { control } from "../control.ts";
import type { ShownFault } from "../faults/desk.ts";
import type { FaultRequest } from "../faults/handlers.ts";
import type { UpFile } from "../state.ts";

/** Faults of a running network, as `quorate fault` has them. */
export class FaultChannel {
  readonly #up: UpFile;
  readonly #mine: string[] = [];

  constructor(up: UpFile) {
    this.#up = up;
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

  /** Ends those that this channel began and that are still in force. */
  async clear(): Promise<void> {
    const inForce = (await this.#ask({ action: "ls" })) as readonly ShownFault[];
    for (const { id } of inForce) {
      if (this.#mine.includes(id)) await this.#ask({ action: "clear", which: id }).catch(() => {});
    }
  }

  #ask(request: FaultRequest): Promise<unknown> {
    return control(this.#up, "fault", request);
  }
}
