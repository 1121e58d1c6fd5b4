/**
 * Sums of products of many scalars of 256 bits at once. As bigints, a row as below takes 1.8 us, of which the arithmetic is the smallest part;
 * here it takes 0.3 us, and the same for all values: what is done does not depend on them.
 */
import { SHAKE256_RATE } from "./keccak-simd.ts";
import { at, type Code, compile, get, I32, I64, i32, i64, loop, set, tee } from "./wasm.ts";

const STRIDE = SHAKE256_RATE;
const WEIGHT_BYTES = 48;
/** Rows in memory at a time: a column of their sums takes up to 512 * 16 products of 48 bits. */
const BATCH = 512;

const [add, subtract, multiply] = [[0x7c], [0x7d], [0x7e]] as const;
const [and, or, xor] = [[0x83], [0x84], [0x85]] as const;
const shiftLeft = (bits: number): Code => [...i64(bits), 0x86];
const shiftRight = (bits: number): Code => [...i64(bits), 0x88];
const shiftSigned = (bits: number): Code => [...i64(bits), 0x87];
const low = (bits: number): Code => [...i64(2 ** bits - 1), ...and];
const load64 = (offset: number) => at(0x29, offset);
const load32 = (offset: number) => at(0x35, offset);
const load16 = (offset: number) => at(0x33, offset);
const store64 = (offset: number) => at(0x37, offset);
const store32 = (offset: number) => at(0x3e, offset);

// Memory. Scalars that come or go lie with the eight bytes of each quarter reversed, constants in words from the lowest.
const FACTORS = 0;
const ORDER = 64;
/** `2^(256 + 16 k)` modulo the order, for every limb that a sum of products has above 256 bits. */
const POWERS = 96;
const POWER_COUNT = 17;
const COLUMNS = 40;
const SUMS = POWERS + 32 * POWER_COUNT;
const WEIGHTS = SUMS + 2 * 8 * COLUMNS;
const VALUES = WEIGHTS + WEIGHT_BYTES * BATCH;
const ROWS = VALUES + 32 * BATCH;
const END_OF_ROWS = ROWS + STRIDE * BATCH;

/** Where the n-th limb of `size` bytes lies in a number of `length` bytes. */
const place = (n: number, size: number, length: number) => length - 8 - 8 * ((n * size) >> 3) + ((n * size) & 7);

// Locals: addresses, then limbs of 16 bits of the three scalars of a row, of 32 of its weight, of 16 of its value, and of 32 as it is reduced.
const [ROW, END, WEIGHT, VALUE] = [0, 1, 2, 3];
const y = (e: 0 | 1 | 2, k: number) => 4 + 16 * e + k;
const weight = (i: number) => 52 + i;
const limb = (c: number) => 64 + c;
const word = (i: number) => 97 + i;
const reduced = (i: number) => 105 + i;
const [CARRY, TEMPORARY] = [113, 114];
const INTEGERS = 111;

const range = (length: number) => Array.from({ length }, (_, n) => n);
/** Pairs of a word and a limb whose product counts in column c, of 16 bits. */
const pairs = (c: number, words: number) =>
  range(words).flatMap((i) => (c - 2 * i >= 0 && c - 2 * i < 16 ? [[i, c - 2 * i] as const] : []));

/** Keeps the lowest bits of what is on the stack, and carries the others on. */
const keep = (local: number, bits: number): Code => [
  ...[...tee(TEMPORARY), ...low(bits), ...set(local)],
  ...[...get(TEMPORARY), ...shiftRight(bits), ...set(CARRY)],
];
const noCarry: Code = [...i64(0), ...set(CARRY)];

function loadRow(): Code {
  const scalars = ([0, 1, 2] as const).flatMap((e) =>
    range(16).flatMap((k) => [...get(ROW), ...load16(32 * e + place(k, 2, 32)), ...set(y(e, k))]),
  );
  const words = range(12).flatMap((i) => [...get(WEIGHT), ...load32(place(i, 4, WEIGHT_BYTES)), ...set(weight(i))]);
  return [...scalars, ...words];
}

/** Adds the weight times y1, and times y2, to the columns of the sums, which are carried on only in the end. */
function accumulate(): Code {
  return ([0, 1] as const).flatMap((e) =>
    range(2 * 11 + 16).flatMap((c) => {
      const column = SUMS + 8 * (COLUMNS * e + c);
      const products = pairs(c, 12).flatMap(([i, k]) => [...get(weight(i)), ...get(y(e, k)), ...multiply, ...add]);
      return [...i32(0), ...i32(0), ...load64(column), ...products, ...store64(column)];
    }),
  );
}

/** `factor1 * y1 + factor2 * y2 + y3`, as 33 limbs. */
function sumOfProducts(): Code {
  const columns = range(30).flatMap((c) => {
    const products = ([0, 1] as const).flatMap((e) =>
      pairs(c, 8).flatMap(([i, k]) => {
        return [...i32(0), ...load32(FACTORS + 32 * e + 4 * i), ...get(y(e, k)), ...multiply, ...add];
      }),
    );
    const start = [...get(CARRY), ...(c < 16 ? [...get(y(2, c)), ...add] : [])];
    return [...start, ...products, ...keep(limb(c), 16)];
  });
  const rest = [30, 31].flatMap((c) => [...get(CARRY), ...keep(limb(c), 16)]);
  return [...noCarry, ...columns, ...rest, ...get(CARRY), ...set(limb(32))];
}

/**
 * Reduces it. The limbs above 256 bits times their powers leave less than 2^22 above; that once more leaves less than twice the order, if
 * the order is so near to 2^256; and then the order is subtracted or not.
 */
