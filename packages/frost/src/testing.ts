import { evaluate, type Random, randomScalar, Secret, u32be, XOF } from "@quorate/curves";
import {
  FrostError,
  type FrostSuite,
  parsePublicKeyPackage,
  type SigningContext,
  signingContext,
} from "./aggregate/index.ts";
import { type KeyShare, keyShare } from "./key-share.ts";
import { commit } from "./nonces.ts";
import { signShare } from "./share.ts";

/** A generator of random bytes that repeats for the same seed. For tests only. */
export function seededRandom(seed: number): Random {
  let counter = 0;
  return (length) => XOF("testing", "random", length, u32be(seed), u32be(counter++));
}

/** A generator that gives out exactly these values, in this order. For published vectors only. */
export function replayed(...values: readonly Uint8Array[]): Random {
  const left = [...values];
  return (length) => {
    const next = left.shift();
    if (next?.length !== length) throw new Error("the vector holds no such value");
    return next;
  };
}

/** A trusted dealer, which sees the whole key: for tests only. @returns shares of participants 1..n */
export function deal(
  suite: FrostSuite,
  minSigners: number,
  maxSigners: number,
  random: Random,
  secret: bigint = randomScalar(suite.group, random),
): readonly KeyShare[] {
  const { group } = suite;
  const coefficients = [secret, ...Array.from({ length: minSigners - 1 }, () => randomScalar(group, random))];
  const identifiers = Array.from({ length: maxSigners }, (_, at) => at + 1);
  return sharesOf(suite, coefficients, identifiers);
}

/** Shares of the key with this polynomial, constant term first. */
export function sharesOf(
  suite: FrostSuite,
  coefficients: readonly bigint[],
  identifiers: readonly number[],
): readonly KeyShare[] {
  const { group } = suite;
  const values = new Map(identifiers.map((one) => [one, evaluate(group, coefficients, BigInt(one))]));
  const encode = (k: bigint) => group.encodePoint(group.base(k));
  const key = parsePublicKeyPackage(suite, {
    publicKey: encode(coefficients[0]!),
    verifyingShares: new Map([...values].map(([one, value]) => [one, encode(value)])),
    minSigners: coefficients.length,
  });
  return [...values].map(([one, value]) => keyShare(key, one, new Secret(group.encodeScalar(value))));
}

/** What `step` refuses with. @throws Error if it does not refuse, or not by a `FrostError` */
export function refusal(step: () => unknown): FrostError {
  try {
    step();
  } catch (error) {
    if (error instanceof FrostError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

/** Every subset of 1..n with at least `least` members. */
export function quorums(least: number, n: number): readonly (readonly number[])[] {
  return Array.from({ length: 2 ** n }, (_, mask) =>
    Array.from({ length: n }, (_, at) => at + 1).filter((one) => mask & (1 << (one - 1))),
  ).filter((subset) => subset.length >= least);
}

/** All of a signing set sign. */
export function signAll(
  keys: readonly KeyShare[],
  signers: readonly number[],
  message: Uint8Array,
  random: Random,
  merkleRoot: Uint8Array | null = null,
): { readonly context: SigningContext; readonly shares: Map<number, Uint8Array> } {
  const parties = signers.map((one) => {
    const key = keys.find((share) => share.identifier === one)!;
    return { key, ...commit(key, random) };
  });
  const commitments = parties.map((party) => party.commitment);
  return {
    context: signingContext(keys[0]!, commitments, message, merkleRoot),
    shares: new Map(
      parties.map(({ key, nonces }) => [key.identifier, signShare(key, nonces, commitments, message, merkleRoot)]),
    ),
  };
}
