import { comparePresence, type Presence, type PresenceStatement } from "@quorate/orders";
import type { PresenceParts } from "./presence.ts";

/** Of a life of which only its number is lost. */
const NOTHING: Partial<Presence> = {};

/** Makes up for what this signer lost when its disk was put back. */
export class Loss {
  readonly #parts: PresenceParts;
  /** The latest presence of this signer of which its disk knows nothing, found before this life began. */
  #found: PresenceStatement | undefined;

  constructor(parts: PresenceParts) {
    this.#parts = parts;
  }

  /** A presence of an earlier life that is not in this signer's records. `then` once that is taken in. */
  of(statement: PresenceStatement, isAlive: boolean, then: () => void): void {
    const { incarnation, sequence } = statement.presence;
    const { lost } = this.#parts.lives;
    // Known for lost: it was made up for.
    if (incarnation < lost.incarnation || (incarnation === lost.incarnation && sequence <= lost.sequence))
      return then();
    if (isAlive) return this.#restore(statement, this.#parts.lives.number, then);
    if (this.#found === undefined || comparePresence(statement.presence, this.#found.presence) > 0)
      this.#found = statement;
    then();
  }

  /** Begins a life with a number that none before had, after everything that was found lost is made up for; `then` once durable. */
  settle(then: () => void): void {
    const { lives } = this.#parts;
    const incarnation = Math.max(lives.number, this.#found?.presence.incarnation ?? 0) + 1;
    if (this.#found === undefined && !lives.isDamaged) return lives.keep({ incarnation }, [], undefined, then);
    this.#restore(this.#found, incarnation, then);
  }

  /**
   * Whatever was authorised until now counts as used; whom this signer had banned is banned; the setups of all pairs are made anew, or
   * an execution that is forgotten here could be run with the same secrets again; and halted it stays.
   */
  #restore(found: PresenceStatement | undefined, incarnation: number, then: () => void): void {
    const { lives, pairs, world, halting, stop, audit } = this.#parts;
    stop();
    const { halt = null, banned = [], incarnation: life = 0, sequence = 0, head } = found?.presence ?? NOTHING;
    const lost = { incarnation: life, sequence };
    world.emit({ type: "signer.rollback_detected", ...lost, here: audit.durable.sequence });
    const writes = pairs.renounce(banned);
    const change = { incarnation, rolledBackAt: world.wallNow(), ...(found === undefined ? {} : { lost }) };
    lives.keep(change, writes, { kind: "rolledBack", ...lost, head: head ?? new Uint8Array(32) }, () => {
      if (halt === null) return then();
      halting.halt(halt, () => then());
    });
  }
}
