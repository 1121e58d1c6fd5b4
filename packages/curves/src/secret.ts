import { inspect } from "node:util";

/**
 * Bytes that must not be printed, logged or serialised, and that are overwritten when done with.
 *
 * What this promises: the buffer is zeroed by `wipe` or at the end of a `using` block, and no log, error or JSON shows it.
 * What JavaScript cannot promise: the engine may have copied the bytes before, and values derived from them (bigints, strings)
 * stay in memory until collected.
 */
export class Secret implements Disposable {
  readonly #bytes: Uint8Array;
  #wiped = false;

  /** Takes over `bytes`: the caller must not keep another reference. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get length(): number {
    return this.#bytes.length;
  }

  /** The bytes themselves, not a copy. @throws Error once wiped */
  expose(): Uint8Array {
    if (this.#wiped) throw new Error("secret used after it was wiped");
    return this.#bytes;
  }

  wipe(): void {
    this.#bytes.fill(0);
    this.#wiped = true;
  }

  [Symbol.dispose](): void {
    this.wipe();
  }
  toString(): string {
    return "[secret]";
  }
  toJSON(): string {
    return "[secret]";
  }
  [inspect.custom](): string {
    return "[secret]";
  }
}
