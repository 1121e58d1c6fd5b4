import { Secret } from "@quorate/curves";
import { hex, type Waits } from "@quorate/orders";
import { Abort, type Identifier, type SessionState } from "@quorate/protocol";
import type { Driver, Progress } from "./driver.ts";
import type { Made, MadeState, Plan, WorkshopJob } from "./workshop/job.ts";

/** Runs a session in the workshop. */
export class WorkshopDriver implements Driver<Uint8Array> {
  readonly #waits: Waits;
  readonly #plan: Plan;
  readonly #urgent: boolean;
  readonly #session: string;
  #stopped = false;

  constructor(waits: Waits, plan: Plan, urgent: boolean) {
    this.#waits = waits;
    this.#plan = plan;
    this.#urgent = urgent;
    this.#session = hex(plan.executionId);
  }

  start(then: (progress: Progress<Uint8Array>) => void): void {
    this.#ask({ kind: "start", session: this.#session, plan: this.#plan, urgent: this.#urgent }, then);
  }

  accept(from: Identifier, frame: Uint8Array, then: (progress: Progress<Uint8Array>) => void): void {
    const copy = frame.slice(); // what is received is a view of a larger buffer, which would go along
    this.#ask({ kind: "accept", session: this.#session, from, frame: copy, urgent: this.#urgent }, then);
  }

  saved(then: (progress: Progress<Uint8Array>) => void): void {
    this.#ask({ kind: "saved", session: this.#session, urgent: this.#urgent }, then);
  }

  stop(): void {
    this.#stopped = true;
    const job: WorkshopJob = { kind: "stop", session: this.#session, urgent: this.#urgent };
    this.#waits.compute(job, () => {});
  }

  #ask(job: WorkshopJob, then: (progress: Progress<Uint8Array>) => void): void {
    this.#waits.compute<Made>(job, (made) => {
      if (this.#stopped) wipe(made.state);
      then({ ...made, state: stateOf(made.state) });
    });
  }
}

/** What was made for a session that is stopped by now, and that nobody will take. */
function wipe(state: MadeState): void {
  if (state.kind === "done") state.output.fill(0);
  if (state.kind === "checkpoint") state.value.fill(0);
}

function stateOf(state: MadeState): SessionState<Uint8Array> {
  if (state.kind === "checkpoint") return { kind: "checkpoint", value: new Secret(state.value) };
  if (state.kind !== "aborted") return state;
  const { code, culprits, exhibit, evidence } = state.abort;
  const abort = new Abort(code, culprits, evidence === undefined ? { exhibit } : { exhibit, evidence });
  return { kind: "aborted", abort };
}
