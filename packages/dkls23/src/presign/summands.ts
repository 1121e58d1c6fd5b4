import { type Group, type Point, type Random, randomScalar, Secret } from "@quorate/curves";
import { Abort, type Identifier, type Inbox } from "@quorate/protocol";
import { type AliceRun, aliceAnswer, type BobRun } from "../multiply/index.ts";
import type { Run } from "./config.ts";
import type { Answer } from "./rounds.ts";
import { additiveShare, xModOrder } from "./transcript.ts";
import type { Products } from "./verification.ts";

/** What this signer brings in, fresh for every run. */
export interface Nonce {
  /** r_i, its share of the nonce k. */
  readonly r: bigint;
  /** phi_i, its share of the mask that makes k invertible unseen. */
  readonly phi: bigint;
  /** R_i = r_i * G */
  readonly bigR: Point;
  /** Hides R_i in its commitment. */
  readonly salt: Uint8Array;
}

export function drawNonce(group: Group, random: Random): Nonce {
  const r = randomScalar(group, random);
  return { r, phi: randomScalar(group, random), bigR: group.base(r), salt: random(32) };
}

/** This signer's summand of x', and its image. */
export interface KeySummand {
  readonly sk: bigint;
  readonly pk: Point;
}

/** @throws Abort `inconsistent_shares` when it is zero, which is chance */
export function keySummand(run: Run, sid: Uint8Array): KeySummand {
  const sk = additiveShare(run, sid);
  if (sk === 0n) throw new Abort("inconsistent_shares");
  return { sk, pk: run.group.base(sk) };
}

/** What Alice has of a multiplication in the end, c^u and c^v, and what she sends. */
export interface Answered {
  readonly cu: bigint;
  readonly cv: bigint;
  readonly body: Answer;
}

/** Round 3 to one co-signer. `bob` is the run with it in which this signer is Bob. */
export function answerTo(run: Run, alice: AliceRun, bob: BobRun, nonce: Nonce, { sk, pk }: KeySummand): Answered {
  const { group, random } = run;
  const { message, c1: cu, c2: cv } = aliceAnswer(alice, nonce.r, sk, random);
  const { bigR, salt } = nonce;
  const psi = group.mod(nonce.phi - bob.chi);
  return { cu, cv, body: { message, gammaU: group.base(cu), gammaV: group.base(cv), psi, bigR, salt, pk } };
}

/**
 * R, once the summands of the key are those of the key.
 *
 * @throws Abort `inconsistent_shares`: wrong shares, mixed epochs and wrong paths end here; or R is unusable, which is chance
 */
export function nonceOfAll(run: Run, nonce: Nonce, { pk }: KeySummand, answers: Inbox<Answer>): Point {
  const { group, publicKey } = run;
  const all = [...answers.values()];
  const sum = group.sum([pk, ...all.map((one) => one.pk)]);
  const bigR = group.sum([nonce.bigR, ...all.map((one) => one.bigR)]);
  if (!group.equals(sum, publicKey) || group.isIdentity(bigR) || xModOrder(group, bigR) === 0n) {
    throw new Abort("inconsistent_shares");
  }
  return bigR;
}

/** phi_i, u_i and v_i, 96 bytes: over all signers, u sums to k * phi and v to x' * phi. */
export function presignatureShare(
  { group }: Run,
  { r, phi }: Nonce,
  { sk }: KeySummand,
  answered: ReadonlyMap<Identifier, Answered>,
  products: ReadonlyMap<Identifier, Products>,
  answers: Inbox<Answer>,
): Secret {
  const total = (summands: readonly bigint[]) => summands.reduce((sum, one) => sum + one, 0n);
  const [own, theirs] = [[...answered.values()], [...products.values()]];
  const bigPhi = phi + total([...answers.values()].map((one) => one.psi));
  const u = r * bigPhi + total(own.map((one) => one.cu)) + total(theirs.map((one) => one.du));
  const v = sk * bigPhi + total(own.map((one) => one.cv)) + total(theirs.map((one) => one.dv));
  return new Secret(new Uint8Array(Buffer.concat([phi, u, v].map((one) => group.encodeScalar(group.mod(one))))));
}
