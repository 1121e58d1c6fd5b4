import { hex, type NodeId, type Waits } from "@quorate/orders";
import {
  Abort,
  conflicts,
  decodeEvidence,
  type Evidence,
  encodeEvidence,
  type Frame,
  type Identifier,
} from "@quorate/protocol";
import type { Progress } from "./driver.ts";
import { EarlyFrames } from "./early-frames.ts";
import type { Link } from "./link.ts";
import { Refused } from "./refused.ts";
import type { Run } from "./run.ts";
import { Sent } from "./sent.ts";
import { Standstill } from "./standstill.ts";

interface Running {
  readonly run: Run<unknown>;
  /** As it stood after the last step. */
  progress: Progress<unknown> | undefined;
  /** Frames; after an abort, why. */
  readonly sent: Sent;
  readonly standstill: Standstill;
  /** Steps that the driver has yet to answer. */
  steps: number;
  cancelTimer: () => void;
  /** A check failed here; the ban is on its way to the disk. */
  banning: boolean;
  /** The value of a checkpoint is on its way to the disk; frames that come meanwhile do not send it there again. */
  saving: boolean;
  /** The end was told to `run`. */
  ended: boolean;
  /** Somebody was named with evidence. */
  convicted: boolean;
  /** What the others showed of it without proving anything: two of them together may. */
  readonly shown: Map<Identifier, readonly Frame[]>;
}

/** How full the tables of sessions are. */
export interface SessionLoad {
  /** Ended ones included. */
  readonly kept: number;
  /** Those that go on, by execution in hex, and how long each may take. */
  readonly open: readonly { readonly execution: string; readonly timeoutMs: number }[];
  /** The most that waits from one peer for an order. */
  readonly parked: { readonly frames: number; readonly bytes: number };
}

/** How long to wait, after broadcasts were found to differ, for the peers' copies that show who sent two. */
const COMPARE_MS = 2000;
/** How long an ended session can still take part in finding the guilty, and tell again what was lost. */
const AFTERLIFE_MS = 15_000;
/** Sessions at once, ended ones included. */
const MAX_SESSIONS = 1024;

/** The sessions of this signer: frames in and out, time limits, and the notices by which all learn who broke one. */
export class Sessions {
  readonly #waits: Waits;
  readonly #link: Link;
  readonly #early = new EarlyFrames();
  readonly #running = new Map<string, Running>();

  constructor(waits: Waits, link: Link) {
    this.#waits = waits;
    this.#link = link;
  }

