import { constantTimeEqual, DecodeError, type Random } from "@quorate/curves";
import type { BobSeeds } from "../ot/base.ts";
import { EXTENSION_BYTES, extend } from "../ot/extension.ts";
import { COLUMN_BYTES, ROW_BYTES, XI } from "../ot/parameters.ts";
import { challenges, checkValue, gadget, pads } from "./hashes.ts";
import { FailedCheck, type MultiplyParams } from "./params.ts";

export const MESSAGE_1_BYTES = EXTENSION_BYTES;
export const MESSAGE_2_BYTES = 96 * XI + 64;

/** Bob between his message and Alice's. */
export interface BobRun extends Disposable {
  readonly params: MultiplyParams;
  /** Bob's random scalar. */
  readonly chi: bigint;
  readonly choices: Uint8Array;
  readonly columns: Uint8Array;
  readonly message1: Uint8Array;
}

const bit = (packed: Uint8Array, at: number) => (packed[at >> 3]! >> (at & 7)) & 1;

/** Message 1 and what Bob keeps. */
export function bobBegin(
  params: MultiplyParams,
  seeds: BobSeeds,
  random: Random,
): { message: Uint8Array; run: BobRun } {
  const choices = Uint8Array.from(random(ROW_BYTES));
  const { message, columns } = extend(params, seeds, choices);
  const chi = params.group.mod(gadget(params).reduce((sum, g, j) => sum + g * BigInt(bit(choices, j)), 0n));
  const wipe = () => {
    choices.fill(0);
    columns.fill(0);
  };
  return { message, run: { params, chi, choices, columns, message1: message, [Symbol.dispose]: wipe } };
}

/** Bob's outputs. @throws DecodeError at a scalar that is not canonical @throws FailedCheck */
export function bobFinish(run: BobRun, message2: Uint8Array): { d1: bigint; d2: bigint } {
  const { params, choices, columns, message1 } = run;
  const { group } = params;
  if (message2.length !== MESSAGE_2_BYTES)
    throw new DecodeError("", `${message2.length} bytes where ${MESSAGE_2_BYTES} belong`);
  const tau = message2.subarray(0, 96 * XI);
  const scalar = (at: number) => {
    try {
      return group.decodeScalar(message2.subarray(at, at + 32));
    } catch (error) {
      throw new DecodeError("", (error as Error).message);
    }
  };
  const [theta1, theta2] = challenges(params, message1, tau);
  const eta = scalar(96 * XI);
  const checked: bigint[] = [];
  let [d1, d2] = [0n, 0n];
  for (const [j, g] of gadget(params).entries()) {
    const beta = BigInt(bit(choices, j));
    const [p1, p2, p3] = pads(params, j, columns.subarray(j * COLUMN_BYTES, (j + 1) * COLUMN_BYTES));
    const y1 = p1 + beta * scalar(96 * j);
    const y2 = p2 + beta * scalar(96 * j + 32);
    const y3 = p3 + beta * scalar(96 * j + 64);
    checked.push(y3 + theta1 * y1 + theta2 * y2 - beta * eta);
    d1 += g * y1;
    d2 += g * y2;
  }
  if (!constantTimeEqual(checkValue(params, checked), message2.subarray(96 * XI + 32)))
    throw new FailedCheck("multiplication");
  return { d1: group.mod(d1), d2: group.mod(d2) };
}
