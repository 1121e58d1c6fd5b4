/** Something that is worked out once, before it is asked for if there is time: an error of it is thrown where it is asked for. */
export class Ahead<T> {
  readonly #make: () => T;
  #made: { readonly value: T } | { readonly error: unknown } | undefined;

  constructor(make: () => T) {
    this.#make = make;
  }

  begin(): void {
    this.#made ??= settled(this.#make);
  }

  get result(): T {
    this.#made ??= settled(this.#make);
    if ("error" in this.#made) throw this.#made.error;
    return this.#made.value;
  }
}

function settled<T>(make: () => T): { readonly value: T } | { readonly error: unknown } {
  try {
    return { value: make() };
  } catch (error) {
    return { error };
  }
}
