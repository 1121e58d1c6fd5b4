import { DecodeError, type Random, randomScalar } from "@quorate/curves";
import type { AliceSeeds } from "../ot/base.ts";
import { checkExtension } from "../ot/extension.ts";
import { COLUMN_BYTES, XI } from "../ot/parameters.ts";
import { MESSAGE_1_BYTES, MESSAGE_2_BYTES, TAU_BYTES } from "./bob.ts";
import { challenges, combine, gadget, pads, ROW_STRIDE, residuesOf, viewOf } from "./hashes.ts";
import { FailedCheck, type MultiplyParams } from "./params.ts";

/** Alice after her check of Bob's message. */
export interface AliceRun extends Disposable {
  readonly params: MultiplyParams;
  readonly delta: Uint8Array;
  readonly columns: Uint8Array;
  readonly message1: Uint8Array;
}

/** The check of Bob's message: nothing may be sent before it, and nothing to Bob after it has failed. @throws FailedCheck @throws DecodeError */
export function aliceCheck(params: MultiplyParams, seeds: AliceSeeds, message1: Uint8Array): AliceRun {
  if (message1.length !== MESSAGE_1_BYTES)
    throw new DecodeError("", `${message1.length} bytes where ${MESSAGE_1_BYTES} belong`);
  const columns = checkExtension(params, seeds, message1);
  if (columns === undefined) throw new FailedCheck("extension");
  // A copy: were the setup erased in between, corrections with a delta of zeros would show the inputs.
  const delta = seeds.delta.slice();
  const wipe = () => {
    delta.fill(0);
    columns.fill(0);
  };
  return { params, delta, columns, message1, [Symbol.dispose]: wipe };
}

/** Message 2 and Alice's outputs for her inputs `a1` and `a2`. */
export function aliceAnswer(
  run: AliceRun,
  a1: bigint,
  a2: bigint,
  random: Random,
): { message: Uint8Array; c1: bigint; c2: bigint } {
  const { params, delta, columns, message1 } = run;
  const { group } = params;
  const e = randomScalar(group, random);
  const inputs = new Uint8Array(96);
  for (const [at, input] of [a1, a2, e].entries()) inputs.set(group.encodeScalar(input), 32 * at);
  const message = new Uint8Array(MESSAGE_2_BYTES);
  const zeros = pads(params, columns);
  const shifted = columns.slice();
  for (let at = 0; at < shifted.length; at++) shifted[at]! ^= delta[at % COLUMN_BYTES]!;
  const ones = pads(params, shifted);
  const residues = residuesOf(group);
  const [out, zero, one, input] = [message, zeros, ones, inputs].map(viewOf) as [
    DataView,
    DataView,
    DataView,
    DataView,
  ];
  for (let j = 0; j < XI; j++) {
    for (let at = 0; at < 96; at += 32) residues.correct(out, 96 * j + at, zero, one, j * ROW_STRIDE + at, input, at);
  }
  const [theta1, theta2] = challenges(params, message1, message.subarray(0, TAU_BYTES));
  const { mu, sum1, sum2 } = combine(params, zeros, gadget(params), [theta1, theta2]);
  message.set(group.encodeScalar(group.mod(e + theta1 * a1 + theta2 * a2)), TAU_BYTES);
  message.set(mu, TAU_BYTES + 32);
  for (const secret of [inputs, shifted, zeros, ones]) secret.fill(0);
  return { message, c1: group.mod(-sum1), c2: group.mod(-sum2) };
}
