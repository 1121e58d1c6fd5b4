import type { Random } from "@quorate/curves";
import type { Member, NodeId } from "@quorate/orders";
import { type Edit, type Protocol, type Step, tamper } from "@quorate/protocol";
import type { ActiveFault, NodeFault, SignerFault } from "../fault.ts";
import { Injected } from "../injected.ts";
import { type Nodes, resolve } from "../selector.ts";
import { badProof } from "./bad-proof.ts";
import { badShare } from "./bad-share.ts";
import { equivocate } from "./equivocate.ts";
import { invalidPoints } from "./invalid-points.ts";
import { exchangeOf, type Lie, type LieContext, type LieMaker, type ProtocolName, type Run } from "./lie.ts";
import { otFailure } from "./ot-failure.ts";
import { replay } from "./replay.ts";
import { rush } from "./rush.ts";
import { selectiveAbort } from "./selective-abort.ts";
import { selectiveSilence, silent } from "./silence.ts";
import { spoof } from "./spoof.ts";
import { storm } from "./storm.ts";
import { wrongLength } from "./wrong-length.ts";
import { wrongShare } from "./wrong-share.ts";

const LIES: Readonly<Record<SignerFault["kind"], LieMaker>> = {
  "wrong-share": wrongShare,
  "bad-share": badShare,
  "bad-proof": badProof,
  equivocate,
  silent,
  "selective-silence": selectiveSilence,
  spoof,
  replay,
  "invalid-points": invalidPoints,
  "wrong-length": wrongLength,
  rush,
  "selective-abort": selectiveAbort,
  storm,
  "ot-failure": otFailure,
};

/** A fault of a process that waits for a round of a session. */
export type RoundFault = Extract<NodeFault, { kind: "crash" | "pause" }>;

/** What misbehaviour is made of. */
export interface MisbehaviourParts {
  /** Where choices come from: the same source gives the same lies. */
  readonly random: Random;
  /** Which nodes selectors can mean. */
  readonly nodes: Nodes;
  /** Called when a session reaches the round for which a crash or a pause waits, before anything of it is sent. */
  readonly reached?: (fault: RoundFault) => void;
}

/**
 * The lies in force at one signer. An honest signer asks at each place where it could misbehave; without a lie in force it gets
 * back what it gave. Exists only in processes that were started with faults allowed, and in the simulator.
 */
export class Misbehaviour {
  readonly #parts: MisbehaviourParts;
  readonly #injected = new Injected<SignerFault | RoundFault, Lie>((fault) => this.#lie(fault));

  constructor(parts: MisbehaviourParts) {
    this.#parts = parts;
  }

  /** @param id names it for `clear`; one that is in force already is replaced */
  inject(id: string, fault: SignerFault | RoundFault): void {
    this.#injected.inject(id, fault);
  }

  /** Ends one fault, or all. */
  clear(id?: string): void {
    this.#injected.clear(id);
  }

  get active(): readonly ActiveFault[] {
    return this.#injected.active;
  }

  /** Edits a signature share, 32 bytes. */
  share(share: Uint8Array): Uint8Array {
    return this.#injected.lies.reduce((sent, lie) => lie.share?.(sent) ?? sent, share);
  }

  /** Whether an order is not answered. */
  silent(order: string): boolean {
    return this.#injected.lies.some((lie) => lie.silent?.(order) === true);
  }

  /** What leaves in place of an encoded message. */
  sent(to: NodeId, bytes: Uint8Array): readonly Uint8Array[] {
    const { lies } = this.#injected;
    return lies.reduce<readonly Uint8Array[]>(
      (leaving, lie) => (lie.sent === undefined ? leaving : leaving.flatMap((one) => lie.sent!(to, one))),
      [bytes],
    );
  }

  /** Shows it an encoded message of another signer. */
  heard(from: NodeId, bytes: Uint8Array): void {
    for (const lie of this.#injected.lies) lie.heard?.(from, bytes);
  }

  /** Wraps an honest run. What is injected while it runs has its effect from the next step on. */
  protocol<Out>(name: ProtocolName, honest: Protocol<Out>, peers: readonly Member[]): Protocol<Out> {
    const run: Run = { protocol: name, peers: peers.toSorted((a, b) => a.identifier - b.identifier) };
    const edits = new Map<Lie, Edit>();
    return tamper(honest, (step) =>
      this.#injected.lies.reduce<Step>((edited, lie) => {
        if (lie.edit === undefined) return edited;
        const edit = edits.get(lie) ?? lie.edit(run);
        edits.set(lie, edit);
        return edit(edited);
      }, step),
    );
  }

  #lie(fault: SignerFault | RoundFault): Lie {
    const { random, reached } = this.#parts;
    if (isRoundFault(fault)) return waiting(fault, (one) => reached?.(one));
    const context: LieContext = { fault, random, victims: (run) => this.#victims(fault, run) };
    return LIES[fault.kind](context);
  }

  #victims({ to }: SignerFault, { peers }: Run): readonly number[] {
    const named = to === undefined ? undefined : resolve(to, this.#parts.nodes, "to");
    return peers.filter((one) => named === undefined || named.includes(one.node)).map((one) => one.identifier);
  }
}

function isRoundFault(fault: SignerFault | RoundFault): fault is RoundFault {
  return fault.kind === "crash" || fault.kind === "pause";
}

/** Does nothing until a session is in the round. */
function waiting(fault: RoundFault, reached: (fault: RoundFault) => void): Lie {
  return {
    edit: () => (step) => {
      if (exchangeOf(step)?.round.number === (fault.round ?? 1)) reached(fault);
      return step;
    },
  };
}
