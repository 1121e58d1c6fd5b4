import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deal, refusal, seededRandom, signAll } from "../testing.ts";
import { aggregate, verifyShare } from "./aggregate.ts";
import { signingContext } from "./context.ts";
import { type FrostSuiteName, suite as suiteOf } from "./suite.ts";

const SUITES: readonly FrostSuiteName[] = ["ed25519", "taproot", "secp256k1", "p256"];
/** For tests that compute much, on a machine that does much else. */
const SLOW_MS = 60_000;
const message = Buffer.from("move the funds");

describe.each(SUITES)("aggregating with %s", (name) => {
  const suite = suiteOf(name, "fast");
  const { group } = suite;
  const keys = deal(suite, 3, 5, seededRandom(1));
  const root = name === "taproot" ? new Uint8Array() : null;
  const run = (seed: number) => signAll(keys, [1, 2, 4, 5], message, seededRandom(seed), root);
  const plusOne = (share: Uint8Array) => group.encodeScalar(group.mod(group.decodeScalar(share) + 1n));
  /** The order of the group as a share: 0 in another encoding. */
  const order = () => {
    const bytes = new Uint8Array(Buffer.from(group.order.toString(16).padStart(64, "0"), "hex"));
    return name === "ed25519" ? bytes.reverse() : bytes;
  };

  test(
    "exactly those whose shares are wrong are named, whoever they are",
    () => {
      const property = fc.property(
        fc.uniqueArray(fc.constantFrom(1, 2, 4, 5), { minLength: 1 }),
        fc.nat(),
        (guilty, seed) => {
          const { context, shares } = run(seed);
          for (const one of guilty) shares.set(one, plusOne(shares.get(one)!));
          const culprits = guilty.toSorted((a, b) => a - b);
          expect(refusal(() => aggregate(context, shares))).toMatchObject({ code: "invalid_share", culprits });
        },
      );
      fc.assert(property, { numRuns: 8 });
    },
    SLOW_MS,
  );

  test("two wrong shares that cancel out give the right signature, which is what counts", () => {
    const { context, shares } = run(2);
    const right = aggregate(context, shares);
    shares.set(1, plusOne(shares.get(1)!));
    shares.set(4, group.encodeScalar(group.mod(group.decodeScalar(shares.get(4)!) - 1n)));
    expect(aggregate(context, shares)).toEqual(right);
    expect([1, 2, 4, 5].filter((one) => !verifyShare(context, one, shares.get(one)!))).toEqual([1, 4]);
  });

  test("the share of another participant, or of another session, is a wrong one", () => {
    const { context, shares } = run(3);
    const copied = new Map([...shares, [1, shares.get(2)!]]);
    expect(refusal(() => aggregate(context, copied)).culprits).toEqual([1]);
    const stale = new Map([...shares, [5, run(4).shares.get(5)!]]);
    expect(refusal(() => aggregate(context, stale)).culprits).toEqual([5]);
  });

  test("a share that is not a canonical scalar is a wrong one, and does not hide others", () => {
    const { context, shares } = run(5);
    const [share] = shares.values();
    const larger = Buffer.from(order());
    larger[name === "ed25519" ? 0 : 31]! += 1;
    for (const bad of [
      order(),
      larger,
      new Uint8Array(32).fill(255),
      share!.slice(1),
      Uint8Array.of(...share!, 0),
      new Uint8Array(),
    ]) {
      expect(verifyShare(context, 2, bad)).toBe(false);
      const sent = new Map([...shares, [2, bad], [4, plusOne(shares.get(4)!)]]);
      expect(refusal(() => aggregate(context, sent))).toMatchObject({ code: "invalid_share", culprits: [2, 4] });
    }
  });

  test("a share must be there from everyone in the signing set and from nobody else", () => {
    const { context, shares } = run(6);
    const fewer = new Map([...shares].filter(([one]) => one !== 4));
    expect(refusal(() => aggregate(context, fewer))).toMatchObject({ code: "missing_share", culprits: [] });
    const more = new Map([...shares, [3, shares.get(4)!]]);
    expect(refusal(() => aggregate(context, more))).toMatchObject({ code: "missing_share", culprits: [] });
    expect(verifyShare(context, 3, shares.get(4)!)).toBe(false);
  });

  test("shares of an older key do not pass under a newer one", () => {
    const { context, shares } = run(7);
    const list = [...context.contributions.values()].map((one) => one.commitment);
    const newer = deal(suite, 3, 5, seededRandom(99));
    const mixed = signingContext(newer[0]!, list, message, root);
    expect(refusal(() => aggregate(mixed, shares)).culprits).toEqual([1, 2, 4, 5]);
  });
});

test("the right share in another encoding, the order added, is a wrong one", () => {
  const suite = suiteOf("ed25519", "fast");
  const { context, shares } = signAll(deal(suite, 2, 2, seededRandom(1)), [1, 2], message, seededRandom(2));
  const larger = suite.group.decodeScalar(shares.get(1)!) + suite.group.order;
  const encoded = Buffer.from(larger.toString(16).padStart(64, "0"), "hex").reverse();
  expect(verifyShare(context, 1, shares.get(1)!)).toBe(true);
  expect(verifyShare(context, 1, encoded)).toBe(false);
  expect(refusal(() => aggregate(context, new Map([...shares, [1, encoded]]))).culprits).toEqual([1]);
});
