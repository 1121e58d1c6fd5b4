import { H, u32be } from "@quorate/curves";
import { PAIR_DOMAIN, type Rank } from "./config.ts";

/** Two values, one of each rank. */
export type ByRank<T> = readonly [T, T];

/** `mine` and `theirs` by rank. */
export function byRank<T>(rank: Rank, mine: T, theirs: T): ByRank<T> {
  return rank === 1 ? [mine, theirs] : [theirs, mine];
}

/** sid: names the setup once both have contributed. 32 bytes. */
export function sessionId(pairCtx: Uint8Array, nonces: ByRank<Uint8Array>): Uint8Array {
  return H(PAIR_DOMAIN, "pair/sid", pairCtx, ...nonces);
}

/** osid: names the oblivious transfers in which rank `b` is Bob and rank `a` Alice. 32 bytes. */
export function transferId(pairCtx: Uint8Array, sid: Uint8Array, b: Rank, a: Rank): Uint8Array {
  return H(PAIR_DOMAIN, "ot/sid", pairCtx, sid, u32be(b), u32be(a));
}

/**
 * setupId: what both identities sign. Two nodes with the same one ran the same transfers. 32 bytes.
 *
 * @param zeroParts zc_1 and zc_2
 * @param messages all messages with rank 1 as Bob in order, then all with rank 2 as Bob
 */
export function setupIdOf(
  pairCtx: Uint8Array,
  sid: Uint8Array,
  zeroParts: ByRank<Uint8Array>,
  messages: ByRank<readonly Uint8Array[]>,
): Uint8Array {
  return H(PAIR_DOMAIN, "pair/setup", pairCtx, sid, ...zeroParts, H(PAIR_DOMAIN, "pair/msgs", ...messages.flat()));
}

/** z_ij, from which both compute the same zero shares: secret from everybody else. 32 bytes. */
export function zeroSeedOf(setupId: Uint8Array, zeroParts: ByRank<Uint8Array>): Uint8Array {
  return H(PAIR_DOMAIN, "zero/seed", setupId, ...zeroParts);
}

/** sid_w: names the warm-up. 32 bytes. */
export function warmUpId(setupId: Uint8Array, nonces: ByRank<Uint8Array>): Uint8Array {
  return H(PAIR_DOMAIN, "warmup", setupId, ...nonces);
}

/** One end of a multiplication: a node's rank in the pair, and its identifier among those who multiply. */
interface End {
  readonly rank: Rank;
  readonly identifier: number;
}

/**
 * msid: names one multiplication. It must never repeat for a pair: the seeds are long-lived, and a repeated one would make Bob's
 * message a two-time pad. So `sid` must contain fresh contributions of both. 32 bytes.
 */
export function multiplicationId(
  domain: string,
  setupId: Uint8Array,
  sid: Uint8Array,
  bob: End,
  alice: End,
): Uint8Array {
  const ranks = [Uint8Array.of(bob.rank), Uint8Array.of(alice.rank)];
  return H(domain, "mul/sid", setupId, ...ranks, sid, u32be(bob.identifier), u32be(alice.identifier));
}
