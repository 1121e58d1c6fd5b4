import { hex, type NodeId, type Waits, type World } from "@quorate/orders";
import {
  Abort,
  conflicts,
  decodeEvidence,
  type Evidence,
  encodeEvidence,
  type Identifier,
  type Outgoing,
  type Protocol,
  Session,
  type SessionSetup,
} from "@quorate/protocol";
import { EarlyFrames } from "./early-frames.ts";
import type { Link } from "./link.ts";

/** A session to run, and what to do with what becomes of it. */
export interface Run<Out> {
  readonly setup: SessionSetup;
  readonly protocol: Protocol<Out>;
  /** Which node each of the others is. */
  readonly nodes: ReadonlyMap<Identifier, NodeId>;
  readonly timeoutMs: number;
  done(output: Out): void;
  aborted(abort: Abort, waitingFor: readonly Identifier[]): void;
  /** Something must be durable before the session goes on: call `saved`, or give the reason why it cannot be. */
  checkpoint?(value: Uint8Array, saved: (failure?: Abort) => void): void;
  /** Whether a peer's evidence proves, here, what it says of everyone that it names. */
  judge(evidence: Evidence): boolean;
}

interface Running {
  readonly run: Run<unknown>;
  readonly session: Session<unknown>;
  /** Frames sent so far, by node: a link that comes up late, or again, gets them once more. */
  readonly sent: Map<NodeId, Uint8Array[]>;
  cancelTimer: () => void;
  /** The end was told to `run`. */
  ended: boolean;
}

/** How long to wait, after broadcasts were found to differ, for the peers' copies that show who sent two. */
const COMPARE_MS = 2000;
/** How long an ended session can still take part in finding the guilty. */
const AFTERLIFE_MS = 15_000;
/** Sessions at once, ended ones included. */
const MAX_SESSIONS = 256;

/** The sessions of this signer: frames in and out, time limits, and the notices by which all learn who broke one. */
export class Sessions {
  readonly #world: World;
  readonly #waits: Waits;
  readonly #link: Link;
  readonly #early = new EarlyFrames();
  readonly #running = new Map<string, Running>();

  constructor(world: World, waits: Waits, link: Link) {
    this.#world = world;
    this.#waits = waits;
    this.#link = link;
  }

  get full(): boolean {
    return this.#running.size >= MAX_SESSIONS;
  }

  has(executionId: Uint8Array): boolean {
    return this.#running.has(hex(executionId));
  }

