import { type GroupName, group, randomScalar, toScalar, u32be } from "@quorate/curves";
import { seededRandom } from "@quorate/protocol/testing";
import { describe, expect, test } from "vitest";
import { type Claim, prove, verifyProof } from "./proof.ts";

describe.each<GroupName>(["ed25519", "secp256k1", "p256"])("a proof of knowledge on %s", (name) => {
  const G = group(name, "fast");
  const random = seededRandom(3);
  const secret = randomScalar(G, random);
  const claim: Claim = {
    suite: name,
    group: G,
    label: "dkg",
    ctx: new Uint8Array(32).fill(1),
    sid: new Uint8Array(32).fill(2),
    identifier: 3,
    index: 1,
    statement: G.base(secret),
  };
  const proof = prove(claim, secret, random);

  test("holds for what was claimed", () => {
    expect(verifyProof(claim, proof)).toBe(true);
    expect(
      verifyProof(
        { ...claim, group: group(name, "noble"), statement: group(name, "noble").base(secret) },
        {
          commitment: group(name, "noble").decodePoint(G.encodePoint(proof.commitment)),
          response: proof.response,
        },
      ),
    ).toBe(true);
  });

  test.each<[string, Partial<Claim>]>([
    ["another participant", { identifier: 4 }],
    ["another coefficient", { index: 0 }],
    ["another session", { sid: new Uint8Array(32) }],
    ["another context", { ctx: new Uint8Array(32) }],
    ["another purpose", { label: "dkg/share" }],
    ["another suite", { suite: "other" }],
    ["another point", { statement: G.base(secret + 1n) }],
    ["the negated point", { statement: G.negate(claim.statement) }],
  ])("does not hold for %s", (_, change) => {
    expect(verifyProof({ ...claim, ...change }, proof)).toBe(false);
  });

  test("does not hold with either member changed", () => {
    expect(verifyProof(claim, { ...proof, response: G.mod(proof.response + 1n) })).toBe(false);
    expect(verifyProof(claim, { ...proof, commitment: G.add(proof.commitment, G.generator) })).toBe(false);
  });

  test("does not hold for the identity, of which everybody knows the logarithm", () => {
    const nothing = { ...claim, statement: G.identity };
    expect(verifyProof(nothing, { commitment: G.base(5n), response: 5n })).toBe(false);
  });

  /** The challenge, were it over less than it is. */
  const weakChallenge = (point: Uint8Array) => {
    const { suite, label, ctx, sid, identifier, index } = claim;
    return toScalar(G, suite, `pok/${label}`, ctx, sid, u32be(identifier), u32be(index), point);
  };

  test("is not made for a point that is chosen after the challenge", () => {
    const commitment = G.base(11n);
    const c = weakChallenge(G.encodePoint(commitment));
    const statement = G.multiply(G.subtract(G.base(13n), commitment), G.invert(c));
    expect(verifyProof({ ...claim, statement }, { commitment, response: 13n })).toBe(false);
  });

  test("is not made with a commitment that is chosen after the challenge", () => {
    const c = weakChallenge(G.encodePoint(claim.statement));
    const commitment = G.subtract(G.base(13n), G.multiply(claim.statement, c));
    expect(verifyProof(claim, { commitment, response: 13n })).toBe(false);
  });

  test("does not repeat its randomness", () => {
    expect(prove(claim, secret, random).response).not.toBe(proof.response);
  });
});
