import { evaluateInExponent, type Group, type Identity, type Point, type Random } from "@quorate/curves";
import type { Identifier, Protocol } from "@quorate/protocol";
import { checked, type KeygenConfig, type Origin } from "./config.ts";
import { runOf } from "./keygen.ts";
import type { KeyShare } from "./share.ts";

/**
 * A run that makes a key of shares which somebody dealt who knew the secret. The participants are those with identifiers 1..n, and
 * `verifyingShares` is what each of them is said to hold, in that order.
 *
 * @throws RangeError unless they lie on one polynomial of degree minSigners - 1 that shares a key
 */
export function importConfig(
  config: Omit<KeygenConfig, "origin">,
  verifyingShares: readonly Point[],
): KeygenConfig & { readonly origin: Origin } {
  const { group, minSigners, participants } = checked(config);
  if (verifyingShares.length !== participants.length)
    throw new RangeError(`${verifyingShares.length} public shares for ${participants.length} participants`);
  if (participants.some((one, at) => one.identifier !== at + 1))
    throw new RangeError("the participants are not numbered from 1");
  const groupCommitment = interpolated(group, verifyingShares.slice(0, minSigners));
  const fits = verifyingShares.every((one, at) => {
    return group.equals(one, evaluateInExponent(group, groupCommitment, at + 1));
  });
  if (!fits) throw new RangeError(`the public shares do not lie on one polynomial of degree ${minSigners - 1}`);
  if (group.isIdentity(groupCommitment.at(-1)!))
    throw new RangeError(`fewer than ${minSigners} of the shares make the key`);
  if (group.isIdentity(groupCommitment[0]!)) throw new RangeError("the shares make no key");
  return { ...config, origin: { kind: "import", groupCommitment } };
}

/**
 * Brings a key here that existed elsewhere whole. Whoever dealt the shares knows the key, but nothing of what this run makes: the shares
 * are refreshed before there is a key that they could sign for, and the chain code is new. All who take part were given the same
 * public shares, or it stops with `request_mismatch`; all n sign for that in the certificate.
 *
 * @param config as `importConfig` makes it
 * @param share of this participant, in `[0, order)`
 * @throws RangeError unless the share is the one that the public shares show
 */
export function importKey(
  config: ReturnType<typeof importConfig>,
  self: Identifier,
  share: bigint,
  identity: Identity,
  random: Random,
): Protocol<KeyShare> {
  const { group, origin } = config;
  if (!group.equals(group.base(share), evaluateInExponent(group, origin.groupCommitment, self)))
    throw new RangeError("the share is not the one that the public shares show");
  return runOf(config, self, identity, random, { share });
}

/** Commitments to the coefficients of the polynomial whose values at 1, 2, ... these are commitments to. */
function interpolated(group: Group, values: readonly Point[]): readonly Point[] {
  const bases = values.map((_, at) => basis(group, at + 1, values.length));
  return values.map((_, k) => group.multiplyAdd(values.map((value, at) => [value, bases[at]![k]!] as const)));
}

/** The coefficients of the polynomial that is 1 at `self` and 0 at all others of 1..count (Lagrange). */
function basis(group: Group, self: number, count: number): readonly bigint[] {
  let coefficients = [1n];
  for (let other = 1; other <= count; other++) {
    if (other === self) continue;
    const scale = group.invert(group.mod(BigInt(self - other)));
    const shifted = [0n, ...coefficients];
    const scaled = [...coefficients.map((one) => group.mod(-one * BigInt(other))), 0n];
    coefficients = shifted.map((one, k) => group.mod((one + scaled[k]!) * scale));
  }
  return coefficients;
}
