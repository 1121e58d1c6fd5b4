import {
  type Abort,
  type DropReason,
  type Frame,
  type Identifier,
  type Outgoing,
  type Protocol,
  Session,
  type SessionSetup,
  type SessionState,
} from "@quorate/protocol";

/** Where a session stands after a step of it. */
export interface Progress<Out> {
  readonly state: SessionState<Out>;
  /** To be sent. */
  readonly outgoing: readonly Outgoing[];
  /** Whose frames the current round lacks. */
  readonly waitingFor: readonly Identifier[];
  /** Why frames of this step were ignored. */
  readonly dropped: readonly DropReason[];
  /** All broadcasts so far, as received here. */
  readonly broadcasts: readonly Frame[];
}

/** Runs one session, here or in the workshop. Each step is answered once, in order; after `stop` only an answer that bans means anything. */
export interface Driver<Out> {
  start(then: (progress: Progress<Out>) => void): void;
  accept(from: Identifier, frame: Uint8Array, then: (progress: Progress<Out>) => void): void;
  /** The value of the checkpoint is durable. */
  saved(then: (progress: Progress<Out>) => void): void;
  stop(abort: Abort): void;
}

/** Takes one step of a session and says where it then stands. */
export function stepped<Out>(session: Session<Out>, step: () => readonly Outgoing[]): Progress<Out> {
  const before = { ...session.dropped };
  const outgoing = step();
  const reasons = Object.keys(before) as DropReason[];
  const dropped = reasons.filter((reason) => session.dropped[reason] > before[reason]);
  const { state, waitingFor, broadcasts } = session;
  return { state, outgoing, waitingFor, dropped, broadcasts };
}

/** Runs a session in this thread: each step is answered before the call returns. */
export class LocalDriver<Out> implements Driver<Out> {
  readonly #session: Session<Out>;

  constructor(setup: SessionSetup, protocol: Protocol<Out>) {
    this.#session = new Session(setup, protocol);
  }

  start(then: (progress: Progress<Out>) => void): void {
    then(stepped(this.#session, () => this.#session.start()));
  }

  accept(from: Identifier, frame: Uint8Array, then: (progress: Progress<Out>) => void): void {
    then(stepped(this.#session, () => this.#session.accept(from, frame)));
  }

  saved(then: (progress: Progress<Out>) => void): void {
    then(stepped(this.#session, () => this.#session.saved()));
  }

  stop(abort: Abort): void {
    this.#session.stop(abort);
  }
}
