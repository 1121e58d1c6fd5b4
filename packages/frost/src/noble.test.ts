import type { FROST } from "@noble/curves/abstract/frost.js";
import { ed25519_FROST } from "@noble/curves/ed25519.js";
import { p256_FROST } from "@noble/curves/nist.js";
import { schnorr_FROST, secp256k1_FROST } from "@noble/curves/secp256k1.js";
import { Secret } from "@quorate/curves";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  aggregate,
  type FrostSuiteName,
  parseCommitments,
  parsePublicKeyPackage,
  signingContext,
  suite as suiteOf,
  verifyingKey,
  verifyShare,
} from "./aggregate/index.ts";
import { keyShare } from "./key-share.ts";
import { commit } from "./nonces.ts";
import { signShare } from "./share.ts";
import { quorums, seededRandom } from "./testing.ts";

/** For tests that compute much, on a machine that does much else. */
const SLOW_MS = 60_000;

const NOBLE: readonly (readonly [FrostSuiteName, FROST])[] = [
  ["ed25519", ed25519_FROST],
  ["taproot", schnorr_FROST],
  ["secp256k1", secp256k1_FROST],
  ["p256", p256_FROST],
];

/** `seededRandom` in the form that noble wants. */
function rng(seed: number) {
  const random = seededRandom(seed);
  return (length = 32) => Uint8Array.from(random(length));
}

/**
 * Keys come from noble's dealer. Of its taproot suite the dealer, unlike the key generation, applies no tweak: what both sides
 * sign under is the internal key, lifted to even y.
 */
describe.each(NOBLE)("noble's FROST and ours agree on %s", (name, frost) => {
  const suite = suiteOf(name, "fast");
  const id = (identifier: number) => frost.Identifier.fromNumber(identifier);

  /** One signing set, with each participant's round one done by both implementations from the same randomness. */
  function session(t: number, n: number, signers: readonly number[], seed: number) {
    const dealt = frost.trustedDealer({ min: t, max: n }, undefined, undefined, rng(seed));
    const key = parsePublicKeyPackage(suite, {
      publicKey: dealt.public.commitments[0]!,
      verifyingShares: new Map(
        Array.from({ length: n }, (_, at) => [at + 1, dealt.public.verifyingShares[id(at + 1)]!]),
      ),
      minSigners: t,
    });
    const parties = signers.map((identifier) => {
      const secret = dealt.secretShares[id(identifier)]!;
      const share = keyShare(key, identifier, new Secret(secret.signingShare.slice()));
      const random = () => rng(seed * 100 + identifier);
      return { identifier, secret, share, ours: commit(share, random()), theirs: frost.commit(secret, random()) };
    });
    return { dealt, key, parties };
  }

  test(
    "commitments and shares are equal byte for byte, and so is the signature",
    () => {
      const cases = [2, 3].flatMap((t) => quorums(t, 4).map((signers) => ({ t, signers })));
      const property = fc.property(
        fc.constantFrom(...cases),
        fc.uint8Array({ maxLength: 80 }),
        fc.nat(1e6),
        (one, text, seed) => {
          const { dealt, key, parties } = session(one.t, 4, one.signers, seed);
          const list = parties.map((party) => party.ours.commitment);
          const theirList = parties.map((party) => party.theirs.commitments);
          expect(list.map(({ encoded }) => [id(encoded.identifier), encoded.hiding, encoded.binding])).toEqual(
            theirList.map((commitment) => [commitment.identifier, commitment.hiding, commitment.binding]),
          );
          const ours = new Map<number, Uint8Array>();
          const theirs: Record<string, Uint8Array> = {};
          for (const { identifier, secret, share, ours: mine, theirs: its } of parties) {
            ours.set(identifier, signShare(share, mine.nonces, list, text));
            theirs[id(identifier)] = frost.signShare(secret, dealt.public, its.nonces, theirList, text);
            expect(ours.get(identifier)).toEqual(theirs[id(identifier)]);
          }
          const signature = aggregate(signingContext(key, list, text), ours);
          expect(signature).toEqual(frost.aggregate(dealt.public, theirList, text, theirs));
          expect(frost.verify(signature, text, verifyingKey(key, null))).toBe(true);
        },
      );
      fc.assert(property, { numRuns: 5 });
    },
    SLOW_MS,
  );

  test(
    "each aggregates the other's shares, and both blame the same",
    () => {
      const text = Buffer.from("differential");
      const { dealt, key, parties } = session(2, 3, [1, 3], 42);
      const [first, second] = [parties[0]!, parties[1]!];
      // Participant 1 runs ours, participant 3 noble's.
      const theirList = [{ ...first.ours.commitment.encoded, identifier: id(1) }, second.theirs.commitments];
      const list = parseCommitments(
        suite,
        [first.ours.commitment.encoded, { ...second.theirs.commitments, identifier: 3 }],
        first.ours.commitment,
      );
      const mine = signShare(first.share, first.ours.nonces, list, text);
      const its = frost.signShare(second.secret, dealt.public, second.theirs.nonces, theirList, text);
      const context = signingContext(key, list, text);
      const signature = aggregate(
        context,
        new Map([
          [1, mine],
          [3, its],
        ]),
      );
      expect(frost.aggregate(dealt.public, theirList, text, { [id(1)]: mine, [id(3)]: its })).toEqual(signature);
      for (const [identifier, share] of [
        [1, mine],
        [3, its],
        [1, its],
        [3, mine],
      ] as const) {
        const right = frost.verifyShare(dealt.public, theirList, text, id(identifier), share);
        expect(verifyShare(context, identifier, share)).toBe(right);
        expect(right).toBe(share === (identifier === 1 ? mine : its));
      }
    },
    SLOW_MS,
  );
});
