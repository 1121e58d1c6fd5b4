/**
 * OT extension (KOS, eprint 2015/546, in the form of SoftSpoken, eprint 2022/192, with trees of depth 1): 256 base OTs become 512 with a check that
 * Bob chose the same bits in all of them. It can be used again and again, as long as no `msid` repeats.
 */
import { constantTimeEqual, type Domain, H, u32be, XOF, XOF_BLOCK, xofBlocks } from "@quorate/curves";
import type { AliceSeeds, BobSeeds } from "./base.ts";
import { bitAt, bytesOf, transpose, words } from "./bit-matrix.ts";
import { ELEMENT_WORDS, fold } from "./field.ts";
import { BLOCKS, FIELD_BYTES, KAPPA, ROW_BYTES, XI } from "./parameters.ts";

const ROW_WORDS = ROW_BYTES / 4;
const BLOCK_WORDS = XOF_BLOCK / 4;
const U_BYTES = KAPPA * ROW_BYTES;
/** The rows u, the folded choices, the folded rows. */
export const EXTENSION_BYTES = U_BYTES + FIELD_BYTES + KAPPA * FIELD_BYTES;

/** Which use of the seeds this is: never the same twice for a pair. */
export interface ExtensionContext {
  readonly domain: Domain;
  /** 32 bytes */
  readonly msid: Uint8Array;
}

/**
 * A row of pseudorandom bits for every seed, in the first `ROW_WORDS` of `BLOCK_WORDS`. Seed y of instance i has the number 2i + y.
 * One block of SHAKE256 takes a tenth of what AES takes under a key of its own, most of which is the making of key and cipher.
 */
function expand({ domain, msid }: ExtensionContext, seeds: Uint8Array, numbers?: Uint32Array): Uint32Array {
  return words(xofBlocks(domain, "ote/prg", [msid], seeds, numbers));
}

/** The challenges of the check, from all that Bob chose before it. */
function challengesOf({ domain, msid }: ExtensionContext, u: Uint8Array): Uint32Array {
  const digest = H(domain, "ote/u", msid, u);
  const challenges = new Uint8Array(BLOCKS * FIELD_BYTES);
  for (let j = 0; j < BLOCKS; j++)
    challenges.set(XOF(domain, "ote/chi", FIELD_BYTES, digest, u32be(j)), j * FIELD_BYTES);
  return words(challenges);
}

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
  const x = words(choices.slice());
  const expanded = expand(context, seeds);
  const u = new Uint32Array(KAPPA * ROW_WORDS);
  const v = new Uint32Array(KAPPA * ROW_WORDS);
  for (let i = 0; i < KAPPA; i++) {
    const zero = 2 * i * BLOCK_WORDS;
    const one = zero + BLOCK_WORDS;
    for (let at = 0; at < ROW_WORDS; at++) {
      u[i * ROW_WORDS + at] = x[at]! ^ expanded[zero + at]! ^ expanded[one + at]!;
      v[i * ROW_WORDS + at] = expanded[one + at]!;
    }
  }
  const challenges = challengesOf(context, bytesOf(u));
  const message = new Uint8Array(EXTENSION_BYTES);
  message.set(bytesOf(u));
  message.set(bytesOf(fold(x, challenges)), U_BYTES);
  message.set(bytesOf(fold(v, challenges)), U_BYTES + FIELD_BYTES);
  const columns = bytesOf(transpose(v, KAPPA, ROW_WORDS, XI));
  for (const secret of [x, expanded, v]) secret.fill(0);
  return { message, columns };
}

/**
 * Alice's check of the message, and the columns of her matrix: those of Bob's, plus delta where his choice bit is 1. The verdict is one
 * for all rows, and takes the same time whatever it is.
 *
 * @param message `EXTENSION_BYTES`
 * @returns undefined if the check fails: then Bob has learnt a part of delta, and the seeds must not be used again
 */
export function checkExtension(
  context: ExtensionContext,
  { delta, seeds }: AliceSeeds,
  message: Uint8Array,
): Uint8Array | undefined {
  const u = words(message.slice(0, U_BYTES));
  const foldedChoices = words(message.slice(U_BYTES, U_BYTES + FIELD_BYTES));
  const expected = words(message.slice(U_BYTES + FIELD_BYTES));
  const numbers = Uint32Array.from({ length: KAPPA }, (_, i) => 2 * i + 1 - bitAt(delta, i));
  const expanded = expand(context, seeds, numbers);
  const w = new Uint32Array(KAPPA * ROW_WORDS);
  for (let i = 0; i < KAPPA; i++) {
    const mask = -bitAt(delta, i);
    for (let at = 0; at < ROW_WORDS; at++)
      w[i * ROW_WORDS + at] = expanded[i * BLOCK_WORDS + at]! ^ (mask & u[i * ROW_WORDS + at]!);
    for (let at = 0; at < ELEMENT_WORDS; at++) expected[i * ELEMENT_WORDS + at]! ^= mask & foldedChoices[at]!;
  }
  const folded = fold(w, challengesOf(context, message.subarray(0, U_BYTES)));
  const honest = constantTimeEqual(bytesOf(folded), bytesOf(expected));
  const columns = bytesOf(transpose(w, KAPPA, ROW_WORDS, XI));
  for (const secret of [numbers, expanded, expected, w, folded]) secret.fill(0);
  if (honest) return columns;
  columns.fill(0);
  return undefined;
}
