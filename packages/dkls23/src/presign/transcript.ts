import { bytesToInteger, type Group, H, lagrange, type Point, toScalar, u32be } from "@quorate/curves";
import type { Identifier } from "@quorate/protocol";
import type { Run } from "./config.ts";
import type { Commitment } from "./rounds.ts";

/** com_i: hides R_i until all are fixed. 32 bytes. */
export function commitmentTo(
  { suite, group, context, request }: Pick<Run, "suite" | "group" | "context" | "request">,
  identifier: Identifier,
  nonce: Uint8Array,
  bigR: Point,
  salt: Uint8Array,
): Uint8Array {
  return H(suite, "sign/R", context, request, u32be(identifier), nonce, group.encodePoint(bigR), salt);
}

/** sid: names the run once everybody has committed. `commitments` by ascending identifier. 32 bytes. */
export function sessionId(
  { suite, context, request }: Run,
  commitments: ReadonlyMap<Identifier, Commitment>,
): Uint8Array {
  const parts = [...commitments].flatMap(([identifier, one]) => [u32be(identifier), one.nonce, one.commitment]);
  return H(suite, "sign/sid", context, request, ...parts);
}

/**
 * zeta_i: what the zero seeds of all pairs give in this run. Both ends of a pair compute the same number; the one with the
 * higher identifier adds it, the other subtracts it, so that over the signing set they sum to zero.
 */
export function zeroShare({ suite, group, self, peers, pairs }: Run, sid: Uint8Array): bigint {
  const sum = peers.reduce((total, peer) => {
    const common = toScalar(group, suite, "zero/share", sid, pairs.get(peer)!.setup.zeroSeed);
    return peer < self ? total + common : total - common;
  }, 0n);
  return group.mod(sum);
}

/** sk_i: this signer's summand of x', another in every run. */
export function additiveShare(run: Run, sid: Uint8Array): bigint {
  const { group, signers, self, signingShare, tweak } = run;
  const part = tweak * group.invert(BigInt(signers.length));
  return group.mod(lagrange(group, signers, self) * signingShare + part + zeroShare(run, sid));
}

/** x(R) mod q */
export function xModOrder(group: Group, R: Point): bigint {
  return group.mod(bytesToInteger(group.encodePoint(R).subarray(1)));
}
