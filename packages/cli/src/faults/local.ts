import type { NetworkFile } from "@quorate/orders";
import type { State } from "../state.ts";
import type { Supervisor } from "../supervisor.ts";
import { FaultDesk } from "./desk.ts";
import { DiskFaults } from "./disks.ts";
import { LocalProcesses } from "./processes.ts";

/** What the faults of a network of this machine are done to. */
export interface LocalNetwork {
  readonly supervisor: Supervisor;
  readonly network: NetworkFile;
  readonly state: State;
  /** Whether nodes keep their records in files of their own. */
  readonly files: boolean;
  /** Told of each fault that begins or ends. */
  readonly say: (text: string) => void;
}

/** The desk of the processes of `quorate up`, which stays as long as they do. */
export function localDesk({ supervisor, network, state, files, say }: LocalNetwork): FaultDesk {
  const processes = new LocalProcesses(supervisor);
  const disks = files ? new DiskFaults(state, supervisor, processes) : undefined;
  let last = 0;
  return new FaultDesk({ layer: "live", processes, disks, network, say, newId: () => `f${++last}` });
}
