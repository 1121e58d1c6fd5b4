import { seededRandom } from "@quorate/protocol/testing";
import { describe, expect, test } from "vitest";
import { chainCommitmentTo, coefficientClaim, commitmentTo, opens, opensChain, proves } from "./check.ts";
import { keygenContext } from "./config.ts";
import { Dealing } from "./dealing.ts";
import { prove } from "./proof.ts";
import { testConfig } from "./testing.ts";

const config = testConfig("ed25519", 2, 3);
const run = { ...config, ctx: keygenContext(config) };
const sid = new Uint8Array(32);
const salt = new Uint8Array(32);
const random = seededRandom(1);

/** A valid opening with so many coefficients. */
function openingOf(minSigners: number) {
  const { commitments, coefficients } = new Dealing({ ...config, minSigners }, random);
  const proofs = coefficients.map((secret, at) =>
    prove(coefficientClaim(run, sid, 1, at, commitments[at]!), secret, random),
  );
  return { coefficients: commitments, salt, proofs };
}

test("an opening proves exactly as many coefficients as there are signers", () => {
  const good = openingOf(2);
  expect(proves(run, sid, 1, good)).toBe(true);
  expect(proves(run, sid, 1, { coefficients: [], salt, proofs: [] })).toBe(false);
  expect(proves(run, sid, 1, openingOf(1))).toBe(false);
  expect(proves(run, sid, 1, openingOf(3))).toBe(false);
  expect(proves(run, sid, 1, { ...good, coefficients: good.coefficients.slice(0, 1) })).toBe(false);
  expect(proves(run, sid, 1, { ...good, proofs: [] })).toBe(false);
  expect(proves(run, sid, 1, { ...good, proofs: [...good.proofs, good.proofs[0]!] })).toBe(false);
});

describe("an opening does not fit a commitment with", () => {
  const [nonce, part] = [random(32), random(32)];
  const opening = openingOf(2);
  const dealt = { chainPart: part, chainSalt: salt };
  const made = (one: typeof run, from: number, withNonce: Uint8Array) => ({
    nonce,
    commitment: commitmentTo(one, from, withNonce, opening.coefficients, salt),
    chainCommitment: chainCommitmentTo(one, from, withNonce, part, salt),
  });

  test.each([
    ["another run", made({ ...run, ctx: new Uint8Array(32) }, 1, nonce)],
    ["another participant", made(run, 2, nonce)],
    ["another nonce", made(run, 1, random(32))],
  ])("%s", (_, commitment) => {
    const own = made(run, 1, nonce);
    expect([opens(run, 1, own, opening), opensChain(run, 1, own, dealt)]).toEqual([true, true]);
    expect([opens(run, 1, commitment, opening), opensChain(run, 1, commitment, dealt)]).toEqual([false, false]);
  });
});
