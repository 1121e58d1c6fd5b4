import { evaluateInExponent, H, type Point, u32be, verifyIdentity } from "@quorate/curves";
import type { Identifier } from "@quorate/protocol";
import { coefficientCount, type KeygenConfig } from "./config.ts";
import { encodePoints } from "./points.ts";
import { type Claim, verifyProof } from "./proof.ts";
import type { Commitment, Confirmation, Dealt, Opening } from "./rounds.ts";
import { finalId, type Transcript, transcriptHash } from "./transcript.ts";

/** A run as its checks see it. */
export interface Run extends KeygenConfig {
  readonly ctx: Uint8Array;
}

/** C_i */
export function commitmentTo(
  { suite, group, ctx }: Run,
  identifier: Identifier,
  nonce: Uint8Array,
  coefficients: readonly Point[],
  salt: Uint8Array,
): Uint8Array {
  return H(suite, "dkg/commit", ctx, u32be(identifier), nonce, encodePoints(group, coefficients), salt);
}

/** D_i */
export function chainCommitmentTo(
  { suite, ctx }: Run,
  identifier: Identifier,
  nonce: Uint8Array,
  part: Uint8Array,
  salt: Uint8Array,
): Uint8Array {
  return H(suite, "dkg/cc", ctx, u32be(identifier), nonce, part, salt);
}

/** What participant `identifier` claims about its coefficient number `index`. */
export function coefficientClaim(
  { suite, group, ctx }: Run,
  sid: Uint8Array,
  identifier: Identifier,
  index: number,
  statement: Point,
): Claim {
  return { suite, group, label: "dkg", ctx, sid, identifier, index, statement };
}

/** What participant `identifier` claims about its verifying share. */
export function shareClaim(run: Run, transcript: Transcript, identifier: Identifier, statement: Point): Claim {
  const { suite, group, ctx } = run;
  return { suite, group, label: "dkg/share", ctx, sid: finalId(run, transcript), identifier, index: 0, statement };
}

/** Round 2: does the opening fit C_j? */
export function opens(run: Run, from: Identifier, { nonce, commitment }: Commitment, opening: Opening): boolean {
  return same(commitment, commitmentTo(run, from, nonce, opening.coefficients, opening.salt));
}

/**
 * Round 2: is every coefficient proven? Both lists have exactly as many entries as the polynomial has coefficients to show: an
 * empty one would prove all of nothing, a longer one would raise the number of signers or bring a constant term.
 */
export function proves(run: Run, sid: Uint8Array, from: Identifier, { coefficients, proofs }: Opening): boolean {
  const count = coefficientCount(run);
  const first = run.minSigners - count;
  return (
    coefficients.length === count &&
    proofs.length === count &&
    coefficients.every((one, at) => verifyProof(coefficientClaim(run, sid, from, first + at, one), proofs[at]!))
  );
}

/** Round 3: does the share lie on the polynomial that its dealer committed to? */
export function fits(
  { group, origin }: Run,
  receiver: Identifier,
  { coefficients }: Opening,
  { share }: Pick<Dealt, "share">,
): boolean {
  const polynomial = origin === undefined ? coefficients : [group.identity, ...coefficients];
  return group.equals(group.base(share), evaluateInExponent(group, polynomial, receiver));
}

/** Round 1 of a refresh: is D_j the hash of the chain code that the key keeps? */
export function keepsChain({ origin }: Run, { chainCommitment }: Pick<Commitment, "chainCommitment">): boolean {
  return origin?.kind !== "refresh" || same(chainCommitment, origin.chainHash);
}

/** Round 3: does the part of the chain code fit D_j? In a refresh nothing is opened. */
export function opensChain(
  run: Run,
  from: Identifier,
  { nonce, chainCommitment }: Commitment,
  { chainPart, chainSalt }: Pick<Dealt, "chainPart" | "chainSalt">,
): boolean {
  if (run.origin?.kind === "refresh") return true;
  return same(chainCommitment, chainCommitmentTo(run, from, nonce, chainPart, chainSalt));
}

/** Round 4: does the holder prove to hold its share? */
export function provesShare(run: Run, transcript: Transcript, from: Identifier, confirmation: Confirmation): boolean {
  return verifyProof(shareClaim(run, transcript, from, confirmation.verifyingShare), confirmation.proof);
}

/** Round 4: did the participant sign the transcript? */
export function signsTranscript(run: Run, transcript: Transcript, from: Identifier, signature: Uint8Array): boolean {
  const sender = run.participants.find((one) => one.identifier === from);
  return sender !== undefined && verifyIdentity(sender.publicKey, transcriptHash(run, transcript), signature);
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