  start<Out>(run: Run<Out>): void {
    const { executionId } = run.setup;
    const session = new Session(run.setup, run.protocol);
    const running: Running = {
      run: run as Run<unknown>,
      session,
      sent: new Map(),
      cancelTimer: () => {},
      ended: false,
    };
    this.#running.set(hex(executionId), running);
    running.cancelTimer = this.#waits.after(run.timeoutMs, () => this.#stop(running, new Abort("timeout")));
    this.#after(running, session.start());
    for (const { from, frame } of this.#early.take(executionId)) this.#accept(running, from, frame);
  }

  frame(from: NodeId, frame: Uint8Array): void {
    const executionId = frame.subarray(0, 16);
    const running = this.#running.get(hex(executionId));
    if (running !== undefined) return this.#accept(running, from, frame);
    if (!this.#early.hold(executionId, from, frame)) this.#refused(from, "early_frames_full", "too many early frames");
  }

  /** A link came up: what went to that node before may be lost. Who has it already drops it as a duplicate. */
  connected(node: NodeId): void {
    for (const running of this.#running.values()) {
      for (const frame of running.sent.get(node) ?? []) this.#link.tell(node, { kind: "frame", frame });
    }
  }

  /** A peer says that a session stopped, and shows why. */
  notice(from: NodeId, encoded: Uint8Array): void {
    let theirs: Evidence;
    try {
      theirs = decodeEvidence(encoded);
    } catch (error) {
      return this.#refused(from, "malformed_message", (error as Error).message);
    }
    const running = this.#running.get(hex(theirs.executionId));
    if (running === undefined || identifierOn(running, from) === undefined) return;
    const { session, run } = running;
    if (hex(theirs.context) !== hex(run.setup.context))
      return this.#refused(from, "wrong_context", "of another session");
    const frames = [...session.broadcasts, ...theirs.frames];
    const equivocators = conflicts(run.setup, run.setup.participants, frames);
    if (equivocators.length > 0) {
      const { executionId, context } = run.setup;
      const culprits = equivocators.map((one) => one.culprit);
      const shown = equivocators.flatMap((one) => one.frames);
      const evidence = {
        code: "equivocation",
        executionId,
        context,
        culprits,
        frames: shown,
        exhibit: NOTHING,
      } as const;
      return this.#stop(running, new Abort("equivocation", culprits, { evidence }));
    }
    const proven = theirs.culprits.length > 0 && run.judge(theirs);
    const details = { evidence: theirs, exhibit: theirs.exhibit };
    this.#stop(running, proven ? new Abort(theirs.code, theirs.culprits, details) : new Abort("stopped"));
  }

  #accept(running: Running, from: NodeId, frame: Uint8Array): void {
    const identifier = identifierOn(running, from);
    if (identifier === undefined) return this.#refused(from, "stranger", "not a participant of this session");
    const before = JSON.stringify(running.session.dropped);
    this.#after(running, running.session.accept(identifier, frame));
    const { dropped } = running.session;
    if (JSON.stringify(dropped) !== before) this.#refused(from, "dropped_frame", JSON.stringify(dropped));
  }

  /** Sends what the session gave, and looks where it stands. */
  #after(running: Running, outgoing: readonly Outgoing[]): void {
    for (const { to, frame } of outgoing) {
      const node = running.run.nodes.get(to);
      if (node === undefined) continue;
      running.sent.set(node, [...(running.sent.get(node) ?? []), frame]);
      this.#link.tell(node, { kind: "frame", frame });
    }
    const { state } = running.session;
    if (state.kind === "done") this.#end(running, () => running.run.done(state.output));
    else if (state.kind === "aborted") this.#abort(running, state.abort, []);
    else if (state.kind === "checkpoint") {
      running.run.checkpoint?.(state.value.expose(), (failure) => {
        if (failure !== undefined) this.#stop(running, failure);
        else if (running.session.state.kind === "checkpoint") this.#after(running, running.session.saved());
      });
    }
  }

  #stop(running: Running, abort: Abort): void {
    const waitingFor = running.session.waitingFor;
    running.session.stop(abort);
    this.#abort(running, abort, abort.code === "timeout" ? waitingFor : []);
  }

  /** Tells the peers, then the run; differing broadcasts wait a little for the proof of who sent them. */
  #abort(running: Running, abort: Abort, waitingFor: readonly Identifier[]): void {
    if (running.ended) return;
    running.cancelTimer();
    const tell = () => this.#end(running, () => running.run.aborted(abort, waitingFor));
    const { evidence } = abort;
    if (evidence !== undefined && abort.code !== "stopped") {
      for (const node of running.run.nodes.values()) {
        this.#link.tell(node, { kind: "notice", evidence: encodeEvidence(evidence) });
      }
    }
    if (abort.code === "echo_mismatch") running.cancelTimer = this.#waits.after(COMPARE_MS, tell);
    else tell();
  }

  #end(running: Running, tell: () => void): void {
    if (running.ended) return;
    running.ended = true;
    running.cancelTimer();
    this.#waits.after(AFTERLIFE_MS, () => this.#running.delete(hex(running.run.setup.executionId)));
    tell();
  }

  #refused(from: NodeId, code: string, detail: string): void {
    this.#world.emit({ type: "message.refused", peer: from, code, detail });
  }
}

const NOTHING = new Uint8Array();

function identifierOn(running: Running, node: NodeId): Identifier | undefined {
  for (const [identifier, name] of running.run.nodes) if (name === node) return identifier;
  return undefined;
}
