import { parseSelector, resolve } from "@quorate/faults";
import { asCliError, CliError, EXIT } from "../exit.ts";
import type { ProcessStatus } from "../supervisor.ts";
import type { DeskParts, FaultDesk } from "./desk.ts";

/** What other commands ask of the faults of a running network. */
export interface FaultRequest {
  readonly action: "inject" | "clear" | "ls" | "snapshot";
  readonly fault?: unknown;
  readonly forMs?: number;
  /** Of `clear`: an id, or a kind. */
  readonly which?: string;
  /** Of `snapshot`: a selector. */
  readonly node?: string;
}

/** The desk of a network, if faults are allowed there: it is not even loaded otherwise. */
export class FaultHandlers {
  readonly #desk: Promise<FaultDesk> | undefined;
  readonly #parts: DeskParts;

  constructor(allowed: boolean, parts: DeskParts) {
    this.#parts = parts;
    this.#desk = allowed ? import("./desk.ts").then(({ FaultDesk }) => new FaultDesk(parts)) : undefined;
  }

  /** @throws CliError, also for what an InputError says */
  async answer(payload: unknown): Promise<unknown> {
    if (this.#desk === undefined) {
      const problem = "this network was started without --allow-faults";
      throw new CliError(EXIT.safety, problem, "quorate down, then start it with --allow-faults");
    }
    const { action, fault, forMs, which, node } = payload as FaultRequest;
    const desk = await this.#desk;
    try {
      if (action === "inject") return [await desk.inject(fault, forMs)];
      if (action === "clear") return await desk.clear(which);
      if (action === "snapshot") {
        const nodes = resolve(parseSelector(node), this.#parts.network);
        await desk.snapshot(nodes);
        return nodes;
      }
      return desk.list();
    } catch (error) {
      throw asCliError(error);
    }
  }

  /** A process of the network started or ended. */
  async changed(status: ProcessStatus): Promise<void> {
    (await this.#desk)?.changed(status);
  }
}
