import type { ActiveFault, Fault } from "./fault.ts";

/** The faults in force at one node and what each has it do, in the order in which they were injected. */
export class Injected<Of extends Fault, Lie> {
  readonly #make: (fault: Of) => Lie;
  readonly #active = new Map<string, { readonly fault: Of; readonly lie: Lie }>();

  constructor(make: (fault: Of) => Lie) {
    this.#make = make;
  }

  /** @param id one that is in force already is replaced, and begins anew */
  inject(id: string, fault: Of): void {
    this.#active.delete(id);
    this.#active.set(id, { fault, lie: this.#make(fault) });
  }

  /** Ends one, or all. */
  clear(id?: string): void {
    if (id === undefined) this.#active.clear();
    else this.#active.delete(id);
  }

  get active(): readonly (ActiveFault & { readonly fault: Of })[] {
    return [...this.#active].map(([id, { fault }]) => ({ id, fault }));
  }

  get lies(): readonly Lie[] {
    return [...this.#active.values()].map((one) => one.lie);
  }
}
