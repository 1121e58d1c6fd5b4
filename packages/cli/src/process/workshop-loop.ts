import { randomBytes } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import { identityFromSeed } from "@quorate/curves";
import type { ActiveFault, Nodes } from "@quorate/faults";
import { Workshop, type WorkshopJob } from "@quorate/signer/workshop";

/** What the thread is started with. */
export interface ThreadData {
  /** 32 bytes: of the identity that signs the frames of sessions. */
  readonly identitySeed: Uint8Array;
  /** Where faults are allowed: whom they can be towards. */
  readonly nodes?: Nodes;
}

/** The faults in force from now on. */
export interface Disturbed {
  readonly faults: readonly ActiveFault[];
}

/** A job and its answer, by number. */
export interface Asked {
  readonly number: number;
  readonly job: WorkshopJob;
}
export interface Answered {
  readonly number: number;
  readonly made?: ReturnType<Workshop["work"]>;
  /** Our own defect: the job has no answer. */
  readonly defect?: { readonly message: string; readonly stack: string };
}

const port = parentPort!;
const { identitySeed, nodes } = workerData as ThreadData;
const faulty = nodes === undefined ? undefined : await loadFaults(nodes);
const workshop = new Workshop({
  identity: identityFromSeed(identitySeed),
  random: (length) => new Uint8Array(randomBytes(length)),
  backend: "fast",
  ...(faulty === undefined ? {} : { behaviour: faulty.behaviour }),
});
const urgent: Asked[] = [];
const patient: Asked[] = [];
let busy = false;

port.on("message", (asked: Asked | Disturbed) => {
  if ("faults" in asked) return faulty?.set(asked.faults);
  (asked.job.urgent ? urgent : patient).push(asked);
  if (!busy) setImmediate(next);
  busy = true;
});

/** Does one job and lets messages in before the next, so that an urgent one waits for one step at most. */
function next(): void {
  const asked = urgent.shift() ?? patient.shift();
  busy = asked !== undefined;
  if (asked === undefined) return;
  answer(asked);
  setImmediate(next);
}

function answer({ number, job }: Asked): void {
  try {
    const made = faulty === undefined ? workshop.work(job) : faulty.around(() => workshop.work(job));
    const answered: Answered = { number, made };
    port.postMessage(answered, handedOver(made));
  } catch (error) {
    const { message, stack = "" } = error as Error;
    port.postMessage({ number, defect: { message, stack } } satisfies Answered);
  }
}

/** The buffers that move: what a session made is in one place afterwards, and not here. */
function handedOver(made: Answered["made"]): ArrayBuffer[] {
  if (made === undefined || !("state" in made)) return [];
  const { state } = made;
  if (state.kind === "done") return [state.output.buffer as ArrayBuffer];
  return state.kind === "checkpoint" ? [state.value.buffer as ArrayBuffer] : [];
}

/** Loads what misbehaves: only where that is allowed. */
async function loadFaults(towards: Nodes) {
  const { FaultyThread } = await import("./faults/thread.ts");
  return new FaultyThread(towards);
}
