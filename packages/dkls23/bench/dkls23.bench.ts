/**
 * What threshold ECDSA costs one participant, frames and their signatures included, in units of U: the median of one constant-time
 * variable-base multiplication of noble's secp256k1 in the same run. Run: node packages/dkls23/bench/dkls23.bench.ts
 */
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { type EcdsaCurve, type Identity, type Random, sha256 } from "@quorate/curves";
import type { Identifier, Session } from "@quorate/protocol";
import { testParticipants } from "@quorate/protocol/testing";
import { aggregate, encodePairSetup, type Presignature, signShare } from "../src/index.ts";
import { presignSessions, setupSessions, testKey, testPairConfig, testPairs } from "../src/testing.ts";

const random: Random = (length) => new Uint8Array(randomBytes(length));
const RUNS = 15;

/** Milliseconds that participant 1 computes, bytes that it sends to participant 2, and what comes out at each. */
interface Taken<Out> {
  readonly ms: number;
  readonly bytes: number;
  readonly outputs: readonly Out[];
}

function participate<Out>(sessions: ReadonlyMap<Identifier, Session<Out>>): Taken<Out> {
  let [ms, bytes] = [0, 0];
  const timed = <T>(self: Identifier, work: () => T): T => {
    const start = process.hrtime.bigint();
    const result = work();
    if (self === 1) ms += Number(process.hrtime.bigint() - start) / 1e6;
    return result;
  };
  const flying = [...sessions].map(([from, one]) => ({ from, outgoing: timed(from, () => one.start()) }));
  for (let next = flying.shift(); next !== undefined; next = flying.shift()) {
    const { from, outgoing } = next;
    for (const { to, frame } of outgoing) {
      if (from === 1 && to === 2) bytes += frame.length;
      const session = sessions.get(to)!;
      const answer = timed(to, () => [
        ...session.accept(from, frame),
        ...(session.state.kind === "checkpoint" ? session.saved() : []),
      ]);
      flying.push({ from: to, outgoing: answer });
    }
  }
  const outputs = [...sessions.values()].map(({ state }) => {
    if (state.kind !== "done") throw new Error("a run failed");
    return state.output;
  });
  return { ms, bytes, outputs };
}

/** One line of the table. */
export interface Row {
  readonly operation: string;
  readonly medianMs: number;
  readonly ratio: number;
  /** In units of U. */
  readonly target: string;
  /** Frames to one co-signer, or the record at rest. */
  readonly bytes: number;
}

/** Each returns milliseconds and bytes of one run. */
type Subject = () => { readonly ms: number; readonly bytes: number };

function presigning(curve: EcdsaCurve, minSigners: number): Subject {
  const key = testKey(curve, minSigners, minSigners);
  const signers = key.participants.map((one) => one.identifier);
  const pairs = testPairs(key.participants);
  let execution = 0;
  return () =>
    participate(presignSessions(key, signers, { pairs, execution: execution++, config: () => ({ random }) }));
}

function settingUp(): Subject {
  const identities = [...testParticipants(2).identities.values()].toSorted((a, b) => {
    return Buffer.compare(a.publicKey, b.publicKey);
  }) as [Identity, Identity];
  const config = testPairConfig(identities[0].publicKey, identities[1].publicKey);
  let seed = 0;
  return () => {
    const { ms, outputs } = participate(setupSessions(config, identities, {}, seed++));
    return { ms, bytes: encodePairSetup(outputs[0]!).length };
  };
}

/** The share, and the sum of three with all its checks. */
function online(part: "share" | "aggregate"): Subject {
  const key = testKey("secp256k1", 3, 3);
  const pairs = testPairs(key.participants);
  let execution = 100;
  return () => {
    const { outputs } = participate(presignSessions(key, [1, 2, 3], { pairs, execution: execution++ }));
    const [{ publicKey, bigR }] = outputs as readonly [Presignature];
    const digest = sha256(random(32));
    const clock = () => Number(process.hrtime.bigint()) / 1e6;
    const start = clock();
    const first = signShare(key.group, outputs[0]!, digest);
    const shared = clock();
    const shares = [first, ...outputs.slice(1).map((one) => signShare(key.group, one, digest))];
    const before = clock();
    aggregate(key.group, publicKey, bigR, digest, shares);
    return { ms: part === "share" ? shared - start : clock() - before, bytes: 64 };
  };
}

const SUBJECTS: readonly (readonly [string, Subject, string])[] = [
  ["presign, t = 2", presigning("secp256k1", 2), "3.2, better 2.5"],
  ["presign, t = 3", presigning("secp256k1", 3), "5.8, better 4.5"],
  ["presign, t = 5", presigning("secp256k1", 5), "11.2, better 8.5"],
  ["presign on P-256, t = 2", presigning("p256", 2), ""],
  ["presign on P-256, t = 3", presigning("p256", 3), ""],
  ["pair setup, both directions", settingUp(), "110, better 50"],
  ["online share", online("share"), "0.3"],
  ["aggregate three shares", online("aggregate"), ""],
];

export function run(): readonly Row[] {
  const point = secp256k1.Point.BASE.multiply(7n).double();
  const scalar = secp256k1.Point.Fn.fromBytes(random(32), true);
  const units: number[] = [];
  const samples = SUBJECTS.map(() => [] as { ms: number; bytes: number }[]);
  // The subjects take turns, so that whatever else the machine does falls on all alike.
  for (let round = -3; round < RUNS; round++) {
    for (const [at, [, subject]] of SUBJECTS.entries()) {
      const start = process.hrtime.bigint();
      point.multiply(scalar);
      if (round >= 0) units.push(Number(process.hrtime.bigint() - start) / 1e6);
      const sample = subject();
      if (round >= 0) samples[at]!.push(sample);
    }
  }
  const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
  const unitMs = median(units);
  return SUBJECTS.map(([operation, , target], at) => {
    const medianMs = median(samples[at]!.map((one) => one.ms));
    return { operation, medianMs, ratio: medianMs / unitMs, target, bytes: samples[at]![0]!.bytes };
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.table(run().map((row) => ({ ...row, medianMs: row.medianMs.toFixed(2), ratio: row.ratio.toFixed(2) })));
}
