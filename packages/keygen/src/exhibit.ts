import { decode, encode, fixed, struct, tuple } from "@quorate/curves";
import type { Dealt } from "./rounds.ts";

/** What opens D_i. */
export type ChainOpening = Pick<Dealt, "chainPart" | "chainSalt">;

const opening = struct({ chainPart: fixed(32), chainSalt: fixed(32) });

/**
 * Shows how everybody opened its part of the chain code, by ascending identifier: with it, a judge recomputes what
 * round 4 had to be bound to, without a single share. The signed commitments of round 1 say that nothing else was opened.
 * This gives the chain code of a failed run away, to be able to prove who failed it.
 */
export function encodeChainOpenings(openings: readonly ChainOpening[]): Uint8Array {
  return encode(tuple(opening, openings.length), openings);
}

/** @throws DecodeError unless there are exactly `count` */
export function decodeChainOpenings(encoded: Uint8Array, count: number): readonly ChainOpening[] {
  return decode(tuple(opening, count), encoded);
}
