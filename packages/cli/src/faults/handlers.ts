import { type Nodes, parseSelector, resolve } from "@quorate/faults";
import { asCliError, CliError, EXIT } from "../exit.ts";
import type { FaultDesk } from "./desk.ts";

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

/** Does what is asked at a desk. @param desk if faults are allowed there @throws CliError, also for what an InputError says */
export async function answerFaultRequest(
  desk: FaultDesk | undefined,
  network: Nodes,
  payload: unknown,
): Promise<unknown> {
  if (desk === undefined) {
    const problem = "this network was started without --allow-faults";
    throw new CliError(EXIT.safety, problem, "quorate down, then start it with --allow-faults");
  }
  const { action, fault, forMs, which, node } = payload as FaultRequest;
  try {
    if (action === "inject") return [await desk.inject(fault, forMs)];
    if (action === "clear") return await desk.clear(which);
    if (action === "snapshot") {
      const nodes = resolve(parseSelector(node), network);
      await desk.snapshot(nodes);
      return nodes;
    }
    return desk.list();
  } catch (error) {
    throw asCliError(error);
  }
}
