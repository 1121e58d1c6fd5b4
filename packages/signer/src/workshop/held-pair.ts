import type { Pair, PairSetup } from "@quorate/dkls23";

/** What this node holds of a pair, until a failed check burns it or another setup takes its place. */
export class HeldPair implements Pair {
  readonly setup: PairSetup;
  #burned = false;

  constructor(setup: PairSetup) {
    this.setup = setup;
  }

  /** Sessions that still refer to the pair look here before each use: nobody works with an erased setup. */
  get burned(): boolean {
    return this.#burned;
  }

  burn(): void {
    this.#burned = true;
    this.setup[Symbol.dispose]();
  }

  /** Another setup takes its place, or nobody wants it any more: erased in the same way, and nobody is to blame. */
  retire(): void {
    this.burn();
  }
}
