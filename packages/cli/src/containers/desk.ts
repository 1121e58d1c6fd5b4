import { randomBytes } from "node:crypto";
import { type ActiveFault, type Fault, faultText } from "@quorate/faults";
import { everyoneOf, type NetworkFile, type NodeId } from "@quorate/orders";
import { CliError } from "../exit.ts";
import { FaultDesk } from "../faults/desk.ts";
import { answerFaultRequest, type FaultRequest } from "../faults/handlers.ts";
import { ContainerProcesses } from "./processes.ts";

/** Does what is asked of the faults of the containers, for as long as this process lives. @param say told of each fault that begins or ends */
export function containerFaults(
  network: NetworkFile,
  say: (text: string) => void,
): (request: FaultRequest) => Promise<unknown> {
  let desk: Promise<FaultDesk> | undefined;
  return async (request) => {
    desk ??= openDesk(network, say);
    return answerFaultRequest(await desk, network, request);
  };
}

/**
 * It knows what earlier commands left in force, as the processes and Docker have it.
 *
 * @throws CliError if a container is missing, or one that runs allows no faults
 */
async function openDesk(network: NetworkFile, say: (text: string) => void): Promise<FaultDesk> {
  const processes = await ContainerProcesses.find(everyoneOf(network).map((one) => one.name));
  // Commands that run at the same time know nothing of one another.
  const newId = () => `f${randomBytes(3).toString("hex")}`;
  const desk = new FaultDesk({ layer: "containers", processes, disks: undefined, network, say, newId });
  processes.onChange = (status) => desk.changed(status);
  const found = await Promise.all(processes.nodes.map((node) => inForceAt(processes, node)));
  for (const { id, fault } of found.flat()) desk.adopt(id, fault);
  return desk;
}

/** What is in force at a process. One that is down or stands still can tell of nothing else. */
async function inForceAt(processes: ContainerProcesses, node: NodeId): Promise<readonly ActiveFault[]> {
  const ofDocker = (fault: Fault) => [{ id: faultText(fault).replace(" ", "-"), fault }];
  const state = await processes.state(node);
  if (state === "paused") return ofDocker({ kind: "pause", node });
  if (state !== "running") return ofDocker({ kind: "crash", node });
  try {
    return await processes.tell(node, { action: "ls" });
  } catch (error) {
    if (error instanceof CliError && error.message.includes("ETIMEDOUT")) return ofDocker({ kind: "pause", node });
    throw error;
  }
}
