import { type Backend, DecodeError, group as groupOf, type Random, randomScalar } from "@quorate/curves";
import { Abort, type Protocol } from "@quorate/protocol";
import { aliceAnswer, aliceCheck, bobBegin, bobFinish, FailedCheck } from "../multiply/index.ts";
import { otherRank, PAIR_DOMAIN, type Rank } from "./config.ts";
import type { PairSetup } from "./pair-setup.ts";
import { exchange, transferRounds } from "./rounds.ts";
import { multiplicationId } from "./transcript.ts";

/**
 * One multiplication in each direction, of random numbers, so that a setup which came out wrong shows now and not later as the false
 * proof of a fault. Nothing that matters depends on its checks: a failure blames nobody, and the setup is discarded.
 *
 * @param sid fresh contributions of both
 * @throws Abort `warm_up_failed`; `malformed` when the peer sends what no setup explains
 */
export function* warmUp(setup: PairSetup, sid: Uint8Array, backend: Backend, random: Random): Protocol<void> {
  const { WARM_UP_1, WARM_UP_2 } = transferRounds(backend);
  // Which group it is says nothing about the keys that use the setup.
  const group = groupOf("secp256k1", backend);
  const { rank, setupId } = setup;
  const peer = otherRank(rank);
  const params = (b: Rank, a: Rank) => {
    const [bob, alice] = [
      { rank: b, identifier: b },
      { rank: a, identifier: a },
    ];
    return { group, domain: PAIR_DOMAIN, msid: multiplicationId(PAIR_DOMAIN, setupId, sid, bob, alice) };
  };
  const begun = bobBegin(params(rank, peer), setup.bob, random);
  using bob = begun.run;
  const extension = yield* exchange(WARM_UP_1, peer, begun.message);
  using alice = passed(peer, () => aliceCheck(params(peer, rank), setup.alice, extension));
  const answer = aliceAnswer(alice, randomScalar(group, random), randomScalar(group, random), random);
  const answered = yield* exchange(WARM_UP_2, peer, answer.message);
  passed(peer, () => bobFinish(bob, answered));
}

function passed<T>(peer: Rank, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof FailedCheck) throw new Abort("warm_up_failed");
    if (error instanceof DecodeError) throw new Abort("malformed", [peer]);
    throw error;
  }
}