function reduce(): Code {
  const power = (k: number, i: number) => [...i32(0), ...load32(POWERS + 32 * k + 4 * i)];
  const first = range(8).flatMap((i) => {
    const high = range(POWER_COUNT).flatMap((k) => [...get(limb(16 + k)), ...power(k, i), ...multiply, ...add]);
    const own = [...get(limb(2 * i)), ...get(limb(2 * i + 1)), ...shiftLeft(16), ...or];
    return [...get(CARRY), ...own, ...add, ...high, ...keep(word(i), 32)];
  });
  const second = range(8).flatMap((i) => {
    const high = [...get(limb(0)), ...power(0, i), ...multiply, ...add];
    return [...get(CARRY), ...get(word(i)), ...add, ...high, ...keep(word(i), 32)];
  });
  const third = range(8).flatMap((i) => {
    const difference = [...get(limb(1)), ...get(word(i)), ...add, ...i32(0), ...load32(ORDER + 4 * i), ...subtract];
    const borrow = [...get(TEMPORARY), ...shiftSigned(32), ...set(limb(1))];
    return [...difference, ...tee(TEMPORARY), ...low(32), ...set(reduced(i)), ...borrow];
  });
  // The limbs have served: 0 is what is above, 1 the borrow and then -1 where the number was below the order.
  const below = [...get(CARRY), ...get(limb(1)), ...add, ...set(limb(1))];
  const toSecond = [...get(CARRY), ...set(limb(0)), ...noCarry];
  return [...noCarry, ...first, ...toSecond, ...second, ...i64(0), ...set(limb(1)), ...third, ...below];
}

function storeValue(): Code {
  return range(8).flatMap((i) => {
    const other = [...get(reduced(i)), ...get(word(i)), ...xor, ...get(limb(1)), ...and];
    return [...get(VALUE), ...get(reduced(i)), ...other, ...xor, ...store32(place(i, 4, 32))];
  });
}

function body(): Code {
  const next = (address: number, step: number): Code => [...get(address), ...i32(step), 0x6a, ...set(address)];
  const row = [...loadRow(), ...accumulate(), ...sumOfProducts(), ...reduce(), ...storeValue()];
  const steps = [...next(WEIGHT, WEIGHT_BYTES), ...next(VALUE, 32)];
  const start = [...i32(WEIGHTS), ...set(WEIGHT), ...i32(VALUES), ...set(VALUE)];
  return [...start, ...loop([...row, ...steps], ROW, STRIDE, get(END))];
}

const { memory, run } = compile(
  Math.ceil(END_OF_ROWS / 65536),
  [
    [2, I32],
    [INTEGERS, I64],
  ],
  body(),
);
const all = Buffer.from(memory);
const columns = new BigUint64Array(memory, SUMS, 2 * COLUMNS);

function putWords(value: bigint, offset: number): void {
  for (let i = 0; i < 8; i++) all.writeUInt32LE(Number((value >> BigInt(32 * i)) & 0xffffffffn), offset + 4 * i);
}

/** What of an order the kernel needs. */
const tables = new Map<bigint, Uint8Array>();

function putOrder(order: bigint): void {
  const known = tables.get(order);
  if (known !== undefined) return void all.set(known, ORDER);
  const above = (1n << 256n) - order;
  if (above <= 0n || above >= 1n << 230n) throw new Error("the order is not just below 2^256");
  putWords(order, ORDER);
  for (let k = 0; k < POWER_COUNT; k++) putWords((1n << BigInt(256 + 16 * k)) % order, POWERS + 32 * k);
  tables.set(order, Uint8Array.from(all.subarray(ORDER, SUMS)));
}

/** Sums over all rows, and a value for each. */
export interface CombinedRows {
  /** Of `weight * y1` and of `weight * y2`, not reduced. */
  readonly sums: readonly [bigint, bigint];
  /** `y3 + factor1 * y1 + factor2 * y2` modulo the order: 32 bytes, big-endian, for each row. */
  readonly values: Uint8Array;
}

/**
 * Combines rows of three scalars y1, y2, y3.
 *
 * @param order between `2^256 - 2^230` and 2^256
 * @param rows three integers of 32 bytes, big-endian, at the beginning of each 136 bytes: as `xofBlocks` leaves them
 * @param weights an integer of 48 bytes for each row
 * @param factors below 2^256
 */
export function combineRows(
  order: bigint,
  rows: Uint8Array,
  weights: Uint8Array,
  factors: readonly [bigint, bigint],
): CombinedRows {
  const count = rows.length / STRIDE;
  const values = new Uint8Array(32 * count);
  const sums: [bigint, bigint] = [0n, 0n];
  putOrder(order);
  putWords(factors[0], FACTORS);
  putWords(factors[1], FACTORS + 32);
  for (let from = 0; from < count; from += BATCH) {
    const some = Math.min(BATCH, count - from);
    all.set(rows.subarray(STRIDE * from, STRIDE * (from + some)), ROWS);
    all.set(weights.subarray(WEIGHT_BYTES * from, WEIGHT_BYTES * (from + some)), WEIGHTS);
    all.subarray(ROWS, ROWS + STRIDE * some).swap64();
    all.subarray(WEIGHTS, WEIGHTS + WEIGHT_BYTES * some).swap64();
    run(ROWS, ROWS + STRIDE * some);
    values.set(all.subarray(VALUES, VALUES + 32 * some).swap64(), 32 * from);
    for (const e of [0, 1] as const)
      for (let c = COLUMNS - 1, sum = 0n; c >= 0; c--) {
        sum = (sum << 16n) + columns[COLUMNS * e + c]!;
        if (c === 0) sums[e] += sum;
      }
    all.fill(0, SUMS);
  }
  return { sums, values };
}
