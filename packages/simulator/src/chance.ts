import { sha256 } from "@quorate/curves";

const WORD = 2 ** 32;

/** All chance of a run, from its seed: small fast counter generator (sfc32). The same seed gives the same numbers for ever. */
export class Chance {
  readonly #seed: string;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: string) {
    const hash = sha256(new TextEncoder().encode(seed));
    const view = new DataView(hash.buffer, hash.byteOffset);
    this.#seed = seed;
    this.#a = view.getUint32(0) | 0;
    this.#b = view.getUint32(4) | 0;
    this.#c = view.getUint32(8) | 0;
    for (let at = 0; at < 12; at++) this.#word();
  }

  /** A stream of its own, so that what draws more here moves nothing there. */
  fork(name: string): Chance {
    return new Chance(`${this.#seed}/${name}`);
  }

  /** In [0, 1), 53 bits. */
  uniform(): number {
    return ((this.#word() >>> 5) * 2 ** 26 + (this.#word() >>> 6)) / 2 ** 53;
  }

  /** In `[from, to)`. */
  between(from: number, to: number): number {
    return from + this.uniform() * (to - from);
  }

  /** From 0 below `count`. */
  integer(count: number): number {
    return Math.floor((this.#word() / WORD) * count);
  }

  happens(probability: number): boolean {
    return this.uniform() < probability;
  }

  /** @throws RangeError for nothing to pick from */
  pick<T>(from: readonly T[]): T {
    if (from.length === 0) throw new RangeError("nothing to pick from");
    return from[this.integer(from.length)] as T;
  }

  /** `count` different ones, in chance order; all of them when there are fewer. */
  sample<T>(from: readonly T[], count: number): T[] {
    const rest = [...from];
    const picked: T[] = [];
    while (picked.length < count && rest.length > 0) picked.push(...rest.splice(this.integer(rest.length), 1));
    return picked;
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 4) {
      const word = this.#word();
      for (let byte = 0; byte < 4 && at + byte < length; byte++) bytes[at + byte] = word >>> (8 * byte);
    }
    return bytes;
  }

  #word(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
}
