import { constantTimeEqual, type Domain, H, u32be, XOF } from "@quorate/curves";
import type { AliceSeeds, BobSeeds } from "./base.ts";
import { transpose, words } from "./bit-matrix.ts";
import { ELEMENT_WORDS, fold } from "./field.ts";
import { BLOCKS, FIELD_BYTES, KAPPA, ROW_BYTES, XI } from "./parameters.ts";

const ROW_WORDS = ROW_BYTES / 4;
const U_BYTES = KAPPA * ROW_BYTES;
/** The rows u, the folded choices, the folded rows. */
export const EXTENSION_BYTES = U_BYTES + FIELD_BYTES + KAPPA * FIELD_BYTES;

/** Which use of the seeds this is: never the same twice for a pair. */
export interface ExtensionContext {
  readonly domain: Domain;
  /** 32 bytes */
  readonly msid: Uint8Array;
}

function expand({ domain, msid }: ExtensionContext, i: number, y: number, seed: Uint8Array): Uint32Array {
  return words(XOF(domain, "ote/prg", ROW_BYTES, msid, u32be(i), u32be(y), seed));
}

function challengesOf({ domain, msid }: ExtensionContext, u: Uint8Array): Uint32Array {
  const digest = H(domain, "ote/u", msid, u);
  const challenges = new Uint8Array(BLOCKS * FIELD_BYTES);
  for (let j = 0; j < BLOCKS; j++)
    challenges.set(XOF(domain, "ote/chi", FIELD_BYTES, digest, u32be(j)), j * FIELD_BYTES);
  return words(challenges);
}

const bytesOf = (array: Uint32Array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/**
 * Bob's message and the columns of his matrix, `XI` times 32 bytes.
 *
 * @param choices 80 bytes: the choice bits, then the mask of the check
 */
export function extend(
  context: ExtensionContext,
  { seeds }: BobSeeds,
  choices: Uint8Array,
): { message: Uint8Array; columns: Uint8Array } {
  const x = words(choices);
  const u = new Uint32Array(KAPPA * ROW_WORDS);
  const v = new Uint32Array(KAPPA * ROW_WORDS);
  for (let i = 0; i < KAPPA; i++) {
    const zero = expand(context, i, 0, seeds.subarray(64 * i, 64 * i + 32));
    const one = expand(context, i, 1, seeds.subarray(64 * i + 32, 64 * i + 64));
    v.set(one, i * ROW_WORDS);
    for (let at = 0; at < ROW_WORDS; at++) u[i * ROW_WORDS + at] = x[at]! ^ zero[at]! ^ one[at]!;
  }
  const challenges = challengesOf(context, bytesOf(u));
  const message = new Uint8Array(EXTENSION_BYTES);
  message.set(bytesOf(u));
  message.set(bytesOf(fold(x, challenges)), U_BYTES);
  message.set(bytesOf(fold(v, challenges)), U_BYTES + FIELD_BYTES);
  return { message, columns: bytesOf(transpose(v, KAPPA, ROW_WORDS, XI)) };
}

/** 1 to 0xffffffff, 0 to 0: of bit i of delta. */
const maskOf = (delta: Uint8Array, i: number) => -((delta[i >> 3]! >> (i & 7)) & 1);

/**
 * Alice's check of the message, and the columns of her matrix. The verdict is one for all rows and takes the same time whatever it is.
 *
 * @param message `EXTENSION_BYTES`
 * @returns undefined if the check fails: then Bob has learnt a part of delta, and the seeds are not to be used again
 */
export function checkExtension(
  context: ExtensionContext,
  { delta, seeds }: AliceSeeds,
  message: Uint8Array,
): Uint8Array | undefined {
  const u = words(message.subarray(0, U_BYTES));
  const foldedChoices = words(message.subarray(U_BYTES, U_BYTES + FIELD_BYTES));
  const expected = words(message.subarray(U_BYTES + FIELD_BYTES));
  const w = new Uint32Array(KAPPA * ROW_WORDS);
  for (let i = 0; i < KAPPA; i++) {
    const mask = maskOf(delta, i);
    const row = expand(context, i, 1 + mask, seeds.subarray(32 * i, 32 * i + 32));
    for (let at = 0; at < ROW_WORDS; at++) w[i * ROW_WORDS + at] = row[at]! ^ (mask & u[i * ROW_WORDS + at]!);
    for (let at = 0; at < ELEMENT_WORDS; at++)
      expected[i * ELEMENT_WORDS + at] = expected[i * ELEMENT_WORDS + at]! ^ (mask & foldedChoices[at]!);
  }
  const folded = fold(w, challengesOf(context, message.subarray(0, U_BYTES)));
  if (!constantTimeEqual(bytesOf(folded), bytesOf(expected))) return undefined;
  return bytesOf(transpose(w, KAPPA, ROW_WORDS, XI));
}
