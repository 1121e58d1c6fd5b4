import { DecodeError, decode, type Point } from "@quorate/curves";
import {
  Abort,
  conflicts,
  decodeEvidence,
  type Evidence,
  echoOf,
  type Frame,
  type Identifier,
  type Round,
  statement,
  TO_ALL,
  verifyFrame,
} from "@quorate/protocol";
import { fits, keepsChain, opens, opensChain, proves, provesShare, type Run, signsTranscript } from "./check.ts";
import { checked, type KeygenConfig, keygenContext } from "./config.ts";
import { decodeChainOpenings } from "./exhibit.ts";
import { importedKey } from "./offer.ts";
import { keygenRounds } from "./rounds.ts";
import {
  chainCodeOf,
  chainHashOf,
  groupCommitmentOf,
  sessionId,
  type Transcript,
  verifyingSharesOf,
} from "./transcript.ts";

/**
 * Decides, from public data alone, whether evidence proves what it says of every culprit that it names. Nobody's word
 * is taken: all that counts is what the culprits themselves signed, and where a check rests on what others said, that the
 * culprit's own echo confirms having received exactly that. So evidence against an honest participant cannot be made.
 *
 * @returns `false` for a complaint that does not hold: then it is its maker who is not to be believed
 * @throws RangeError when `config` contradicts itself
 */
export function judge(evidence: Evidence, config: KeygenConfig): boolean {
  const sorted = checked(config);
  const run = { ...sorted, ctx: keygenContext(sorted) };
  if (!same(evidence.context, run.ctx) || !same(evidence.executionId, run.executionId)) return false;
  const replay = new Replay(run, evidence);
  try {
    return evidence.culprits.length > 0 && evidence.culprits.every((culprit) => replay.convicts(culprit));
  } catch (error) {
    if (error instanceof Missing || error instanceof DecodeError || error instanceof Abort) return false;
    throw error;
  }
}

/**
 * `judge` for evidence as it travels.
 *
 * @returns whether it is evidence against exactly `culprits` and proves what it says of them
 * @throws RangeError when `config` contradicts itself
 */
export function judgeEncoded(encoded: Uint8Array, culprits: readonly Identifier[], config: KeygenConfig): boolean {
  try {
    const evidence = decodeEvidence(encoded);
    return evidence.culprits.join() === culprits.join() && judge(evidence, config);
  } catch (error) {
    if (error instanceof DecodeError) return false;
    throw error;
  }
}

/** The evidence lacks something that the check needs. */
class Missing extends Error {
  override readonly name = "Missing";
}

/** The run as far as the signed frames show it. */
class Replay {
  readonly #run: Run;
  readonly #evidence: Evidence;
  readonly #frames: readonly Frame[];

  constructor(run: Run, evidence: Evidence) {
    this.#run = run;
    this.#evidence = evidence;
    this.#frames = evidence.frames.filter((one) => verifyFrame(evidence, run.participants, one));
  }

