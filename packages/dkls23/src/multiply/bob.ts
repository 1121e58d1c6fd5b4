import { constantTimeEqual, DecodeError, type Random } from "@quorate/curves";
import type { BobSeeds } from "../ot/base.ts";
import { bitAt } from "../ot/bit-matrix.ts";
import { extend } from "../ot/extension.ts";
import { otParameters } from "../ot/parameters.ts";
import { challenges, combine, gadget, maskedSum, pads, ROW_STRIDE, residuesOf, viewOf } from "./hashes.ts";
import { extensionOf, FailedCheck, type MultiplyParams, messageBytes } from "./params.ts";

/** Bob between his message and Alice's. */
export interface BobRun extends Disposable {
  readonly params: MultiplyParams;
  /** Bob's random scalar. */
  readonly chi: bigint;
  readonly choices: Uint8Array;
  readonly columns: Uint8Array;
  readonly gadget: Uint8Array;
  readonly message1: Uint8Array;
}

/** Message 1 and what Bob keeps. */
export function bobBegin(
  params: MultiplyParams,
  seeds: BobSeeds,
  random: Random,
): { message: Uint8Array; run: BobRun } {
  const choices = Uint8Array.from(random(otParameters(params.group.backend).rowBytes));
  const { message, columns } = extend(extensionOf(params), seeds, choices);
  const vector = gadget(params);
  const chi = params.group.mod(maskedSum(vector, (j) => -bitAt(choices, j)));
  const wipe = () => {
    choices.fill(0);
    columns.fill(0);
  };
  return { message, run: { params, chi, choices, columns, gadget: vector, message1: message, [Symbol.dispose]: wipe } };
}

/** Bob's outputs. @throws DecodeError at a scalar that is not canonical @throws FailedCheck */
export function bobFinish(run: BobRun, message2: Uint8Array): { d1: bigint; d2: bigint } {
  const { params, choices, columns, message1 } = run;
  const { xi, tau, second } = messageBytes(params.group);
  if (message2.length !== second) throw new DecodeError("", `${message2.length} bytes where ${second} belong`);
  const residues = residuesOf(params.group);
  const received = viewOf(message2);
  for (let at = 0; at <= tau; at += 32) {
    if (!residues.isCanonical(received, at)) throw new DecodeError("", "a scalar is not below the order");
  }
  const eta = params.group.decodeScalar(message2.subarray(tau, tau + 32));
  const minusEta = viewOf(params.group.encodeScalar(params.group.mod(-eta)));
  const rows = pads(params, columns);
  const view = viewOf(rows);
  for (let j = 0; j < xi; j++) {
    const mask = -bitAt(choices, j);
    for (let e = 0; e < 96; e += 32) residues.addMasked(view, j * ROW_STRIDE + e, received, 96 * j + e, mask);
    residues.addMasked(view, j * ROW_STRIDE + 64, minusEta, 0, mask);
  }
  const { mu, sum1, sum2 } = combine(params, rows, run.gadget, challenges(params, message1, message2.subarray(0, tau)));
  rows.fill(0);
  if (!constantTimeEqual(mu, message2.subarray(tau + 32))) throw new FailedCheck("multiplication");
  return { d1: sum1, d2: sum2 };
}
