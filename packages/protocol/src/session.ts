import { DecodeError, type Identity, type Secret } from "@quorate/curves";
import { Abort } from "./abort.ts";
import { bound, type Evidence } from "./evidence.ts";
import type { BroadcastStep, PrivateStep, Protocol, Round, TamperedStep } from "./exchange.ts";
import {
  echoOf,
  type Frame,
  type Scope,
  signFrame,
  statement,
  TO_ALL,
  verifyFrame,
  Wire,
  type WireFault,
} from "./frame.ts";
import { type Identifier, ordered, type Participant } from "./participant.ts";

/** What a run is: everything but the protocol itself. All participants have the same, except `self` and `identity`. */
export interface SessionSetup extends Scope {
  readonly participants: readonly Participant[];
  /** The rounds that the protocol will use, in order. */
  readonly rounds: readonly Round<unknown>[];
  readonly self: Identifier;
  readonly identity: Identity;
}

/** A frame to be sent. Private frames hold secrets: the link must be encrypted end to end. */
export interface Outgoing {
  readonly to: Identifier;
  readonly frame: Uint8Array;
}

/** Where a run stands. In `checkpoint` it waits for `saved()`. */
export type SessionState<Out> =
  | { readonly kind: "running" }
  | { readonly kind: "checkpoint"; readonly value: Secret }
  | { readonly kind: "done"; readonly output: Out }
  | { readonly kind: "aborted"; readonly abort: Abort };

/** Why a received frame was ignored. None of these says anything about the participant that it claims to come from. */
export type DropReason = WireFault | "stranger" | "finished" | "duplicate" | "bad_signature";

interface Held {
  readonly frame: Frame;
  readonly statement: Uint8Array;
}

/**
 * Drives one protocol at one participant: signs and checks frames, holds what comes early (one place per round and
 * peer), compares broadcasts by their echo, and stops at the first provable fault. Does nothing by itself: it answers calls.
 *
 * Dropping a frame never harms a run; only what a participant signed in this very run can abort it.
 */
