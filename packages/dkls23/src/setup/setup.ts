import { DecodeError, type Identity, type Random, verifyIdentity } from "@quorate/curves";
import { Abort, checkpoint, type Protocol } from "@quorate/protocol";
import {
  baseAliceChoose,
  baseAliceFinish,
  baseAliceRespond,
  baseBobChallenge,
  baseBobOpen,
  baseBobStart,
  OtFault,
} from "../ot/index.ts";
import { otherRank, type PairConfig, pairContext, type Rank } from "./config.ts";
import { encodePairSetup, type PairSetup, pairSetup } from "./pair-setup.ts";
import { BASE_KEYS, CONFIRMATIONS, type Contribution, exchange, NONCES, STORED, transferRounds } from "./rounds.ts";
import { byRank, sessionId, setupIdOf, transferId, warmUpId, zeroSeedOf } from "./transcript.ts";
import { warmUp } from "./warm-up.ts";

/** One end of a setup. */
interface End {
  readonly pairCtx: Uint8Array;
  readonly config: PairConfig;
  readonly rank: Rank;
  readonly peer: Rank;
  readonly identity: Identity;
  readonly random: Random;
}

/**
 * Sets up a pair of nodes, once for all keys that both hold: kappa oblivious transfers in each direction (verified simplest OT,
 * DKLs18, eprint 2018/499), the seed of their zero shares, both identities' signatures on all of it, and a multiplication in each
 * direction as a trial. All keys and groups share it: every use is told apart by the id of its multiplication.
 *
 * At its checkpoint it hands out the setup's record (`decodePairSetup` reads it); it ends once the peer too says that it has
 * stored its own. If that last word is lost, the two ends may hold different setups: their next presigning ends in
 * `setup_mismatch` and blames nobody.
 *
 * The `Session` that drives it takes `pairContext(config)` as context, `pairRounds` as rounds, and the ranks 1 and 2 with the pair's
 * identities as participants.
 *
 * @throws RangeError when the configuration contradicts itself
 * @throws Abort while it runs: `bad_setup` blames the peer; `warm_up_failed` nobody
 */
export function setUpPair(config: PairConfig, rank: Rank, identity: Identity, random: Random): Protocol<PairSetup> {
  const pairCtx = pairContext(config);
  if (Buffer.compare(identity.publicKey, config.identities[rank - 1]!) !== 0) {
    throw new RangeError(`the identity is not that of rank ${rank}`);
  }
  return rounds({ pairCtx, config, rank, peer: otherRank(rank), identity, random });
}

function* rounds(end: End): Protocol<PairSetup> {
  const { peer, identity, random } = end;
  const mine = { nonce: random(32), zeroPart: random(32) };
  const theirs = yield* exchange(NONCES, peer, mine);
  using unfinished = new DisposableStack();
  const setup = unfinished.use(yield* transfer(end, mine, theirs));

  const confirmation = { signature: identity.sign(setup.setupId), warmUpNonce: random(32) };
  const confirmed = yield* exchange(CONFIRMATIONS, peer, confirmation);
  if (!verifyIdentity(end.config.identities[peer - 1]!, setup.setupId, confirmed.signature)) {
    throw new Abort("bad_setup", [peer]);
  }
  const nonces = byRank(end.rank, confirmation.warmUpNonce, confirmed.warmUpNonce);
  yield* warmUp(setup, warmUpId(setup.setupId, nonces), end.config.backend, random);

  using record = encodePairSetup(setup);
  yield* checkpoint(record);
  yield* exchange(STORED, peer, new Uint8Array());
  unfinished.move();
  return setup;
}

/** Rounds 2 to 6: the oblivious transfers of both directions side by side. */
function* transfer(end: End, mine: Contribution, theirs: Contribution): Protocol<PairSetup> {
  const { pairCtx, config, rank, peer, random } = end;
  const { backend } = config;
  const { CHOICES, CHALLENGES, RESPONSES, OPENINGS } = transferRounds(backend);
  const sid = sessionId(pairCtx, byRank(rank, mine.nonce, theirs.nonce));
  const [asBob, asAlice] = [transferId(pairCtx, sid, rank, peer), transferId(pairCtx, sid, peer, rank)];

  using states = new DisposableStack();
  using unfinished = new DisposableStack();
  const bob = baseBobStart(asBob, { pairCtx, rank, backend }, random);
  states.use(bob.state);
  const baseKey = yield* exchange(BASE_KEYS, peer, bob.message);
  const alice = kept(peer, () => baseAliceChoose(asAlice, { pairCtx, rank: peer, backend }, baseKey, random));
  states.use(alice.state);
  const choices = yield* exchange(CHOICES, peer, alice.message);
  const challenges = kept(peer, () => baseBobChallenge(bob.state, choices));
  const challenged = yield* exchange(CHALLENGES, peer, challenges);
  const responses = kept(peer, () => baseAliceRespond(alice.state, challenged));
  const responded = yield* exchange(RESPONSES, peer, responses);
  const opened = kept(peer, () => baseBobOpen(bob.state, responded));
  unfinished.defer(() => opened.seeds.seeds.fill(0));
  const openings = yield* exchange(OPENINGS, peer, opened.message);
  const seeds = kept(peer, () => baseAliceFinish(alice.state, openings));

  const withMeAsBob = [bob.message, choices, challenges, responded, opened.message];
  const withMeAsAlice = [baseKey, alice.message, challenged, responses, openings];
  const zeroParts = byRank(rank, mine.zeroPart, theirs.zeroPart);
  const setupId = setupIdOf(pairCtx, sid, zeroParts, byRank(rank, withMeAsBob, withMeAsAlice));
  unfinished.move();
  return pairSetup({
    setupId,
    epoch: config.epoch,
    rank,
    bob: opened.seeds,
    alice: seeds,
    zeroSeed: zeroSeedOf(setupId, zeroParts),
  });
}

/** What the peer did to the transfers, as an abort that names it. */
function kept<T>(peer: Rank, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (error instanceof OtFault || error instanceof DecodeError) throw new Abort("bad_setup", [peer]);
    throw error;
  }
}