  /** Whether the check that the evidence names fails for this culprit. */
  convicts(culprit: Identifier): boolean {
    const [COMMITMENTS, OPENINGS, SHARES, CONFIRMATIONS] = keygenRounds(this.#run);
    const run = this.#run;
    switch (this.#evidence.code) {
      case "malformed":
        return this.#frames.some((one) => one.from === culprit && !this.#decodes(one));
      case "equivocation":
        return conflicts(this.#evidence, run.participants, this.#frames).some((one) => one.culprit === culprit);
      case "bad_opening":
        return !opens(run, culprit, this.#said(COMMITMENTS, culprit), this.#said(OPENINGS, culprit));
      case "bad_proof":
        return !proves(run, this.#sid(culprit), culprit, this.#said(OPENINGS, culprit));
      case "bad_share":
        return !fits(run, this.#frame(SHARES, culprit).to, this.#said(OPENINGS, culprit), this.#said(SHARES, culprit));
      case "bad_chain_code":
        if (run.origin?.kind === "refresh") return !keepsChain(run, this.#said(COMMITMENTS, culprit));
        return !opensChain(run, culprit, this.#said(COMMITMENTS, culprit), this.#said(SHARES, culprit));
      case "wrong_verifying_share": {
        const expected = verifyingSharesOf(run, this.#groupCommitment(culprit)).get(culprit)!;
        return !run.group.equals(this.#said(CONFIRMATIONS, culprit).verifyingShare, expected);
      }
      case "bad_share_proof":
        return !provesShare(run, this.#transcript(culprit), culprit, this.#said(CONFIRMATIONS, culprit));
      case "bad_transcript": {
        const { signature } = this.#said(CONFIRMATIONS, culprit);
        return !signsTranscript(run, this.#transcript(culprit), culprit, signature);
      }
      default:
        return false;
    }
  }

  #transcript(culprit: Identifier): Transcript {
    const { suite, ctx, participants, origin } = this.#run;
    const groupCommitment = this.#groupCommitment(culprit);
    if (origin?.kind === "refresh")
      return { ctx, sid: this.#sid(culprit), groupCommitment, chainHash: origin.chainHash };
    const [COMMITMENTS] = keygenRounds(this.#run);
    const commitments = this.#received(COMMITMENTS, culprit);
    const openings = decodeChainOpenings(this.#evidence.exhibit, participants.length);
    const genuine = [...commitments].every(([from, one], at) => opensChain(this.#run, from, one, openings[at]!));
    if (!genuine) throw new Missing("the parts of the chain code");
    const sid = sessionId(this.#run, commitments);
    const parts = openings.map((one) => one.chainPart);
    const chainHash = chainHashOf(suite, chainCodeOf(suite, sid, parts));
    return { ctx, sid, groupCommitment, chainHash };
  }

  #sid(culprit: Identifier): Uint8Array {
    const [COMMITMENTS] = keygenRounds(this.#run);
    return sessionId(this.#run, this.#received(COMMITMENTS, culprit));
  }

  #groupCommitment(culprit: Identifier): readonly Point[] {
    const [COMMITMENTS, OPENINGS] = keygenRounds(this.#run);
    // The context of an import does not say which key it is: only what the culprit itself was given can be held against it.
    const imported = importedKey(this.#run);
    if (imported !== undefined && !same(this.#said(COMMITMENTS, culprit).imported ?? NOTHING, imported))
      throw new Missing("the key that the culprit was given");
    return groupCommitmentOf(this.#run, this.#received(OPENINGS, culprit));
  }

  /** What everybody broadcast in a round, as the culprit's own echo in the next round confirms to have received it. */
  #received<T>(round: Round<T>, culprit: Identifier): ReadonlyMap<Identifier, T> {
    const senders = this.#run.participants.map((one) => one.identifier);
    const frames = senders.map((from) => this.#frame(round, from));
    const next = this.#frames.find((one) => one.round === round.number + 1 && one.from === culprit);
    const echo = echoOf(frames.map((one) => statement(this.#evidence, one)));
    if (!same(next?.echo ?? new Uint8Array(), echo)) throw new Missing("what the culprit received");
    return new Map(frames.map((one) => [one.from, decode(round.codec, one.body)]));
  }

  #said<T>(round: Round<T>, from: Identifier): T {
    return decode(round.codec, this.#frame(round, from).body);
  }

  #frame(round: Round<unknown>, from: Identifier): Frame {
    const found = this.#frames.find((one) => {
      return one.round === round.number && one.from === from && (one.to === TO_ALL) === (round.kind === "broadcast");
    });
    if (found === undefined) throw new Missing(`round ${round.number} of participant ${from}`);
    return found;
  }

  #decodes({ round, body }: Frame): boolean {
    const codec = keygenRounds(this.#run)[round - 1]?.codec;
    try {
      if (codec !== undefined) decode<unknown>(codec, body);
      return true;
    } catch (error) {
      if (error instanceof DecodeError) return false;
      throw error;
    }
  }
}

const NOTHING = new Uint8Array();

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
