/**
 * OT extension (KOS, eprint 2015/546, in the form of SoftSpoken, eprint 2022/192, with trees of depth 1): 256 base OTs become 512 with a check that
 * Bob chose the same bits in all of them. It can be used again and again, as long as no `msid` repeats.
 */
import { constantTimeEqual, type Domain, H, u32be, XOF, XOF_BLOCK, xofBlocks } from "@quorate/curves";
import type { AliceSeeds, BobSeeds } from "./base.ts";
import { bitAt, bytesOf, transpose, words } from "./bit-matrix.ts";
import { ELEMENT_WORDS, fold } from "./field.ts";
import { FIELD_BYTES, type OtParameters } from "./parameters.ts";

const BLOCK_WORDS = XOF_BLOCK / 4;

/** Bob's message: the rows u, the folded choices, the folded rows. */
export function extensionBytes({ kappa, rowBytes }: OtParameters): number {
  return kappa * rowBytes + FIELD_BYTES + kappa * FIELD_BYTES;
}

/** Which use of the seeds this is: never the same twice for a pair. */
export interface ExtensionContext {
  readonly domain: Domain;
  /** 32 bytes */
  readonly msid: Uint8Array;
  readonly parameters: OtParameters;
}

/**
 * A row of pseudorandom bits for every seed, in the first of `BLOCK_WORDS` words. Seed y of instance i has the number 2i + y.
 * One block of SHAKE256 takes a tenth of what AES takes under a key of its own, most of which is the making of key and cipher.
 */
function expand({ domain, msid }: ExtensionContext, seeds: Uint8Array, numbers?: Uint32Array): Uint32Array {
  return words(xofBlocks(domain, "ote/prg", [msid], seeds, numbers));
}

/** The challenges of the check, from all that Bob chose before it. */
function challengesOf({ domain, msid, parameters: { blocks } }: ExtensionContext, u: Uint8Array): Uint32Array {
  const digest = H(domain, "ote/u", msid, u);
  const challenges = new Uint8Array(blocks * FIELD_BYTES);
  for (let j = 0; j < blocks; j++)
    challenges.set(XOF(domain, "ote/chi", FIELD_BYTES, digest, u32be(j)), j * FIELD_BYTES);
  return words(challenges);
}

/**
 * Bob's message, `extensionBytes`, and the columns of his matrix, xi times kappa bits.
 *
 * @param choices a row: xi choice bits, then the mask of the check
 */
export function extend(
  context: ExtensionContext,
  { seeds }: BobSeeds,
  choices: Uint8Array,
): { message: Uint8Array; columns: Uint8Array } {
  const { kappa, xi, rowBytes } = context.parameters;
  const rowWords = rowBytes / 4;
  const x = words(choices.slice());
  const expanded = expand(context, seeds);
  const u = new Uint32Array(kappa * rowWords);
  const v = new Uint32Array(kappa * rowWords);
  for (let i = 0; i < kappa; i++) {
    const zero = 2 * i * BLOCK_WORDS;
    const one = zero + BLOCK_WORDS;
    for (let at = 0; at < rowWords; at++) {
      u[i * rowWords + at] = x[at]! ^ expanded[zero + at]! ^ expanded[one + at]!;
      v[i * rowWords + at] = expanded[one + at]!;
    }
  }
  const challenges = challengesOf(context, bytesOf(u));
  const message = new Uint8Array(extensionBytes(context.parameters));
  message.set(bytesOf(u));
  message.set(bytesOf(fold(x, challenges)), u.byteLength);
  message.set(bytesOf(fold(v, challenges)), u.byteLength + FIELD_BYTES);
  const columns = bytesOf(transpose(v, kappa, rowWords, xi));
  for (const secret of [x, expanded, v]) secret.fill(0);
  return { message, columns };
}

/**
 * Alice's check of the message, and the columns of her matrix: those of Bob's, plus delta where his choice bit is 1. The verdict is one
 * for all rows, and takes the same time whatever it is.
 *
 * @param message `extensionBytes`
 * @returns undefined if the check fails: then Bob has learnt a part of delta, and the seeds must not be used again
 */
export function checkExtension(
  context: ExtensionContext,
  { delta, seeds }: AliceSeeds,
  message: Uint8Array,
): Uint8Array | undefined {
  const { kappa, xi, rowBytes } = context.parameters;
  const rowWords = rowBytes / 4;
  const uBytes = kappa * rowBytes;
  const u = words(message.slice(0, uBytes));
  const foldedChoices = words(message.slice(uBytes, uBytes + FIELD_BYTES));
  const expected = words(message.slice(uBytes + FIELD_BYTES));
  const numbers = Uint32Array.from({ length: kappa }, (_, i) => 2 * i + 1 - bitAt(delta, i));
  const expanded = expand(context, seeds, numbers);
  const w = new Uint32Array(kappa * rowWords);
  for (let i = 0; i < kappa; i++) {
    const mask = -bitAt(delta, i);
    for (let at = 0; at < rowWords; at++)
      w[i * rowWords + at] = expanded[i * BLOCK_WORDS + at]! ^ (mask & u[i * rowWords + at]!);
    for (let at = 0; at < ELEMENT_WORDS; at++) expected[i * ELEMENT_WORDS + at]! ^= mask & foldedChoices[at]!;
  }
  const folded = fold(w, challengesOf(context, message.subarray(0, uBytes)));
  const honest = constantTimeEqual(bytesOf(folded), bytesOf(expected));
  const columns = bytesOf(transpose(w, kappa, rowWords, xi));
  for (const secret of [numbers, expanded, expected, w, folded]) secret.fill(0);
  if (honest) return columns;
  columns.fill(0);
  return undefined;
}
