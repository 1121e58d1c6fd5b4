import { evaluate, type Identity, type Random } from "@quorate/curves";
import { Abort, broadcast, checkpoint, deliver, demand, type Identifier, type Protocol } from "@quorate/protocol";
import { assemble, certify, type Held, joined } from "./assembly.ts";
import {
  fits,
  keepsChain,
  opens,
  opensChain,
  proves,
  provesShare,
  type Run,
  shareClaim,
  signsTranscript,
} from "./check.ts";
import { checked, type KeygenConfig, keygenContext } from "./config.ts";
import { Dealing } from "./dealing.ts";
import { encodeChainOpenings } from "./exhibit.ts";
import { firstMessage, proofsOf, sameImport } from "./offer.ts";
import { prove } from "./proof.ts";
import { type Dealt, keygenRounds } from "./rounds.ts";
import { encodeShare, type KeyShare } from "./share.ts";
import { groupCommitmentOf, sessionId, transcriptHash } from "./transcript.ts";

/**
 * Makes a key of which nobody holds more than a share: commit-then-open Feldman secret sharing with proofs of knowledge
 * (Lindell, eprint 2022/374, section 6.1), in four rounds, ending in a certificate that all n participants signed. The key
 * cannot be biased, a wrong dealer is named with proof, and t-1 participants learn nothing.
 *
 * At its checkpoint it hands out the share's record (`decodeShare` reads it): a signature on the transcript then also says
 * that its signer has the share on disk, so that a full certificate means that n shares are.
 *
 * The `Session` that drives it takes `keygenContext(config)` as context and `keygenRounds(config)` as rounds; its echoes
 * are the protocol's comparison of broadcasts (rounds 1 and 2), which is why no message here carries one.
 *
 * @throws RangeError when the configuration contradicts itself
 */
export function keygen(config: KeygenConfig, self: Identifier, identity: Identity, random: Random): Protocol<KeyShare> {
  if (config.origin !== undefined) throw new RangeError("a key is made from nothing");
  return runOf(config, self, identity, random);
}

/**
 * The four rounds, from nothing or from what is held of a key: then all polynomials are zero at 0, so that the secret stays.
 *
 * @throws RangeError when the configuration contradicts itself
 */
export function runOf(
  config: KeygenConfig,
  self: Identifier,
  identity: Identity,
  random: Random,
  held?: Held,
): Protocol<KeyShare> {
  const sorted = checked(config);
  if (!sorted.participants.some((one) => one.identifier === self)) {
    throw new RangeError(`participant ${self} is not among the participants`);
  }
  return rounds({ ...sorted, ctx: keygenContext(sorted) }, self, identity, random, held);
}

function* rounds(
  run: Run,
  self: Identifier,
  identity: Identity,
  random: Random,
  held: Held | undefined,
): Protocol<KeyShare> {
  const [COMMITMENTS, OPENINGS, SHARES, CONFIRMATIONS] = keygenRounds(run);

  // Round 1: commit to a polynomial and to a part of the chain code.
  using mine = new Dealing(run, random);
  const commitment = firstMessage(run, self, mine);
  const others = yield* broadcast(COMMITMENTS, commitment);
  if (![...others.values()].every((one) => sameImport(commitment, one))) throw new Abort("request_mismatch");
  demand("bad_chain_code", others, (one) => keepsChain(run, one));
  const commitments = joined(self, commitment, others);
  const sid = sessionId(run, commitments);

  // Round 2: open, and prove to know every coefficient.
  const opening = { coefficients: mine.commitments, salt: mine.salt, proofs: proofsOf(run, sid, self, mine, random) };
  const opened = yield* broadcast(OPENINGS, opening);
  demand("bad_opening", opened, (one, from) => opens(run, from, commitments.get(from)!, one));
  demand("bad_proof", opened, (one, from) => proves(run, sid, from, one));
  const openings = joined(self, opening, opened);
  const groupCommitment = groupCommitmentOf(run, openings);

  // Round 3: deal, in private.
  const dealTo = (to: Identifier): Dealt => {
    const { coefficients, chainPart, chainSalt } = mine;
    return { share: evaluate(run.group, coefficients, BigInt(to)), chainPart: chainPart.expose(), chainSalt };
  };
  const received = yield* deliver(SHARES, new Map([...opened.keys()].map((to) => [to, dealTo(to)])));
  demand("bad_share", received, (one, from) => fits(run, self, openings.get(from)!, one));
  demand("bad_chain_code", received, (one, from) => opensChain(run, from, commitments.get(from)!, one));
  const dealt = joined(self, dealTo(self), received);

  // The share is durable before anything says so.
  using unfinished = new DisposableStack();
  const made = assemble(run, self, sid, groupCommitment, dealt, unfinished, held);
  const { secret, share, transcript, verifyingShares } = made;
  using record = encodeShare(share);
  yield* checkpoint(record);

  // Round 4: confirm.
  const signature = identity.sign(transcriptHash(run, transcript));
  const verifyingShare = verifyingShares.get(self)!;
  const proof = prove(shareClaim(run, transcript, self, verifyingShare), secret, random);
  const confirmation = { verifyingShare, proof, signature };
  const confirmed = yield* broadcast(CONFIRMATIONS, confirmation);
  const exhibit = run.origin?.kind === "refresh" ? undefined : encodeChainOpenings([...dealt.values()]);
  demand("wrong_verifying_share", confirmed, (one, from) => {
    return run.group.equals(one.verifyingShare, verifyingShares.get(from)!);
  });
  demand("bad_share_proof", confirmed, (one, from) => provesShare(run, transcript, from, one), exhibit);
  demand("bad_transcript", confirmed, (one, from) => signsTranscript(run, transcript, from, one.signature), exhibit);

  unfinished.move();
  return { ...share, certificate: certify(run, transcript, joined(self, confirmation, confirmed)) };
}
