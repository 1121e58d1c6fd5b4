import { Agenda } from "./agenda.ts";

/** Virtual time: it passes only from one happening to the next. */
export class Timeline {
  readonly #agenda = new Agenda();
  #now = 0;

  /** Milliseconds since the beginning. */
  get now(): number {
    return this.#now;
  }

  /** When the next is due; `undefined` for none. */
  get nextAt(): number | undefined {
    return this.#agenda.nextAt;
  }

  /** Runs something later; what is due at one time runs in the order in which it was entered. */
  after(delayMs: number, run: () => void): void {
    this.#agenda.add(this.#now + Math.max(0, delayMs), run);
  }

  /** Lets the next happen. @returns whether there was one */
  step(): boolean {
    const next = this.#agenda.next();
    if (next === undefined) return false;
    this.#now = Math.max(this.#now, next.at);
    next.run();
    return true;
  }

  /** Lets `ms` pass, with all that happens in it. */
  pass(ms: number): void {
    const end = this.#now + ms;
    while (this.#agenda.nextAt !== undefined && this.#agenda.nextAt <= end) this.step();
    this.#now = end;
  }

  /** Lets things happen until `done`, for `boundMs` at most. @returns whether it is done */
  until(done: () => boolean, boundMs: number): boolean {
    const end = this.#now + boundMs;
    while (!done()) {
      const { nextAt } = this.#agenda;
      if (nextAt === undefined || nextAt > end) return false;
      this.step();
    }
    return true;
  }
}
