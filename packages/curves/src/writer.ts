const encoder = new TextEncoder();

/** The largest that is kept for the next encoding, bytes. */
const MAX_KEPT = 1 << 16;

/** Where encodings are written, one part after another: memory of its own for every part takes longer than to write it. */
export class Writer {
  #bytes = new Uint8Array(1024);
  #length = 0;

  /** What was written so far: a view. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  push(bytes: Uint8Array): void {
    const at = this.#advance(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** @param value an integer that fits `size` bytes; written big-endian */
  uint(size: number, value: number): void {
    let at = this.#advance(size) + size;
    let rest = value;
    for (let count = Math.max(0, size - 4); count > 0; count--) {
      this.#bytes[--at] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    for (let count = Math.min(size, 4); count > 0; count--) {
      this.#bytes[--at] = rest;
      rest >>>= 8;
    }
  }

  /** UTF-8 behind a 4-byte length. @returns that length */
  text(value: string): number {
    const before = this.#advance(4 + 3 * value.length);
    const length = this.#plain(before + 4, value) ?? this.#encoded(before + 4, value);
    this.#length = before;
    this.uint(4, length);
    this.#length += length;
    return length;
  }

  /** Most texts are short and plain: for these the encoder is slow. @returns `undefined` for any other */
  #plain(from: number, value: string): number | undefined {
    const { length } = value;
    if (length > 64) return undefined;
    for (let at = 0; at < length; at++) {
      const unit = value.charCodeAt(at);
      if (unit > 127) return undefined;
      this.#bytes[from + at] = unit;
    }
    return length;
  }

  #encoded(from: number, value: string): number {
    return encoder.encodeInto(value, this.#bytes.subarray(from)).written;
  }

  /** Forgets all of it: it may be secret. @returns whether this one is small enough to be used again */
  wipe(): boolean {
    this.#bytes.fill(0, 0, this.#length);
    this.#length = 0;
    return this.#bytes.length <= MAX_KEPT;
  }

  /** Makes room. @returns where it begins */
  #advance(length: number): number {
    const from = this.#length;
    this.#length = from + length;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(2 * this.#length);
      grown.set(this.#bytes.subarray(0, from));
      this.#bytes.fill(0);
      this.#bytes = grown;
    }
    return from;
  }
}
