import { DecodeError, type Random, randomScalar } from "@quorate/curves";
import type { AliceSeeds } from "../ot/base.ts";
import { checkExtension } from "../ot/extension.ts";
import { challenges, combine, gadget, pads, ROW_STRIDE, residuesOf, viewOf } from "./hashes.ts";
import { extensionOf, FailedCheck, type MultiplyParams, messageBytes } from "./params.ts";

/** Alice after her check of Bob's message. */
export interface AliceRun extends Disposable {
  readonly params: MultiplyParams;
  readonly delta: Uint8Array;
  readonly columns: Uint8Array;
  readonly message1: Uint8Array;
}

/** The check of Bob's message: nothing may be sent before it, and nothing to Bob after it has failed. @throws FailedCheck @throws DecodeError */
export function aliceCheck(params: MultiplyParams, seeds: AliceSeeds, message1: Uint8Array): AliceRun {
  const { first } = messageBytes(params.group);
  if (message1.length !== first) throw new DecodeError("", `${message1.length} bytes where ${first} belong`);
  const columns = checkExtension(extensionOf(params), seeds, message1);
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
  const { xi, tau, second } = messageBytes(group);
  const message = new Uint8Array(second);
  const zeros = pads(params, columns);
  const shifted = columns.slice();
  for (let at = 0; at < shifted.length; at++) shifted[at]! ^= delta[at % delta.length]!;
  const ones = pads(params, shifted);
  const residues = residuesOf(group);
  const [out, zero, one, input] = [message, zeros, ones, inputs].map(viewOf) as [
    DataView,
    DataView,
    DataView,
    DataView,
  ];
  for (let j = 0; j < xi; j++) {
    for (let at = 0; at < 96; at += 32) residues.correct(out, 96 * j + at, zero, one, j * ROW_STRIDE + at, input, at);
  }
  const [theta1, theta2] = challenges(params, message1, message.subarray(0, tau));
  const { mu, sum1, sum2 } = combine(params, zeros, gadget(params), [theta1, theta2]);
  message.set(group.encodeScalar(group.mod(e + theta1 * a1 + theta2 * a2)), tau);
  message.set(mu, tau + 32);
  for (const secret of [inputs, shifted, zeros, ones]) secret.fill(0);
  return { message, c1: group.mod(-sum1), c2: group.mod(-sum2) };
}
