import { bytesToInteger, H, toScalar, u32be, XOF } from "@quorate/curves";
import { XI } from "../ot/parameters.ts";
import type { MultiplyParams } from "./params.ts";

/** Three values of one OT: for the two inputs, and for the check. */
export type Triple = readonly [bigint, bigint, bigint];

/** The public vector that Bob's choice bits are summed with: XI integers of 384 bits, uniform modulo the order. */
export function gadget({ domain, msid }: MultiplyParams): readonly bigint[] {
  const stream = XOF(domain, "mul/gadget", 48 * XI, msid);
  return Array.from({ length: XI }, (_, j) => bytesToInteger(stream.subarray(48 * j, 48 * j + 48)));
}

/** The pads of one OT, from a column of the extension. */
export function pads({ group, domain, msid }: MultiplyParams, j: number, column: Uint8Array): Triple {
  for (let counter = 0; ; counter++) {
    const retry = counter === 0 ? [] : [u32be(counter)];
    const bytes = XOF(domain, "ote/rand", 96, msid, u32be(j), column, ...retry);
    const values = [0, 32, 64].map((at) => bytesToInteger(bytes.subarray(at, at + 32)));
    if (values.every((value) => value < group.order)) return values as unknown as Triple;
  }
}

/** The challenges of the check: they bind all corrections and the message that these answer. */
export function challenges(
  { group, domain, msid }: MultiplyParams,
  message1: Uint8Array,
  tau: Uint8Array,
): readonly [bigint, bigint] {
  const digest = H(domain, "mul/theta", msid, H(domain, "mul/m1", message1), tau);
  const theta = (e: number) => toScalar(group, domain, "mul/th", digest, Uint8Array.of(e));
  return [theta(1), theta(2)];
}

/** The check value: a hash of one scalar per OT. */
export function checkValue({ group, domain, msid }: MultiplyParams, values: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(32 * XI);
  for (const [j, value] of values.entries()) bytes.set(group.encodeScalar(group.mod(value)), 32 * j);
  return H(domain, "mul/mu", msid, bytes);
}
