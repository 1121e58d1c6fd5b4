import { type BroadcastStep, type PrivateStep, type Protocol, type Step, tamper, tampered } from "@quorate/protocol";

/** What a signer can be made to do. */
export const EDITS = {
  "wrong-share": "adds one to every signature share that it sends",
  equivocate: "sends two different first broadcasts when a key is made",
  "bad-share": "deals a share that is not on its polynomial when a key is made",
  silent: "takes orders and does not answer",
} as const;
export type EditName = keyof typeof EDITS;

/** All identifiers that a participant can have: bodies for those who do not take part go nowhere. */
const EVERYBODY = Array.from({ length: 15 }, (_, at) => at + 1);

/**
 * The edits in force at one signer. An honest signer asks at each place where it could misbehave; without an edit in force it
 * gets back what it gave. Exists only in processes that were started with faults allowed.
 */
export class Misbehaviour {
  readonly #active = new Set<EditName>();

  inject(name: EditName): void {
    this.#active.add(name);
  }

  /** Ends one edit, or all. */
  clear(name?: EditName): void {
    if (name === undefined) this.#active.clear();
    else this.#active.delete(name);
  }

  get active(): readonly EditName[] {
    return [...this.#active];
  }

  /** Edits a signature share, 32 bytes. The low bit of a middle byte keeps it canonical in either byte order. */
  share(share: Uint8Array): Uint8Array {
    return this.#active.has("wrong-share") ? flipped(share, 16) : share;
  }

  silent(): boolean {
    return this.#active.has("silent");
  }

  protocol<Out>(name: "keygen" | "commitments", protocol: Protocol<Out>): Protocol<Out> {
    return name === "keygen" ? tamper(protocol, (step) => this.#keygen(step)) : protocol;
  }

  #keygen(step: Step): Step {
    if (step.kind === "broadcast" && step.round.number === 1 && this.#active.has("equivocate")) return twoFaced(step);
    if (step.kind === "private" && this.#active.has("bad-share")) return wrongDeal(step);
    return step;
  }
}

/** Participants with even identifiers get another nonce than the rest. */
function twoFaced(step: BroadcastStep): Step {
  return tampered(step, EVERYBODY, (to, honest) => (to % 2 === 0 ? flipped(honest, 0) : honest));
}

/** The recipient with the lowest identifier gets a wrong share. */
function wrongDeal(step: PrivateStep): Step {
  const victim = Math.min(...step.bodies.keys());
  return tampered(step, EVERYBODY, (to, honest) => (to === victim ? flipped(honest, 16) : honest));
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const edited = bytes.slice();
  edited[at]! ^= 1;
  return edited;
}

/** Whether `name` is an edit that this version knows. */
export function isEdit(name: string): name is EditName {
  return Object.hasOwn(EDITS, name);
}
