import {
  combineRows,
  type Group,
  H,
  integerToBytes,
  toScalar,
  u32be,
  XOF,
  XOF_BLOCK,
  xofBlocks,
} from "@quorate/curves";
import { otParameters } from "../ot/parameters.ts";
import type { MultiplyParams } from "./params.ts";
import { Residues } from "./residues.ts";

/** From one row of three scalars to the next. */
export const ROW_STRIDE = XOF_BLOCK;
const GADGET_BYTES = 48;

export const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

export const residuesOf = ({ order }: Group) => new Residues(integerToBytes(order, 32));

/** The public vector that choice bits are summed with: xi integers of 48 bytes, uniform modulo the order. */
export function gadget({ group, domain, msid }: MultiplyParams): Uint8Array {
  return XOF(domain, "mul/gadget", GADGET_BYTES * otParameters(group.backend).xi, msid);
}

/** The sum of the gadget where the mask of an index is -1, in the same time for all masks. */
export function maskedSum(gadget: Uint8Array, mask: (j: number) => number): bigint {
  const limbs = new Uint32Array(GADGET_BYTES / 2);
  const view = viewOf(gadget);
  for (let j = 0; j < gadget.length / GADGET_BYTES; j++) {
    const selected = mask(j);
    for (let at = 0; at < limbs.length; at++) limbs[at]! += view.getUint16(GADGET_BYTES * j + 2 * at) & selected;
  }
  return limbs.reduce((sum, value) => (sum << 16n) + BigInt(value), 0n);
}

/** The pads of every OT, from the columns of the extension: three scalars in the first 96 bytes of each row of `ROW_STRIDE`. */
export function pads({ group, domain, msid }: MultiplyParams, columns: Uint8Array): Uint8Array {
  const { xi, columnBytes } = otParameters(group.backend);
  const rows = xofBlocks(domain, "ote/rand", [msid], columns, undefined, columnBytes);
  const view = viewOf(rows);
  const residues = residuesOf(group);
  const uniform = (row: number) =>
    residues.isCanonical(view, row) && residues.isCanonical(view, row + 32) && residues.isCanonical(view, row + 64);
  for (let j = 0; j < xi; j++) {
    const row = j * ROW_STRIDE;
    const column = columns.subarray(j * columnBytes, (j + 1) * columnBytes);
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

/** The check value `mu`, a hash of `y3 + theta1 * y1 + theta2 * y2` for every row, and the sums of `gadget * y1` and `gadget * y2`. */
export function combine(
  { group, domain, msid }: MultiplyParams,
  rows: Uint8Array,
  gadget: Uint8Array,
  theta: readonly [bigint, bigint],
): { mu: Uint8Array; sum1: bigint; sum2: bigint } {
  const { sums, values } = combineRows(group.order, rows, gadget, theta);
  const mu = H(domain, "mul/mu", msid, values);
  values.fill(0);
  return { mu, sum1: group.mod(sums[0]), sum2: group.mod(sums[1]) };
}
