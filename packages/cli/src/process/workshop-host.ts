import { Worker } from "node:worker_threads";
import type { ActiveFault } from "@quorate/faults";
import type { Job } from "@quorate/orders";
import type { WorkshopJob } from "@quorate/signer/workshop";
import type { Emit } from "./settings.ts";
import type { Answered, Asked, Disturbed, ThreadData } from "./workshop-loop.ts";

/** What does the heavy work of a process. */
export interface WorkshopHost {
  /** `then` once, with what was made; never for a job that a defect of ours ended. */
  run(job: Job, then: (made: unknown) => void): void;
  /** Has these faults in force in the thread, if they are allowed there. */
  disturb(faults: readonly ActiveFault[]): void;
  close(): Promise<void>;
}

/** The workshop, in a thread of its own that begins with the first job: a process that starts has other things to do. */
export function startWorkshop(data: ThreadData, emit: Emit): WorkshopHost {
  let worker: Worker | undefined;
  const waiting = new Map<number, (made: unknown) => void>();
  let last = 0;
  let closing = false;
  let faults: readonly ActiveFault[] = [];
  const begin = () => {
    const begun = new Worker(new URL("./workshop-thread.ts", import.meta.url), { workerData: data });
    begun.on("message", ({ number, made, defect }: Answered) => {
      const then = waiting.get(number);
      waiting.delete(number);
      if (defect !== undefined) emit({ type: "defect", ...defect });
      else then?.(made);
    });
    begun.on("error", (error: Error) => emit({ type: "defect", message: error.message, stack: error.stack ?? "" }));
    begun.on("exit", (code) => {
      // The secrets of all pairs went with it: start the process anew rather than go on without.
      if (!closing) process.exit(code === 0 ? 70 : code);
    });
    if (faults.length > 0) begun.postMessage({ faults } satisfies Disturbed);
    return begun;
  };
  return {
    run(job, then) {
      if (closing) return; // a thread that begins now would outlive its process's end
      const number = ++last;
      waiting.set(number, then);
      worker ??= begin();
      worker.postMessage({ number, job: job as WorkshopJob } satisfies Asked, handedOver(job as WorkshopJob));
    },
    disturb(active) {
      faults = active;
      worker?.postMessage({ faults } satisfies Disturbed);
    },
    async close() {
      closing = true;
      await worker?.terminate();
    },
  };
}

/** The buffers that move instead of being copied: frames, the stored setup of a pair, the share that signs. */
function handedOver(job: WorkshopJob): ArrayBuffer[] {
  if (job.kind === "start" && job.plan.what === "presign") return [job.plan.signingShare.buffer as ArrayBuffer];
  if (job.kind === "accept") return [job.frame.buffer as ArrayBuffer];
  if (job.kind === "install") return [job.setup.buffer as ArrayBuffer];
  return [];
}