export class Session<Out> {
  /** How many frames were ignored, by reason. */
  readonly dropped: Readonly<Record<DropReason, number>>;
  readonly #counts: Record<DropReason, number> = {
    other_execution: 0,
    unreadable: 0,
    oversized: 0,
    stranger: 0,
    finished: 0,
    duplicate: 0,
    bad_signature: 0,
  };
  readonly #setup: SessionSetup;
  readonly #peers: readonly Identifier[];
  readonly #wire: Wire;
  readonly #protocol: Protocol<Out>;
  /** By round number, then by sender. */
  readonly #table: readonly Map<Identifier, Held>[];
  #state: SessionState<Out> = { kind: "running" };
  /** The exchange that is under way, and whose frames it has yet to take in. */
  #exchange: { readonly step: BroadcastStep | PrivateStep; readonly missing: Set<Identifier> } | undefined;
  #round = 0;
  /** What misbehaviour holds back until the round is complete. */
  #late: readonly Outgoing[] = [];

  /** @throws RangeError when the setup contradicts itself */
  constructor(setup: SessionSetup, protocol: Protocol<Out>) {
    const participants = ordered(setup.participants);
    const own = participants.find((one) => one.identifier === setup.self);
    if (own === undefined) throw new RangeError(`participant ${setup.self} is not among the participants`);
    if (Buffer.compare(own.publicKey, setup.identity.publicKey) !== 0) {
      throw new RangeError(`the identity is not that of participant ${setup.self}`);
    }
    this.#setup = { ...setup, participants };
    this.#peers = participants.map((one) => one.identifier).filter((one) => one !== setup.self);
    this.#wire = new Wire(setup, setup.rounds);
    this.#table = Array.from({ length: setup.rounds.length + 1 }, () => new Map());
    this.#protocol = protocol;
    this.dropped = this.#counts;
  }

  get state(): SessionState<Out> {
    return this.#state;
  }

  /** The peers whose frames the current round lacks. Empty at a checkpoint and at the end. */
  get waitingFor(): readonly Identifier[] {
    return [...(this.#exchange?.missing ?? [])];
  }

  /** The broadcasts of this run so far, one's own among them: what peers compare when an echo differs. */
  get broadcasts(): readonly Frame[] {
    return this.#held().filter((one) => one.to === TO_ALL);
  }

  /** Begins. @returns the frames of the first round */
  start(): readonly Outgoing[] {
    return this.#advance();
  }

  /** Takes in what the transport received from `from`, whatever it is. @returns frames to send */
  accept(from: Identifier, received: Uint8Array): readonly Outgoing[] {
    if (this.#closed) return this.#drop("finished");
    if (!this.#peers.includes(from)) return this.#drop("stranger");
    const read = this.#wire.decode(from, this.#setup.self, received.slice());
    if (typeof read === "string") return this.#drop(read);
    const slot = this.#table[read.round]!;
    const held: Held = { frame: read, statement: statement(this.#setup, read) };
    const earlier = slot.get(from);
    if (earlier !== undefined && Buffer.compare(earlier.statement, held.statement) === 0)
      return this.#drop("duplicate");
    if (!verifyFrame(this.#setup, this.#setup.participants, read)) return this.#drop("bad_signature");
    if (earlier !== undefined) {
      this.stop(this.#withEvidence(new Abort("equivocation", [from]), [earlier.frame, read]));
      return [];
    }
    slot.set(from, held);
    return read.round === this.#round && this.#exchange !== undefined ? this.#advance() : [];
  }

  /** The value of the checkpoint is durable. @returns the frames of what follows @throws Error unless at a checkpoint */
  saved(): readonly Outgoing[] {
    if (this.#state.kind !== "checkpoint") throw new Error("no checkpoint is waiting");
    this.#state = { kind: "running" };
    return this.#advance();
  }

  /** Ends the run, unless it has ended; the protocol's secrets are wiped. */
  stop(abort: Abort): void {
    if (this.#closed) return;
    this.#exchange = undefined;
    this.#state = { kind: "aborted", abort };
    this.#protocol[Symbol.dispose]();
  }

  get #closed(): boolean {
    return this.#state.kind === "done" || this.#state.kind === "aborted";
  }

  #drop(reason: DropReason): readonly Outgoing[] {
    this.#counts[reason] += 1;
    return [];
  }

  /**
   * Goes on for as long as nothing is missing. Frames of a round that began before the fault was seen are still sent, as
   * they would have been had the fault arrived later: their echo shows the others that something is wrong.
   */
  #advance(): readonly Outgoing[] {
    const outgoing: Outgoing[] = [];
    try {
      while (this.#takeIn()) {
        outgoing.push(...this.#late);
        this.#late = [];
        if (!this.#step(outgoing)) break;
      }
    } catch (error) {
      if (!(error instanceof Abort)) {
        this.stop(new Abort("defect"));
        throw error;
      }
      this.stop(this.#withEvidence(error));
    }
    return outgoing;
  }

  /** Hands the frames of the current round to the protocol. @returns whether all are there */
  #takeIn(): boolean {
    if (this.#exchange === undefined) return true;
    const { step, missing } = this.#exchange;
    const expected = this.#echo(step.round.number);
    for (const [from, { frame }] of this.#table[step.round.number]!) {
      if (!missing.has(from)) continue;
      if (Buffer.compare(frame.echo ?? NONE, expected ?? NONE) !== 0) throw new Abort("echo_mismatch");
      try {
        step.receive(from, frame.body);
      } catch (error) {
        if (error instanceof DecodeError) throw new Abort("malformed", [from]);
        throw error;
      }
      missing.delete(from);
    }
    return missing.size === 0;
  }

  /** Lets the protocol take its next step. @returns whether there may be more to do at once */
  #step(outgoing: Outgoing[]): boolean {
    this.#exchange = undefined;
    const next = this.#protocol.next();
    if (next.done) {
      this.#state = { kind: "done", output: next.value };
      return false;
    }
    if (next.value.kind === "checkpoint") {
      this.#state = { kind: "checkpoint", value: next.value.value };
      return false;
    }
    const step = next.value.kind === "tampered" ? next.value.honest : next.value;
    this.#round += 1;
    const declared = this.#setup.rounds[this.#round - 1];
    if (declared?.number !== step.round.number || declared.kind !== step.round.kind) {
      throw new Error(`round ${step.round.number} (${step.round.name}) was not declared in this place`);
    }
    const sent = this.#send(next.value.kind === "tampered" ? next.value : step);
    if (next.value.kind === "tampered" && next.value.late === true) this.#late = sent;
    else outgoing.push(...sent);
    this.#exchange = { step, missing: new Set(this.#peers) };
    return true;
  }

  #send(step: BroadcastStep | PrivateStep | TamperedStep): readonly Outgoing[] {
    if (step.kind === "tampered") return this.#sendTampered(step);
    if (step.kind === "private") {
      return this.#peers.map((to) => {
        const body = step.bodies.get(to);
        if (body === undefined) throw new Error(`round ${step.round.number} has nothing for participant ${to}`);
        return { to, frame: this.#wire.encode(this.#sign(step.round.number, to, body)) };
      });
    }
    const own = this.#sign(step.round.number, TO_ALL, step.body);
    this.#table[own.round]!.set(own.from, { frame: own, statement: statement(this.#setup, own) });
    const frame = this.#wire.encode(own);
    return this.#peers.map((to) => ({ to, frame }));
  }

  /** Misbehaves towards the others and goes on as if it had sent the honest step. */
  #sendTampered({ honest, bodies }: TamperedStep): readonly Outgoing[] {
    const { number } = honest.round;
    this.#send(honest);
    return [...bodies].map(([to, body]) => {
      const tampered = this.#sign(number, honest.kind === "broadcast" ? TO_ALL : to, body);
      return { to, frame: this.#wire.encode(tampered) };
    });
  }

  #sign(round: number, to: Identifier, body: Uint8Array): Frame {
    const { self: from, identity } = this.#setup;
    return signFrame(this.#setup, identity, { round, from, to, echo: this.#echo(round) ?? null, body });
  }

  /** What frames of this round must echo: the broadcasts of the round before as received here. */
  #echo(round: number): Uint8Array | undefined {
    if (!this.#wire.carriesEcho(round)) return undefined;
    const received = this.#table[round - 1]!;
    return echoOf(this.#setup.participants.map((one) => received.get(one.identifier)!.statement));
  }

  #held(): readonly Frame[] {
    return this.#table.flatMap((slot) => [...slot.values()].map((held) => held.frame));
  }

  #withEvidence(abort: Abort, conflicting: readonly Frame[] = []): Abort {
    // After a ban nothing private is shown: what failed depends on this participant's own secrets, and proves nothing to others.
    const showsPrivate = abort.verdict === "retry";
    const relevant = this.#held().filter(({ round, from, to }) => {
      return round <= this.#round && (to === TO_ALL || (showsPrivate && abort.culprits.includes(from)));
    });
    // Broadcasts are small. Of what is private the latest comes first: it is what failed, and two may be more than evidence holds.
    const shown = relevant.toSorted((a, b) => {
      return a.to === TO_ALL || b.to === TO_ALL ? Number(b.to === TO_ALL) - Number(a.to === TO_ALL) : b.round - a.round;
    });
    const { executionId, context } = this.#setup;
    const evidence: Evidence = {
      code: abort.code,
      executionId,
      context,
      culprits: abort.culprits,
      frames: [...conflicting, ...shown.filter((one) => !conflicting.includes(one))],
      exhibit: abort.exhibit,
    };
    return new Abort(abort.code, abort.culprits, { exhibit: abort.exhibit, evidence: bound(evidence) });
  }
}

const NONE = new Uint8Array();
