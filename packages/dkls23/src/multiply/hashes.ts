import { type Group, H, toScalar, u32be, XOF, XOF_BLOCK, xofBlocks } from "@quorate/curves";
import { COLUMN_BYTES, XI } from "../ot/parameters.ts";
import type { MultiplyParams } from "./params.ts";
import { Residues } from "./residues.ts";

/** From one row of three scalars to the next. */
export const ROW_STRIDE = XOF_BLOCK;
const GADGET_BYTES = 48;

export const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

export const residuesOf = (group: Group) => new Residues(viewable(group.order));

function viewable(value: bigint): Uint8Array {
  const bytes = new Uint8Array(32);
  writeScalar(viewOf(bytes), 0, value);
  return bytes;
}

/** Half the time of going through hexadecimal digits. */
function readScalar(view: DataView, at: number): bigint {
  const high = (view.getBigUint64(at) << 64n) | view.getBigUint64(at + 8);
  return (high << 128n) | (view.getBigUint64(at + 16) << 64n) | view.getBigUint64(at + 24);
}

function writeScalar(view: DataView, at: number, value: bigint): void {
  view.setBigUint64(at, value >> 192n);
  view.setBigUint64(at + 8, value >> 128n);
  view.setBigUint64(at + 16, value >> 64n);
  view.setBigUint64(at + 24, value);
}

/** The public vector that choice bits are summed with: XI integers of 48 bytes, uniform modulo the order. */
export function gadget({ domain, msid }: MultiplyParams): Uint8Array {
  return XOF(domain, "mul/gadget", GADGET_BYTES * XI, msid);
}

/** The sum of the gadget where the mask of an index is -1, in the same time for all masks. */
export function maskedSum(gadget: Uint8Array, mask: (j: number) => number): bigint {
  const limbs = new Uint32Array(GADGET_BYTES / 2);
  const view = viewOf(gadget);
  for (let j = 0; j < XI; j++) {
    const selected = mask(j);
    for (let at = 0; at < limbs.length; at++) limbs[at]! += view.getUint16(GADGET_BYTES * j + 2 * at) & selected;
  }
  return limbs.reduce((sum, value) => (sum << 16n) + BigInt(value), 0n);
}

/** The pads of every OT, from the columns of the extension: three scalars in the first 96 bytes of each row of `ROW_STRIDE`. */
export function pads({ group, domain, msid }: MultiplyParams, columns: Uint8Array): Uint8Array {
  const rows = xofBlocks(domain, "ote/rand", [msid], columns);
  const view = viewOf(rows);
  const residues = residuesOf(group);
  const uniform = (row: number) => [0, 32, 64].every((at) => residues.isCanonical(view, row + at));
  for (let j = 0; j < XI; j++) {
    const row = j * ROW_STRIDE;
    const column = columns.subarray(j * COLUMN_BYTES, (j + 1) * COLUMN_BYTES);
    // Never on secp256k1, for one row in 10^9 on P-256: such a pad would show that its scalar is small.
    for (let counter = 1; !uniform(row); counter++)
      rows.set(XOF(domain, "ote/rand", 96, msid, u32be(j), column, u32be(counter)), row);
  }
  return rows;
}

/** The challenges of the check. They bind all corrections: who knew them before fixing those could use another input at every index. */
export function challenges(
  { group, domain, msid }: MultiplyParams,
  message1: Uint8Array,
  tau: Uint8Array,
): readonly [bigint, bigint] {
  const digest = H(domain, "mul/theta", msid, H(domain, "mul/m1", message1), tau);
  const theta = (e: number) => toScalar(group, domain, "mul/th", digest, Uint8Array.of(e));
  return [theta(1), theta(2)];
}

/**
 * The check value `mu`, a hash of `y3 + theta1 * y1 + theta2 * y2` for every row, and the sums of `gadget * y1` and `gadget * y2`.
 * Reduced only where it must be.
 */
export function combine(
  { group, domain, msid }: MultiplyParams,
  rows: Uint8Array,
  gadget: Uint8Array,
  [theta1, theta2]: readonly [bigint, bigint],
): { mu: Uint8Array; sum1: bigint; sum2: bigint } {
  const view = viewOf(rows);
  const slices = viewOf(gadget);
  const values = new Uint8Array(32 * XI);
  const out = viewOf(values);
  let [sum1, sum2] = [0n, 0n];
  for (let j = 0; j < XI; j++) {
    const row = j * ROW_STRIDE;
    const y1 = readScalar(view, row);
    const y2 = readScalar(view, row + 32);
    const slice = GADGET_BYTES * j;
    const g =
      (readScalar(slices, slice) << 128n) | (slices.getBigUint64(slice + 32) << 64n) | slices.getBigUint64(slice + 40);
    sum1 += g * y1;
    sum2 += g * y2;
    writeScalar(out, 32 * j, (readScalar(view, row + 64) + theta1 * y1 + theta2 * y2) % group.order);
  }
  const mu = H(domain, "mul/mu", msid, values);
  values.fill(0);
  return { mu, sum1: group.mod(sum1), sum2: group.mod(sum2) };
}
