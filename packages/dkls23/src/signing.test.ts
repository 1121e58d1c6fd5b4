import { createPublicKey, verify as verifyNative } from "node:crypto";
import { p256 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { verify as verifyIndependently } from "@noble/secp256k1";
import { bytesToInteger, decode, type EcdsaCurve, encode, sha256 } from "@quorate/curves";
import { type Identifier, type Step, tampered } from "@quorate/protocol";
import { describe, expect, test } from "vitest";
import { aggregate, type EcdsaSignature, Presignature, presignRounds, signShare } from "./index.ts";
import { type PresignOptions, presignLocally, type TestKey, testKey, testPairs } from "./testing.ts";

const CURVES = { secp256k1, p256 };
const SPKI_PREFIX = {
  secp256k1: Buffer.from("3036301006072a8648ce3d020106052b8104000a032200", "hex"),
  p256: Buffer.from("3039301306072a8648ce3d020106082a8648ce3d030107032200", "hex"),
};

const sizes = Array.from({ length: 6 }, (_, at) => at + 2).flatMap((n) =>
  Array.from({ length: n - 1 }, (_, at) => [at + 2, n] as const),
);

/** Every subset of 1..n with `size` members. */
function sets(size: number, n: number): readonly (readonly Identifier[])[] {
  return Array.from({ length: 2 ** n }, (_, mask) =>
    Array.from({ length: n }, (_, at) => at + 1).filter((one) => mask & (1 << (one - 1))),
  ).filter((subset) => subset.length === size);
}

function finish(
  { group }: TestKey,
  presignatures: ReadonlyMap<Identifier, Presignature>,
  digest: Uint8Array,
): EcdsaSignature {
  const [{ publicKey, bigR }] = [...presignatures.values()] as [Presignature];
  const shares = [...presignatures.values()].map((one) => signShare(group, one, digest));
  return aggregate(group, publicKey, bigR, digest, shares);
}

/** Signs and asks three implementations. */
function expectSignature(curve: EcdsaCurve, key: TestKey, signers: readonly Identifier[], options: PresignOptions) {
  const message = new TextEncoder().encode(`${curve} ${signers.join()} of ${key.participants.length}`);
  const digest = sha256(message);
  const presignatures = presignLocally(key, signers, options);
  const [{ publicKey }] = [...presignatures.values()] as [Presignature];
  const { r, s, recid } = finish(key, presignatures, digest);
  const compact = new Uint8Array([...r, ...s]);
  const noble = CURVES[curve];
  expect(noble.verify(compact, digest, publicKey, { prehash: false, lowS: curve === "secp256k1" })).toBe(true);
  const recovered = noble.Signature.fromBytes(compact, "compact").addRecoveryBit(recid).recoverPublicKey(digest);
  expect(recovered.toBytes()).toEqual(publicKey);
  const spki = Buffer.concat([SPKI_PREFIX[curve], publicKey]);
  const native = createPublicKey({ key: spki, format: "der", type: "spki" });
  expect(verifyNative("sha256", message, { key: native, dsaEncoding: "ieee-p1363" }, compact)).toBe(true);
  if (curve === "secp256k1") expect(verifyIndependently(compact, digest, publicKey, { prehash: false })).toBe(true);
  return { digest, signature: { r, s } };
}

test.each(sizes)("%i of %i sign on secp256k1, whoever they are", (minSigners, n) => {
  const key = testKey("secp256k1", minSigners, n);
  const pairs = testPairs(key.participants);
  for (const [execution, signers] of sets(minSigners, n).entries()) {
    expectSignature("secp256k1", key, signers, { pairs, execution });
  }
});

test.each(sizes)("%i of %i sign on P-256", (minSigners, n) => {
  const signers = sets(minSigners, n).at(-1)!;
  expectSignature("p256", testKey("p256", minSigners, n), signers, {});
});

describe.each(["secp256k1", "p256"] as const)("a signature on %s", (curve) => {
  const key = testKey(curve, 2, 3);
  const { group } = key;

  test.each([0n, 12345n])("is the one that the whole key would make with the same nonce, tweaked by %i", (tweak) => {
    const presignatures = presignLocally(key, [1, 3], { tweak });
    const digest = sha256(new Uint8Array([1]));
    const copies = new Map([...presignatures].map(([one, presignature]) => [one, presignature.encode()]));
    const parts = [...copies.values()].map((one) => one.slice(-96));
    const of = (at: number) =>
      group.mod(parts.reduce((sum, one) => sum + bytesToInteger(one.subarray(at, at + 32)), 0n));
    const k = group.mod(of(32) * group.invert(of(0)));
    const moved = new Map([...copies].map(([one, bytes]) => [one, Presignature.decode(bytes)]));
    const r = bytesToInteger(moved.get(1)!.bigR.subarray(1));
    const s = group.mod(group.invert(k) * (bytesToInteger(digest) + r * (key.secret + tweak)));
    const expected = curve === "secp256k1" && s > group.order / 2n ? group.order - s : s;
    const signature = finish(key, moved, digest);
    expect([bytesToInteger(signature.r), bytesToInteger(signature.s)]).toEqual([group.mod(r), expected]);
  });

  test("of a child is one of no other key", () => {
    const tweak = 99n;
    const { digest, signature } = expectSignature(curve, key, [2, 3], { tweak });
    const compact = new Uint8Array([...signature.r, ...signature.s]);
    const parent = group.encodePoint(key.publicKey);
    expect(CURVES[curve].verify(compact, digest, parent, { prehash: false, lowS: false })).toBe(false);
  });

  test("is not released when one signer answers another digest", () => {
    const presignatures = [...presignLocally(key, [1, 2]).values()];
    const [{ publicKey, bigR }] = presignatures as [Presignature];
    const digest = sha256(new Uint8Array([2]));
    const other = sha256(new Uint8Array([3]));
    const shares = presignatures.map((one, at) => signShare(group, one, at === 0 ? digest : other));
    expect(() => aggregate(group, publicKey, bigR, digest, shares)).toThrow(
      expect.objectContaining({ code: "invalid_signature" }),
    );
  });

  test("is not released when one signer sends a wrong psi, which no check of the presigning sees and nobody is blamed for", () => {
    const [, , ANSWERS] = presignRounds(group);
    const edit = (step: Step) =>
      step.kind === "private" && step.round.number === 3
        ? tampered(step, [1], (_, body) => {
            const answer = decode(ANSWERS.codec, body);
            return encode(ANSWERS.codec, { ...answer, psi: group.mod(answer.psi + 1n) });
          })
        : step;
    const presignatures = presignLocally(key, [1, 2], { edits: { 2: edit } });
    expect(() => finish(key, presignatures, sha256(new Uint8Array([4])))).toThrow(
      expect.objectContaining({ code: "invalid_signature" }),
    );
  });
});
