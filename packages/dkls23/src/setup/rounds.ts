import { type Backend, type Codec, fixed, struct, type Value } from "@quorate/curves";
import { deliver, type Protocol, type Round } from "@quorate/protocol";
import { messageBytes } from "../multiply/index.ts";
import { otParameters } from "../ot/parameters.ts";
import type { Rank } from "./config.ts";

const nonce = struct({ nonce: fixed(32), zeroPart: fixed(32) });
const confirmation = struct({ signature: fixed(64), warmUpNonce: fixed(32) });

/** Round 1: nonce_r, and the part zc_r of the seed of zero shares. */
export type Contribution = Value<typeof nonce>;

/** Round 7: the identity's signature on setupId, and nonce'_r for the warm-up. */
export type PairConfirmation = Value<typeof confirmation>;

export const NONCES = round(1, "nonces", nonce, 64);
export const BASE_KEYS = round(2, "base keys", fixed(96), 96);
export const CONFIRMATIONS = round(7, "confirmations", confirmation, 96);
export const STORED = round(10, "stored", fixed(0), 0);

/**
 * The rounds whose messages are as long as the parameters say. In rounds 2 to 6 each node plays Bob in one direction and Alice in the
 * other: what rank r sends in rounds 2, 4 and 6 belongs to the transfers in which it is Bob, in rounds 3 and 5 to those in which it is Alice.
 */
export function transferRounds(backend: Backend) {
  const { kappa } = otParameters(backend);
  const { first, second } = messageBytes({ backend });
  const bytes = (number: number, name: string, length: number) => round(number, name, fixed(length), length);
  return {
    CHOICES: bytes(3, "choices", kappa * 32),
    CHALLENGES: bytes(4, "challenges", kappa * 32),
    RESPONSES: bytes(5, "responses", kappa * 32),
    OPENINGS: bytes(6, "openings", kappa * 64),
    WARM_UP_1: bytes(8, "warm-up, extension", first),
    WARM_UP_2: bytes(9, "warm-up, multiplication", second),
  };
}

/** The ten rounds of a pair setup, in order. All are private: the parts of the zero seed and the transfers are for the two alone. */
export function pairRounds(backend: Backend): readonly Round<unknown>[] {
  const { CHOICES, CHALLENGES, RESPONSES, OPENINGS, WARM_UP_1, WARM_UP_2 } = transferRounds(backend);
  const transfers = [BASE_KEYS, CHOICES, CHALLENGES, RESPONSES, OPENINGS];
  return [NONCES, ...transfers, CONFIRMATIONS, WARM_UP_1, WARM_UP_2, STORED];
}

function round<T>(number: number, name: string, codec: Codec<T>, maxLength: number): Round<T> {
  return { number, name, kind: "private", codec, maxLength };
}

/** Sends `mine` to the peer. @returns what the peer sent */
export function* exchange<T>(round: Round<T>, peer: Rank, mine: T): Protocol<T> {
  const received = yield* deliver(round, new Map([[peer, mine]]));
  return received.get(peer)!;
}
