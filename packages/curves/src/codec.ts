import { Writer } from "./writer.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A byte string that does not have the agreed form. `field` is the path to the offending part, as in `order.signers[2]`. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
  readonly field: string;
  constructor(field: string, problem: string) {
    super(field === "" ? problem : `${field}: ${problem}`);
    this.field = field;
  }
}

/**
 * Encodes and decodes values of one type. Every codec is strict: one encoding per value, exact lengths, bounded lists.
 * `encode` refuses what `decode` would refuse.
 */
export interface Codec<T> {
  write(out: Writer, value: T): void;
  read(from: Reader): T;
}

/** The type that a codec carries. */
export type Value<C> = C extends Codec<infer T> ? T : never;

/** A cursor over received bytes. Byte strings that it returns are views, not copies. */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #path: (string | number)[] = [];
  #at = 0;
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }
  /** How many bytes have been read. */
  get position(): number {
    return this.#at;
  }
  take(length: number): Uint8Array {
    const from = this.#advance(length);
    return this.#bytes.subarray(from, this.#at);
  }
  uint(size: number): number {
    const from = this.#advance(size);
    let value = 0;
    for (let at = from; at < this.#at; at++) value = value * 256 + this.#bytes[at]!;
    return value;
  }
  #advance(length: number): number {
    const from = this.#at;
    if (from + length > this.#bytes.length) this.fail(`needs ${length} bytes, ${this.#bytes.length - from} are left`);
    this.#at = from + length;
    return from;
  }
  /** Reads a part under a name, or its place in a list, so that an error can say where it was. */
  within<T>(name: string | number, codec: Codec<T>): T {
    this.#path.push(name);
    const value = codec.read(this);
    this.#path.pop();
    return value;
  }
  fail(problem: string): never {
    const path = this.#path.map((name) => (typeof name === "number" ? `[${name}]` : name)).join("");
    throw new DecodeError(path.replace(/^\./, ""), problem);
  }
  end(): void {
    if (this.#at !== this.#bytes.length) this.fail(`${this.#bytes.length - this.#at} bytes follow the end`);
  }
}

/** Those that nobody writes to now. An encoding may need another on its way. */
const spare: Writer[] = [];

/** What `use` makes of the encoding of `value`; it stands there only meanwhile. */
export function encoding<T, R>(codec: Codec<T>, value: T, use: (bytes: Uint8Array) => R): R {
  const out = spare.pop() ?? new Writer();
  try {
    codec.write(out, value);
    return use(out.written);
  } finally {
    if (out.wipe()) spare.push(out);
  }
}

/** Encodes `value` into one buffer. */
export function encode<T>(codec: Codec<T>, value: T): Uint8Array {
  return encoding(codec, value, (bytes) => bytes.slice());
}

/**
 * Decodes all of `bytes`.
 *
 * @throws DecodeError naming the field, on any departure from the one encoding
 */
export function decode<T>(codec: Codec<T>, bytes: Uint8Array): T {
  const reader = new Reader(bytes);
  const value = codec.read(reader);
  reader.end();
  return value;
}

/** @throws DecodeError for what is no such integer */
function putUint(out: Writer, size: number, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0 || value >= 256 ** size) {
    throw new DecodeError("", `${value} is not an unsigned integer of ${size} bytes`);
  }
  out.uint(size, value);
}

function uint(size: number): Codec<number> {
  return {
    write: (out, value) => putUint(out, size, value),
    read(from) {
      const value = from.uint(size);
      if (!Number.isSafeInteger(value)) from.fail("integer above 2^53 - 1");
      return value;
    },
  };
}

/** Unsigned integers, big-endian. `u64` carries at most 2^53 - 1. */
export const u8 = uint(1);
export const u16 = uint(2);
export const u32 = uint(4);
export const u64 = uint(8);

/** Exactly `length` bytes, no prefix. */
export function fixed(length: number): Codec<Uint8Array> {
  return {
    write(out, value) {
      if (value.length !== length) throw new DecodeError("", `${value.length} bytes where ${length} belong`);
      out.push(value);
    },
    read: (from) => from.take(length),
  };
}

/** Up to `max` bytes behind a 4-byte length. */
export function bytes(max: number): Codec<Uint8Array> {
  return {
    write(out, value) {
      if (value.length > max) throw new DecodeError("", `${value.length} bytes, at most ${max} are allowed`);
      out.uint(4, value.length);
      out.push(value);
    },
    read(from) {
      const length = from.uint(4);
      if (length > max) from.fail(`${length} bytes, at most ${max} are allowed`);
      return from.take(length);
    },
  };
}

