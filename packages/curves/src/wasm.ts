/**
 * As much of an assembler for WebAssembly as the kernels here need: straight-line arithmetic on many values in one memory, where a call
 * per value would cost more than the arithmetic. A kernel is one function of two addresses, put together by ordinary code as a list of bytes.
 */
export type Code = readonly number[];

/** LEB128. */
const unsigned = (n: number): Code => (n < 128 ? [n] : [(n % 128) | 128, ...unsigned(Math.floor(n / 128))]);
/** LEB128 of what is signed: the sixth bit of the last byte is the sign. Nothing here is negative. */
const signed = (n: number): Code => (n < 64 ? [n] : [(n % 128) | 128, ...signed(Math.floor(n / 128))]);

export const i32 = (n: number): Code => [0x41, ...signed(n)];
export const i64 = (n: number): Code => [0x42, ...signed(n)];
export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number): Code => [0x21, ...unsigned(local)];
export const tee = (local: number): Code => [0x22, ...unsigned(local)];
/** An instruction that reads or writes memory, at the address on the stack plus `offset`, with no promise of alignment. */
export const at = (operation: number, offset: number): Code => [operation, 0, ...unsigned(offset)];
/** An instruction on vectors of 128 bits. */
export const simd = (operation: number, ...immediates: Code): Code => [0xfd, ...unsigned(operation), ...immediates];
/** The same that reads or writes memory. */
export const simdAt = (operation: number, offset: number, ...immediates: Code): Code =>
  simd(operation, 0, ...unsigned(offset), ...immediates);

/** Adds `step` to an address, and starts again while it is below what `end` leaves on the stack. */
export function loop(content: Code, address: number, step: number, end: Code): Code {
  const again = [...get(address), ...i32(step), 0x6a, ...tee(address), ...end, 0x49, 0x0d, 0];
  return [0x03, 0x40, ...content, ...again, 0x0b];
}

/** The part of the engine's WebAssembly that is used here: the checker's libraries know it as a part of browsers only. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (
    module: object,
  ) => {
    readonly exports: { readonly m: { readonly buffer: ArrayBuffer }; readonly f: (from: number, end: number) => void };
  };
};

/** Types of locals. */
export const I32 = 0x7f;
export const I64 = 0x7e;
export const V128 = 0x7b;

/** A kernel and its memory. */
export interface Kernel {
  readonly memory: ArrayBuffer;
  readonly run: (from: number, end: number) => void;
}

/**
 * Compiles a function of two addresses, its locals 0 and 1.
 *
 * @param pages of memory, 64 KiB each
 * @param locals how many of which type come after the parameters
 */
export function compile(
  pages: number,
  locals: readonly (readonly [count: number, type: number])[],
  body: Code,
): Kernel {
  const list = (...items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
  const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content];
  const name = (letter: string): Code => [1, letter.charCodeAt(0)];
  const code = [...list(...locals.map(([count, type]) => [...unsigned(count), type])), ...body, 0x0b];
  const bytes = Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list([0x60, 2, I32, I32, 0])),
    ...section(3, list([0])),
    ...section(5, list([0, ...unsigned(pages)])),
    ...section(7, list([...name("m"), 2, 0], [...name("f"), 0, 0])),
    ...section(10, list([...unsigned(code.length), ...code])),
  ]);
  const { m, f } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
  return { memory: m.buffer, run: f };
}
