/**
 * What a signer computes for one signature (commit, parse the others' commitments, sign a share), against noble's suite functions in
 * the same run. Run: node packages/frost/bench/frost.bench.ts
 */
import { randomBytes } from "node:crypto";
import type { FROST } from "@noble/curves/abstract/frost.js";
import { ed25519_FROST } from "@noble/curves/ed25519.js";
import { p256_FROST } from "@noble/curves/nist.js";
import { schnorr_FROST, secp256k1, secp256k1_FROST } from "@noble/curves/secp256k1.js";
import { type Backend, bytesToInteger, type Random } from "@quorate/curves";
import { commit, type FrostSuiteName, parseCommitments, signShare, suite } from "../src/index.ts";
import { deal } from "../src/testing.ts";

const random: Random = (length) => new Uint8Array(randomBytes(length));
const message = random(32);

/** One thing to be timed: makes its input, which is not timed, and returns the work. */
type Subject = () => () => void;

/** Medians in milliseconds. The subjects take turns, so that whatever else the machine does falls on all alike. */
function medians(rounds: number, subjects: readonly Subject[]): readonly number[] {
  const times: number[][] = subjects.map(() => []);
  for (let round = -10; round < rounds; round++) {
    for (const [at, subject] of subjects.entries()) {
      const work = subject();
      const start = process.hrtime.bigint();
      work();
      if (round >= 0) times[at]!.push(Number(process.hrtime.bigint() - start) / 1e6);
    }
  }
  return times.map((list) => list.toSorted((a, b) => a - b)[list.length >> 1]!);
}

function ours(name: FrostSuiteName, backend: Backend, t: number, n: number): Subject {
  const keys = deal(suite(name, backend), t, n, random);
  const self = keys[0]!;
  const merkleRoot = name === "taproot" ? new Uint8Array() : null;
  return () => {
    const others = keys.slice(1, t).map((key) => commit(key, random).commitment.encoded);
    return () => {
      const { nonces, commitment } = commit(self, random);
      signShare(self, nonces, [commitment, ...parseCommitments(self.suite, others)], message, merkleRoot);
    };
  };
}

function nobles(frost: FROST, t: number, n: number): Subject {
  const { public: pub, secretShares } = frost.trustedDealer({ min: t, max: n });
  const keys = Object.values(secretShares);
  const self = keys[0]!;
  return () => {
    const others = keys.slice(1, t).map((key) => frost.commit(key).commitments);
    return () => {
      const { nonces, commitments } = frost.commit(self);
      frost.signShare(self, pub, nonces, [commitments, ...others], message);
    };
  };
}

const SUITES: readonly (readonly [FrostSuiteName, FROST, target: number])[] = [
  ["ed25519", ed25519_FROST, 8],
  ["taproot", schnorr_FROST, 4],
  ["secp256k1", secp256k1_FROST, 4],
  ["p256", p256_FROST, 4],
];
const QUORUMS = [
  [2, 3],
  [7, 10],
] as const;

const { BASE, Fn } = secp256k1.Point;
const scalar = () => Fn.create(bytesToInteger(random(40)));
const P = BASE.multiply(scalar());
const unit: Subject = () => {
  const k = scalar();
  return () => P.multiply(k);
};

const ratio = (of: number, to: number) => `1/${(of / to).toFixed(1)}`.padStart(8);
const ms = (value: number) => value.toFixed(2).padStart(8);
console.log(
  "Signer total (commit, parse, share): medians in ms. U = one constant-time multiply of noble on secp256k1.",
);
console.log("                     noble    fast   ratio  target   ours on noble   ratio        U");
for (const [name, frost, target] of SUITES) {
  for (const [t, n] of QUORUMS) {
    const subjects = [nobles(frost, t, n), ours(name, "fast", t, n), ours(name, "noble", t, n), unit];
    const [theirs, fast, portable, U] = medians(30, subjects) as [number, number, number, number];
    const verdict = theirs / fast >= target ? "  " : " !";
    const left = `${name} ${t}-of-${n}`.padEnd(18) + ms(theirs) + ms(fast) + ratio(theirs, fast);
    console.log(
      `${left} 1/${target}${verdict}${ms(portable).padStart(16)}${ratio(theirs, portable)}${ms(U).padStart(9)}`,
    );
  }
}