/** UTF-8 text of at most `max` bytes behind a 4-byte length. */
export function text(max: number): Codec<string> {
  const inner = bytes(max);
  return {
    write(out, value) {
      if (!value.isWellFormed()) throw new DecodeError("", "text with half a surrogate pair has no UTF-8");
      const length = out.text(value);
      if (length > max) throw new DecodeError("", `${length} bytes, at most ${max} are allowed`);
    },
    read(from) {
      const raw = inner.read(from);
      try {
        return decoder.decode(raw);
      } catch {
        return from.fail("not UTF-8");
      }
    },
  };
}

/** `true` is 1, `false` is 0; nothing else. */
export const flag: Codec<boolean> = {
  write: (out, value) => out.uint(1, value ? 1 : 0),
  read(from) {
    const value = from.uint(1);
    return value === 1 || (value !== 0 && from.fail("a flag is 0 or 1"));
  },
};

function items<T>(from: Reader, item: Codec<T>, count: number): readonly T[] {
  const read: T[] = [];
  for (let at = 0; at < count; at++) read.push(from.within(at, item));
  return read;
}

/** At most `max` items behind a 4-byte count. */
export function list<T>(item: Codec<T>, max: number): Codec<readonly T[]> {
  return {
    write(out, value) {
      if (value.length > max) throw new DecodeError("", `${value.length} items, at most ${max} are allowed`);
      out.uint(4, value.length);
      for (const element of value) item.write(out, element);
    },
    read(from) {
      const count = from.uint(4);
      if (count > max) from.fail(`${count} items, at most ${max} are allowed`);
      return items(from, item, count);
    },
  };
}

/** Exactly `count` items, no prefix. */
export function tuple<T>(item: Codec<T>, count: number): Codec<readonly T[]> {
  return {
    write(out, value) {
      if (value.length !== count) throw new DecodeError("", `${value.length} items where ${count} belong`);
      for (const element of value) item.write(out, element);
    },
    read: (from) => items(from, item, count),
  };
}

/** A value or `null`, behind a flag. */
export function nullable<T>(inner: Codec<T>): Codec<T | null> {
  return {
    write(out, value) {
      flag.write(out, value !== null);
      if (value !== null) inner.write(out, value);
    },
    read: (from) => (flag.read(from) ? inner.read(from) : null),
  };
}

/** The members in the order in which they are written here. */
export function struct<S extends Record<string, Codec<unknown>>>(
  members: S,
): Codec<{ readonly [K in keyof S]: Value<S[K]> }> {
  const entries = (Object.entries(members) as [string, Codec<unknown>][]).map(([name, codec]) => {
    return { name, codec, path: `.${name}` };
  });
  return {
    write(out, value) {
      for (const { name, codec } of entries) codec.write(out, (value as Record<string, unknown>)[name]);
    },
    read(from) {
      const value: Record<string, unknown> = {};
      for (const { name, codec, path } of entries) value[name] = from.within(path, codec);
      return value as { readonly [K in keyof S]: Value<S[K]> };
    },
  };
}

/** One of several structs, told apart by `kind`; on the wire one byte, the place of the kind in `kinds`. */
export function union<S extends Record<string, Codec<unknown>>>(
  kinds: S,
): Codec<{ [K in keyof S & string]: { readonly kind: K } & Value<S[K]> }[keyof S & string]> {
  type Any = { [K in keyof S & string]: { readonly kind: K } & Value<S[K]> }[keyof S & string];
  const entries = Object.entries(kinds) as [string, Codec<unknown>][];
  const paths = entries.map(([kind]) => `(${kind})`);
  const tags = new Map(entries.map(([kind], at) => [kind, at]));
  return {
    write(out, value) {
      const tag = tags.get(value.kind);
      if (tag === undefined) throw new DecodeError("kind", `unknown kind ${String(value.kind)}`);
      u8.write(out, tag);
      entries[tag]![1].write(out, value);
    },
    read(from) {
      const tag = from.uint(1);
      const entry = entries[tag];
      if (entry === undefined) return from.fail(`unknown kind ${tag}`);
      return { kind: entry[0], ...(from.within(paths[tag]!, entry[1]) as object) } as Any;
    },
  };
}

/** One of a closed list of words; on the wire one byte, its place in the list. */
export function choice<const W extends string>(words: readonly W[]): Codec<W> {
  return {
    write(out, value) {
      const at = words.indexOf(value);
      if (at < 0) throw new DecodeError("", `unknown word ${value}`);
      u8.write(out, at);
    },
    read: (from) => words[from.uint(1)] ?? from.fail("unknown word"),
  };
}

/** A codec of a type that is represented by another: `into` may throw to refuse. */
export function mapped<A, B>(inner: Codec<A>, into: (value: A) => B, back: (value: B) => A): Codec<B> {
  return {
    write: (out, value) => inner.write(out, back(value)),
    read(from) {
      const raw = inner.read(from);
      try {
        return into(raw);
      } catch (error) {
        return from.fail((error as Error).message);
      }
    },
  };
}
