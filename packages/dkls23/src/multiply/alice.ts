import { DecodeError, type Random, randomScalar } from "@quorate/curves";
import type { AliceSeeds } from "../ot/base.ts";
import { checkExtension } from "../ot/extension.ts";
import { COLUMN_BYTES, XI } from "../ot/parameters.ts";
import { MESSAGE_1_BYTES, MESSAGE_2_BYTES } from "./bob.ts";
import { challenges, checkValue, gadget, pads } from "./hashes.ts";
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
  return { params, delta: seeds.delta, columns, message1, [Symbol.dispose]: () => columns.fill(0) };
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
  const message = new Uint8Array(MESSAGE_2_BYTES);
  const kept: (readonly [bigint, bigint, bigint])[] = [];
  for (let j = 0; j < XI; j++) {
    const column = columns.subarray(j * COLUMN_BYTES, (j + 1) * COLUMN_BYTES);
    const zero = pads(params, j, column);
    const one = pads(
      params,
      j,
      column.map((byte, at) => byte ^ delta[at]!),
    );
    for (const [i, input] of [a1, a2, e].entries())
      message.set(group.encodeScalar(group.mod(zero[i]! - one[i]! + input)), 96 * j + 32 * i);
    kept.push(zero);
  }
  const [theta1, theta2] = challenges(params, message1, message.subarray(0, 96 * XI));
  message.set(group.encodeScalar(group.mod(e + theta1 * a1 + theta2 * a2)), 96 * XI);
  message.set(
    checkValue(
      params,
      kept.map(([p1, p2, p3]) => p3 + theta1 * p1 + theta2 * p2),
    ),
    96 * XI + 32,
  );
  let [c1, c2] = [0n, 0n];
  for (const [j, g] of gadget(params).entries()) {
    c1 -= g * kept[j]![0];
    c2 -= g * kept[j]![1];
  }
  return { message, c1: group.mod(c1), c2: group.mod(c2) };
}
