import { rmSync } from "node:fs";
import type { ActiveFault } from "@quorate/faults";
import { serveSocket } from "../control.ts";
import { CliError, EXIT } from "../exit.ts";
import type { FaultyNode } from "./faults/faulty-node.ts";
import type { ProcessSettings } from "./settings.ts";

/** Loads what misbehaves: the only place that does, and only where faults are allowed. @throws CliError for faults that are not */
export async function allowedFaults(settings: ProcessSettings): Promise<FaultyNode | undefined> {
  const { allowFaults, faults, network, self } = settings;
  if (!allowFaults) {
    if (faults.length > 0)
      throw new CliError(EXIT.safety, "--fault: faults are not allowed here", "add --allow-faults");
    return undefined;
  }
  const { FaultyNode } = await import("./faults/faulty-node.ts");
  return new FaultyNode(network, self, faults);
}

/** Does what is asked of the faults of this process. @throws Error where they are not allowed */
export function answerFault(faults: FaultyNode | undefined, payload: unknown): readonly ActiveFault[] {
  if (faults === undefined) throw new Error("this network was started without --allow-faults");
  return faults.answer(payload);
}

/**
 * Takes faults on a socket, where they are allowed and no supervisor passes them on: in a container. There is none otherwise, nor
 * one that an earlier process left.
 *
 * @throws CliError if the socket cannot be
 */
export async function serveFaults(
  faults: FaultyNode | undefined,
  { faultSocket: path }: ProcessSettings,
): Promise<void> {
  rmSync(path, { force: true });
  if (faults === undefined || process.send !== undefined) return;
  try {
    await serveSocket(path, { fault: (payload) => answerFault(faults, payload) });
  } catch (error) {
    throw new CliError(
      EXIT.environment,
      `no socket for faults: ${(error as Error).message}`,
      "a shorter path for --data",
    );
  }
}
