import { inspect } from "node:util";
import { ed25519 } from "@noble/curves/ed25519.js";
import { verifyEd25519 } from "@quorate/curves";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  aggregate,
  type FrostSuiteName,
  signingContext,
  suite as suiteOf,
  verifyingKey,
  verifyShare,
  verifySignature,
} from "./aggregate/index.ts";
import { commit } from "./nonces.ts";
import { prepareShare, signPrepared, signShare } from "./share.ts";
import { deal, quorums, refusal, seededRandom, signAll } from "./testing.ts";

const SUITES: readonly FrostSuiteName[] = ["ed25519", "taproot", "secp256k1", "p256"];
/** For tests that compute much, on a machine that does much else. */
const SLOW_MS = 60_000;
const message = Buffer.from("pay 3 to Carol");

describe.each(SUITES)("signing with %s", (name) => {
  const suite = suiteOf(name, "fast");
  const { group } = suite;

  test(
    "every quorum of every (t, n) up to n = 5 signs",
    () => {
      for (let n = 2; n <= 5; n++) {
        for (let t = 2; t <= n; t++) {
          const keys = deal(suite, t, n, seededRandom(n * 10 + t));
          for (const signers of quorums(t, n)) {
            const { context, shares } = signAll(keys, signers, message, seededRandom(7));
            const signature = aggregate(context, shares);
            expect(verifySignature(suite, verifyingKey(keys[0]!, null), message, signature)).toBe(true);
          }
        }
      }
    },
    SLOW_MS,
  );

  test(
    "any message, of any length, gives a signature of that message only",
    () => {
      const keys = deal(suite, 2, 3, seededRandom(1));
      const run = fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(), (text, seed) => {
        const { context, shares } = signAll(keys, [1, 3], text, seededRandom(seed));
        const signature = aggregate(context, shares);
        const publicKey = verifyingKey(keys[0]!, null);
        expect(verifySignature(suite, publicKey, text, signature)).toBe(true);
        expect(verifySignature(suite, publicKey, Uint8Array.of(...text, 0), signature)).toBe(false);
        for (const [identifier, share] of shares) expect(verifyShare(context, identifier, share)).toBe(true);
      });
      fc.assert(run, { numRuns: 15 });
    },
    SLOW_MS,
  );

  const keys = deal(suite, 2, 4, seededRandom(2));
  const [mine, other] = [keys[0]!, keys[1]!];
  const prepared = () => {
    const random = seededRandom(3);
    const [own, theirs] = [commit(mine, random), commit(other, random)];
    return { nonces: own.nonces, list: [own.commitment, theirs.commitment] as const };
  };

  test("nonces sign once", () => {
    const { nonces, list } = prepared();
    signShare(mine, nonces, list, message);
    expect(refusal(() => signShare(mine, nonces, list, message)).code).toBe("nonces_used");
    expect(refusal(() => signShare(mine, nonces, list, Buffer.from("another"))).code).toBe("nonces_used");
  });

  test("nonces that were disposed of do not sign", () => {
    const { nonces, list } = prepared();
    nonces[Symbol.dispose]();
    expect(refusal(() => signShare(mine, nonces, list, message)).code).toBe("nonces_used");
  });

  test("nonces are gone even if what they were taken for fails", () => {
    const { nonces } = prepared();
    let seen = new Uint8Array();
    const fail = () => {
      nonces.take((hiding) => {
        seen = hiding as Uint8Array<ArrayBuffer>;
        expect(seen.some((byte) => byte !== 0)).toBe(true);
        throw new Error("on the way");
      });
    };
    expect(fail).toThrow("on the way");
    expect(seen.every((byte) => byte === 0)).toBe(true);
    expect(refusal(() => nonces.take(() => 0)).code).toBe("nonces_used");
  });

  test("a list that does not show what the signer published is refused, and its nonces stay", () => {
    const { nonces, list } = prepared();
    const foreign = commit(mine, seededRandom(4)).commitment;
    const half = {
      ...list[0],
      binding: foreign.binding,
      encoded: { ...list[0].encoded, binding: foreign.encoded.binding },
    };
    const hidden = {
      ...list[0],
      hiding: foreign.hiding,
      encoded: { ...list[0].encoded, hiding: foreign.encoded.hiding },
    };
    for (const shown of [foreign, half, hidden]) {
      expect(refusal(() => signShare(mine, nonces, [shown, list[1]], message)).code).toBe("own_commitment");
    }
    const third = commit(keys[2]!, seededRandom(5)).commitment;
    expect(refusal(() => signShare(mine, nonces, [list[1], third], message)).code).toBe("own_commitment");
    expect(signShare(mine, nonces, list, message)).toHaveLength(32);
  });

  test("what was prepared for other nonces or another key is refused, and the nonces stay", () => {
    const { nonces, list } = prepared();
    const others = commit(mine, seededRandom(4));
    const ready = prepareShare(mine, others.commitment, [others.commitment, list[1]], message);
    expect(refusal(() => signPrepared(mine, nonces, ready)).code).toBe("own_commitment");
    const foreign = prepareShare({ ...mine }, list[0], list, message);
    expect(refusal(() => signPrepared(mine, nonces, foreign)).code).toBe("own_commitment");
    expect(signPrepared(mine, nonces, prepareShare(mine, list[0], list, message))).toHaveLength(32);
  });

  test("a list that is no signing set is refused, and the nonces stay", () => {
    const { nonces, list } = prepared();
    const stranger = { ...list[1], identifier: 9 };
    for (const bad of [[list[0]], [list[1], list[0]], [list[0], list[0], list[1]], [list[0], stranger]]) {
      expect(refusal(() => signShare(mine, nonces, bad, message)).code).toBe("invalid_signing_set");
    }
    expect(signShare(mine, nonces, list, message)).toHaveLength(32);
  });

  test("a share is for one message and one list", () => {
    const { context, shares } = signAll(keys, [1, 2], message, seededRandom(6));
    const same = signAll(keys, [1, 2], Buffer.from("pay 4 to Carol"), seededRandom(6));
    expect(verifyShare(same.context, 1, shares.get(1)!)).toBe(false);
    const larger = signAll(keys, [1, 2, 3], message, seededRandom(6));
    expect(verifyShare(larger.context, 1, shares.get(1)!)).toBe(false);
    expect(verifyShare(context, 1, shares.get(1)!)).toBe(true);
  });

  test("binding factors depend on the message, on every commitment, on the key and on the participant", () => {
    const { context } = signAll(keys, [1, 2], message, seededRandom(6));
    const factor = (of: typeof context) => of.contributions.get(1)!.bindingFactor;
    const elsewhere = deal(suite, 2, 4, seededRandom(77));
    expect(factor(signAll(keys, [1, 2], Buffer.from("other"), seededRandom(6)).context)).not.toBe(factor(context));
    expect(factor(signAll(keys, [1, 2, 3], message, seededRandom(6)).context)).not.toBe(factor(context));
    const list = [...context.contributions.values()].map((one) => one.commitment);
    expect(factor(signingContext(elsewhere[0]!, list, message))).not.toBe(factor(context));
    expect(context.contributions.get(2)!.bindingFactor).not.toBe(factor(context));
  });

  test("the key share goes into the nonces: broken randomness does not repeat them between signers", () => {
    const broken = (length: number) => new Uint8Array(length);
    expect(commit(mine, broken).commitment.encoded.hiding).not.toEqual(commit(other, broken).commitment.encoded.hiding);
  });

  test("an error shows no secret", () => {
    const { nonces, list } = prepared();
    const refused = refusal(() => signShare(mine, nonces, [list[1], list[0]], message));
    const text = inspect([refused, nonces, mine], { depth: 9, showHidden: true });
    const secrets = nonces.take((hiding, binding) => [mine.signingShare.expose(), hiding.slice(), binding.slice()]);
    for (const secret of secrets) {
      expect(text).not.toContain(Buffer.from(secret).toString("hex"));
      expect(text).not.toContain(secret.subarray(0, 4).join(", "));
      expect(text).not.toContain(group.decodeScalar(secret).toString());
    }
  });
});

test("Ed25519 signatures are accepted by OpenSSL, and by noble both in strict and in ZIP-215 form", () => {
  const suite = suiteOf("ed25519", "fast");
  const keys = deal(suite, 3, 5, seededRandom(8));
  for (const [at, signers] of quorums(3, 5).entries()) {
    const { context, shares } = signAll(keys, signers, message, seededRandom(at));
    const signature = aggregate(context, shares);
    const publicKey = verifyingKey(keys[0]!, null);
    expect(verifyEd25519(publicKey, message, signature)).toBe(true);
    expect(ed25519.verify(signature, message, publicKey, { zip215: false })).toBe(true);
    expect(ed25519.verify(signature, message, publicKey, { zip215: true })).toBe(true);
  }
});
