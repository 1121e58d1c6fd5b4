import { type Codec, fixed, struct, type Value } from "@quorate/curves";
import { deliver, type Protocol, type Round } from "@quorate/protocol";
import { MESSAGE_1_BYTES, MESSAGE_2_BYTES } from "../multiply/index.ts";
import type { Rank } from "./config.ts";

const nonce = struct({ nonce: fixed(32), zeroPart: fixed(32) });
const confirmation = struct({ signature: fixed(64), warmUpNonce: fixed(32) });

/** Round 1: nonce_r, and the part zc_r of the seed of zero shares. */
export type Contribution = Value<typeof nonce>;

/** Round 7: the identity's signature on setupId, and nonce'_r for the warm-up. */
export type PairConfirmation = Value<typeof confirmation>;

/**
 * In rounds 2 to 6 each node plays Bob in one direction and Alice in the other: what rank r sends in rounds 2, 4 and 6 belongs to the
 * transfers in which it is Bob, in rounds 3 and 5 to those in which it is Alice.
 */
export const NONCES = round(1, "nonces", nonce, 64);
export const BASE_KEYS = round(2, "base keys", fixed(96), 96);
export const CHOICES = round(3, "choices", fixed(256 * 32), 256 * 32);
export const CHALLENGES = round(4, "challenges", fixed(256 * 32), 256 * 32);
export const RESPONSES = round(5, "responses", fixed(256 * 32), 256 * 32);
export const OPENINGS = round(6, "openings", fixed(256 * 64), 256 * 64);
export const CONFIRMATIONS = round(7, "confirmations", confirmation, 96);
export const WARM_UP_1 = round(8, "warm-up, extension", fixed(MESSAGE_1_BYTES), MESSAGE_1_BYTES);
export const WARM_UP_2 = round(9, "warm-up, multiplication", fixed(MESSAGE_2_BYTES), MESSAGE_2_BYTES);
export const STORED = round(10, "stored", fixed(0), 0);

/** The ten rounds of a pair setup, in order. All are private: the parts of the zero seed and the transfers are for the two alone. */
export const PAIR_ROUNDS: readonly Round<unknown>[] = [
  NONCES,
  BASE_KEYS,
  CHOICES,
  CHALLENGES,
  RESPONSES,
  OPENINGS,
  CONFIRMATIONS,
  WARM_UP_1,
  WARM_UP_2,
  STORED,
];

function round<T>(number: number, name: string, codec: Codec<T>, maxLength: number): Round<T> {
  return { number, name, kind: "private", codec, maxLength };
}

/** Sends `mine` to the peer. @returns what the peer sent */
export function* exchange<T>(round: Round<T>, peer: Rank, mine: T): Protocol<T> {
  const received = yield* deliver(round, new Map([[peer, mine]]));
  return received.get(peer)!;
}