  /** What is kept here, for those who watch. */
  get load(): SessionLoad {
    const open = [...this.#running].filter(([, one]) => !one.ended && !one.banning);
    return {
      kept: this.#running.size,
      open: open.map(([execution, { run }]) => ({ execution, timeoutMs: run.timeoutMs })),
      parked: this.#early.most,
    };
  }

  /** @throws Refused `busy` when no more sessions can run */
  checkRoom(): void {
    if (this.#running.size >= MAX_SESSIONS) throw new Refused("busy", "too many sessions at once");
  }

  /** Runs a session, once per execution id. */
  start<Out>(run: Run<Out>): void {
    const { executionId } = run.setup;
    const running: Running = {
      run: run as Run<unknown>,
      progress: undefined,
      sent: new Sent(this.#waits, this.#link),
      standstill: new Standstill(this.#waits, run.timeoutMs, () => this.#stands(running)),
      steps: 0,
      cancelTimer: () => {},
      banning: false,
      saving: false,
      ended: false,
      convicted: false,
      shown: new Map(),
    };
    this.#running.set(hex(executionId), running);
    running.cancelTimer = this.#waits.after(run.timeoutMs, () => {
      this.#stop(running, new Abort("timeout"), running.progress?.waitingFor);
    });
    running.run.driver.start(this.#step(running));
    for (const { from, frame } of this.#early.take(executionId)) this.#accept(running, from, frame);
  }

  frame(from: NodeId, frame: Uint8Array): void {
    const executionId = frame.subarray(0, 16);
    const running = this.#running.get(hex(executionId));
    if (running !== undefined) return this.#accept(running, from, frame);
    this.#early.hold(executionId, from, frame);
  }

  /** A link came up, late or again. */
  connected(node: NodeId): void {
    for (const running of this.#running.values()) running.sent.all(node);
  }

  /** A peer waits for this signer's frames of a round. */
  lacking(from: NodeId, executionId: Uint8Array, round: number): void {
    const running = this.#running.get(hex(executionId));
    if (running !== undefined && !running.banning) running.sent.again(from, round);
  }

  /** A peer says that a session stopped, and shows why. */
  notice(from: NodeId, encoded: Uint8Array): void {
    const theirs = this.#link.read(from, () => decodeEvidence(encoded));
    const running = theirs && this.#running.get(hex(theirs.executionId));
    const sender = running && identifierOn(running, from);
    if (theirs === undefined || running === undefined || sender === undefined || running.banning) return;
    // One that has ended here without a name is told who was guilty all the same, once by each peer.
    if (running.ended && (running.convicted || running.shown.has(sender))) return;
    if (hex(theirs.context) !== hex(running.run.setup.context))
      return this.#link.refuse(from, "wrong_context", "of another session");
    const proven = judged(running, theirs);
    if (proven === undefined) running.shown.set(sender, theirs.frames);
    if (running.ended) {
      if (proven !== undefined) this.#convict(running, proven);
    } else if (proven !== undefined) this.#stop(running, proven);
    else this.#stop(running, new Abort("stopped"), [sender]); // it does not go on, and proves nothing against anybody
  }

  /** Stops the session of that execution, if it runs. */
  stop(executionId: Uint8Array, abort: Abort): void {
    const running = this.#running.get(hex(executionId));
    if (running !== undefined) this.#stop(running, abort);
  }

  /** Stops every session. */
  stopAll(abort: Abort): void {
    for (const running of [...this.#running.values()]) if (!running.banning) this.#stop(running, abort);
  }

  /** Stops every session in which that node takes part. */
  stopWith(node: NodeId, abort: Abort): void {
    for (const running of [...this.#running.values()]) {
      if (!running.banning && identifierOn(running, node) !== undefined) this.#stop(running, abort);
    }
  }

  #accept(running: Running, from: NodeId, frame: Uint8Array): void {
    const identifier = identifierOn(running, from);
    if (identifier === undefined) return this.#link.refuse(from, "stranger", "not a participant of this session");
    const then = this.#step(running);
    running.run.driver.accept(identifier, frame, (progress) => {
      for (const reason of progress.dropped) this.#link.refuse(from, "dropped_frame", reason);
      then(progress);
    });
  }

  /** Counts a step until the driver has answered it. */
  #step(running: Running): (progress: Progress<unknown>) => void {
    running.steps += 1;
    return (progress) => {
      running.steps -= 1;
      this.#after(running, progress);
    };
  }

  /** Asks those it waits for, unless it is busy itself: a message may be lost, theirs or what they needed for it. */
  #stands({ run, progress, steps, sent }: Running): void {
    if (steps > 0 || progress?.state.kind !== "running") return;
    run.stands?.();
    const { executionId } = run.setup;
    for (const one of progress.waitingFor) {
      const node = run.nodes.get(one);
      if (node !== undefined) this.#link.lacks(node, executionId, sent.roundTo(node));
    }
  }

  /** Sends what the session gave, and looks where it stands. After a ban nothing of it is sent any more. */
  #after(running: Running, progress: Progress<unknown>): void {
    if (running.banning) return;
    const { state, outgoing } = progress;
    // Also of a session that has ended: whoever fails a check and has the session stopped meanwhile is not to be spared.
    if (state.kind === "aborted" && state.abort.verdict === "ban") return this.#ban(running, state.abort);
    if (running.ended) return;
    running.progress = progress;
    if (outgoing.length > 0) running.standstill.moved();
    for (const { to, frame } of outgoing) {
      const node = running.run.nodes.get(to);
      if (node !== undefined) running.sent.tell(node, { kind: "frame", frame });
    }
    if (state.kind === "done") this.#end(running, () => running.run.done(state.output));
    else if (state.kind === "aborted") this.#abort(running, state.abort, []);
    else if (state.kind === "checkpoint") this.#save(running, state.value.expose());
  }

  #save(running: Running, value: Uint8Array): void {
    if (running.saving) return;
    running.saving = true;
    running.run.checkpoint?.(value, (failure) => {
      running.saving = false;
      if (failure !== undefined) this.#stop(running, failure);
      else if (!running.ended) running.run.driver.saved(this.#step(running));
    });
  }

  #ban(running: Running, abort: Abort): void {
    const { banned } = running.run;
    if (banned === undefined) return this.#abort(running, abort, []);
    running.banning = true;
    running.cancelTimer();
    running.standstill.end();
    banned(abort.culprits, () => this.#abort(running, abort, []));
  }

  #stop(running: Running, abort: Abort, waitingFor: readonly Identifier[] = []): void {
    running.run.driver.stop(abort);
    this.#abort(running, abort, waitingFor);
  }

  /** Tells the peers, then the run; differing broadcasts wait a little for the proof of who sent them. */
  #abort(running: Running, abort: Abort, waitingFor: readonly Identifier[]): void {
    if (running.ended) return;
    running.cancelTimer();
    running.standstill.end();
    running.sent.forget();
    const tell = () => this.#end(running, () => running.run.aborted(abort, waitingFor));
    const { evidence } = abort;
    if (evidence !== undefined && abort.code !== "stopped") {
      for (const node of running.run.nodes.values()) {
        running.sent.tell(node, { kind: "notice", evidence: encodeEvidence(evidence) });
      }
    }
    this.#convict(running, abort);
    if (abort.code === "echo_mismatch") running.cancelTimer = this.#waits.after(COMPARE_MS, tell);
    else tell();
  }

  #convict(running: Running, abort: Abort): void {
    if (running.convicted || abort.evidence === undefined || abort.culprits.length === 0) return;
    running.convicted = true;
    running.run.convicted?.(abort);
  }

  #end(running: Running, tell: () => void): void {
    if (running.ended) return;
    running.ended = true;
    running.cancelTimer();
    running.standstill.end();
    this.#waits.after(running.run.brief ? COMPARE_MS : AFTERLIFE_MS, () =>
      this.#running.delete(hex(running.run.setup.executionId)),
    );
    tell();
  }
}

const NOTHING = new Uint8Array();

/** What a peer's evidence proves here, together with what was received and shown here; `undefined` if nothing. */
function judged({ run, progress, shown }: Running, theirs: Evidence): Abort | undefined {
  const frames = [...(progress?.broadcasts ?? []), ...[...shown.values()].flat(), ...theirs.frames];
  const equivocators = conflicts(run.setup, run.setup.participants, frames);
  if (equivocators.length > 0) {
    const { executionId, context } = run.setup;
    const culprits = equivocators.map((one) => one.culprit);
    const shown = equivocators.flatMap((one) => one.frames);
    const about = { executionId, context, culprits, frames: shown, exhibit: NOTHING };
    return new Abort("equivocation", culprits, { evidence: { code: "equivocation", ...about } });
  }
  const proven = theirs.culprits.length > 0 && run.judge(theirs);
  return proven ? new Abort(theirs.code, theirs.culprits, { evidence: theirs, exhibit: theirs.exhibit }) : undefined;
}

function identifierOn(running: Running, node: NodeId): Identifier | undefined {
  for (const [identifier, name] of running.run.nodes) if (name === node) return identifier;
  return undefined;
}
