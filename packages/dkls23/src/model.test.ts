import {
  DecodeError,
  decode,
  encode,
  type Identity,
  recoverEcdsa,
  type Secret,
  sha256,
  verifyEcdsa,
} from "@quorate/curves";
import { loadUnsafeModel } from "@quorate/curves/model";
import { type Step, tampered } from "@quorate/protocol";
import { runLocally, testParticipants } from "@quorate/protocol/testing";
import { describe, expect, test } from "vitest";
import { aggregate, decodePairSetup, encodePairSetup, type Presignature, presignRounds, signShare } from "./index.ts";
import { dealPair, outputOf, pairOf, presignLocally, setupSessions, testKey, testPairConfig } from "./testing.ts";

loadUnsafeModel();
const digest = sha256(Buffer.from("a message"));
const identities = [...testParticipants(2).identities.values()].toSorted((a, b) => {
  return Buffer.compare(a.publicKey, b.publicKey);
}) as [Identity, Identity];
const config = testPairConfig(identities[0].publicKey, identities[1].publicKey, 0, "model");

/** Both ends of a real setup on the model, by participant. */
function pairs() {
  const states = runLocally(setupSessions(config, identities));
  const rankOf = (identifier: number) => {
    const { publicKey } = testParticipants(2).participants[identifier - 1]!;
    return Buffer.compare(publicKey, identities[0].publicKey) === 0 ? 1 : 2;
  };
  const pair = (self: number) => pairOf(outputOf(states, rankOf(self)));
  return new Map([
    [1, new Map([[2, pair(1)]])],
    [2, new Map([[1, pair(2)]])],
  ]);
}

describe.each(["secp256k1", "p256"] as const)("on the model of %s", (curve) => {
  const key = testKey(curve, 2, 2, 7, "model");
  const { group } = key;
  const sign = (presignatures: ReadonlyMap<number, Presignature>) => {
    const [{ publicKey, bigR }] = [...presignatures.values()] as [Presignature];
    const shares = [...presignatures.values()].map((one) => signShare(group, one, digest));
    return { publicKey, bigR, shares };
  };

  test.each([0n, 12345n])("a pair sets itself up, presigns and signs; tweaked by %i", (tweak) => {
    const { publicKey, bigR, shares } = sign(presignLocally(key, [1, 2], { pairs: pairs(), tweak }));
    expect(publicKey).toEqual(group.encodePoint(group.base(group.mod(key.secret + tweak))));
    const { r, s, recid } = aggregate(group, publicKey, bigR, digest, shares);
    const signature = Uint8Array.of(...r, ...s);
    expect(verifyEcdsa(curve, publicKey, digest, signature)).toBe(false);
    expect(recoverEcdsa(curve, digest, signature, recid)).not.toEqual(publicKey);
  });

  test("a wrong share makes no signature", () => {
    const { publicKey, bigR, shares } = sign(presignLocally(key, [1, 2]));
    const [first, second] = shares as [(typeof shares)[0], (typeof shares)[0]];
    const wrong = { ...first, w: group.encodeScalar(group.mod(group.decodeScalar(first.w) + 1n)) };
    expect(() => aggregate(group, publicKey, bigR, digest, [wrong, second])).toThrow("do not make a signature");
  });

  test("a lie in the multiplication is found, and burns the pair", () => {
    const all = pairs();
    const [, , ANSWERS] = presignRounds(group);
    const lie = (step: Step) =>
      step.kind === "private" && step.round.number === 3
        ? tampered(step, [1], (_, body) => {
            const { message, ...rest } = decode(ANSWERS.codec, body);
            return encode(ANSWERS.codec, { ...rest, message: message.with(-1, message.at(-1)! ^ 1) });
          })
        : step;
    expect(() => presignLocally(key, [1, 2], { pairs: all, edits: { 2: lie } })).toThrow("participant 1");
    expect(all.get(1)!.get(2)!.burned).toBe(true);
  });
});

test("a setup of the model is an eighth of a real one, and neither is read as the other", () => {
  const [real, model] = (["fast", "model"] as const).map((backend) => {
    return encodePairSetup(dealPair({ ...config, backend })[0]);
  }) as [Secret, Secret];
  expect([real.length, model.length]).toEqual([24_682, 3150]);
  expect(() => decodePairSetup(real.expose(), "model")).toThrow(DecodeError);
  expect(() => decodePairSetup(model.expose(), "fast")).toThrow(DecodeError);
});
