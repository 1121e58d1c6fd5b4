/**
 * What a key generation costs one participant, in units of U: the median of one constant-time variable-base multiplication of
 * noble's secp256k1 in the same run. Run: node packages/keygen/bench/keygen.bench.ts
 */
import { fileURLToPath } from "node:url";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { bytesToInteger, type GroupName } from "@quorate/curves";
import { seededRandom } from "@quorate/protocol/testing";
import { seeded, testConfig, testSessions } from "../src/testing.ts";

/** The target on secp256k1, 3 of 5, in units of U. */
const TARGET = 12;
const RUNS = 9;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function timed<T>(times: number[], work: () => T): T {
  const start = process.hrtime.bigint();
  const result = work();
  times.push(Number(process.hrtime.bigint() - start) / 1e6);
  return result;
}

/** Milliseconds that participant 1 computes, and bytes that it sends to participant 2, framing and signatures included. */
function participate(name: GroupName, minSigners: number, n: number, seed: number): { ms: number; bytes: number } {
  const sessions = testSessions(testConfig(name, minSigners, n), {}, seeded(seed));
  const times: number[] = [];
  let bytes = 0;
  const flying = [...sessions].map(([from, one]) => {
    return { from, outgoing: from === 1 ? timed(times, () => one.start()) : one.start() };
  });
  for (let next = flying.shift(); next !== undefined; next = flying.shift()) {
    const { from, outgoing } = next;
    for (const { to, frame } of outgoing) {
      if (from === 1 && to === 2) bytes += frame.length;
      const session = sessions.get(to)!;
      const answer = () => [
        ...session.accept(from, frame),
        ...(session.state.kind === "checkpoint" ? session.saved() : []),
      ];
      flying.push({ from: to, outgoing: to === 1 ? timed(times, answer) : answer() });
    }
  }
  if ([...sessions.values()].some((one) => one.state.kind !== "done")) throw new Error("a key generation failed");
  return { ms: times.reduce((a, b) => a + b), bytes };
}

/** One line of the table. */
export interface Row {
  readonly group: GroupName;
  readonly size: string;
  readonly medianMs: number;
  readonly ratio: number;
  readonly bytesPerPeer: number;
  readonly target: string;
}

export function run(): readonly Row[] {
  const point = secp256k1.Point.BASE.multiply(7n).double();
  const scalar = bytesToInteger(seededRandom(1)(32)) % secp256k1.Point.Fn.ORDER;
  const units: number[] = [];
  const rows = (["secp256k1", "ed25519", "p256"] as const).flatMap((name) =>
    [[2, 3] as const, [3, 5] as const, [7, 10] as const].map(([minSigners, n]) => {
      const samples = Array.from({ length: RUNS + 3 }, (_, seed) => {
        for (let times = 0; times < 4; times++) timed(units, () => point.multiply(scalar));
        return participate(name, minSigners, n, seed);
      }).slice(3);
      return { name, minSigners, n, medianMs: median(samples.map((one) => one.ms)), bytes: samples[0]!.bytes };
    }),
  );
  const unitMs = median(units.slice(50));
  return rows.map(({ name, minSigners, n, medianMs, bytes }) => {
    const size = `${minSigners} of ${n}`;
    const target = size === "3 of 5" ? `${TARGET} U, 1500 bytes` : "";
    return { group: name, size, medianMs, ratio: medianMs / unitMs, bytesPerPeer: bytes, target };
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.table(run().map((row) => ({ ...row, medianMs: row.medianMs.toFixed(1), ratio: row.ratio.toFixed(2) })));
}
