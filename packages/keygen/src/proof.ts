import {
  type Codec,
  type Group,
  type Point,
  type Random,
  randomScalar,
  struct,
  toScalar,
  u32be,
} from "@quorate/curves";
import type { Identifier } from "@quorate/protocol";

/** A Schnorr proof of knowledge of a discrete logarithm, made non-interactive by hashing (Fiat-Shamir). */
export interface Proof {
  /** T = k * G */
  readonly commitment: Point;
  /** z = k + c * y */
  readonly response: bigint;
}

/** Wire form: the point, then the scalar. */
export function proofCodec(group: Group): Codec<Proof> {
  return struct({ commitment: group.point, response: group.scalar });
}

/**
 * Who claims to know the logarithm of what, where. All of it is hashed: whatever is left out of the challenge allows a
 * proof to be replayed in its place.
 */
export interface Claim {
  readonly suite: string;
  readonly group: Group;
  readonly label: "dkg" | "dkg/share";
  readonly ctx: Uint8Array;
  readonly sid: Uint8Array;
  readonly identifier: Identifier;
  /** Which of the prover's points. */
  readonly index: number;
  /** Y = y * G */
  readonly statement: Point;
}

function challenge(claim: Claim, commitment: Point): bigint {
  const { suite, group, label, ctx, sid, identifier, index, statement } = claim;
  const place = [ctx, sid, u32be(identifier), u32be(index)];
  return toScalar(group, suite, `pok/${label}`, ...place, group.encodePoint(statement), group.encodePoint(commitment));
}

export function prove(claim: Claim, secret: bigint, random: Random): Proof {
  const { group } = claim;
  const k = randomScalar(group, random);
  const commitment = group.base(k);
  return { commitment, response: group.mod(k + challenge(claim, commitment) * secret) };
}

/** Whether z * G = T + c * Y, for Y other than the identity. */
export function verifyProof(claim: Claim, { commitment, response }: Proof): boolean {
  const { group, statement } = claim;
  if (group.isIdentity(statement)) return false;
  const right = group.add(commitment, group.multiply(statement, challenge(claim, commitment)));
  return group.equals(group.base(response), right);
}
