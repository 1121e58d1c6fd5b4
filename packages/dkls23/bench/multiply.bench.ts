/**
 * What a pair costs one of its two nodes, in units of U: the median of one constant-time variable-base multiplication of noble's
 * secp256k1 in the same run. Run: node packages/dkls23/bench/multiply.bench.ts
 */
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { type GroupName, group, type Random, randomScalar } from "@quorate/curves";
import { aliceAnswer, aliceCheck, bobBegin, bobFinish } from "../src/multiply/index.ts";
import * as ot from "../src/ot/index.ts";

const random: Random = (length) => new Uint8Array(randomBytes(length));

/** Runs a step and keeps how long it took, in milliseconds. */
type Timer = <T>(step: string, work: () => T) => T;

function multiplication(name: GroupName, seeds: { bob: ot.BobSeeds; alice: ot.AliceSeeds }, timed: Timer): void {
  const params = { group: group(name, "fast"), domain: `ecdsa-${name}`, msid: random(32) };
  const [a1, a2] = [randomScalar(params.group, random), randomScalar(params.group, random)];
  const { message, run } = timed("bobBegin", () => bobBegin(params, seeds.bob, random));
  const alice = timed("aliceCheck", () => aliceCheck(params, seeds.alice, message));
  const answer = timed("aliceAnswer", () => aliceAnswer(alice, a1, a2, random));
  timed("bobFinish", () => bobFinish(run, answer.message));
}

function baseOt(timed: Timer): { bob: ot.BobSeeds; alice: ot.AliceSeeds } {
  const osid = random(32);
  const context = { pairCtx: random(32), rank: 1, backend: "fast" } as const;
  const start = timed("baseBobStart", () => ot.baseBobStart(osid, context, random));
  const chosen = timed("baseAliceChoose", () => ot.baseAliceChoose(osid, context, start.message, random));
  const challenges = timed("baseBobChallenge", () => ot.baseBobChallenge(start.state, chosen.message));
  const responses = timed("baseAliceRespond", () => ot.baseAliceRespond(chosen.state, challenges));
  const opened = timed("baseBobOpen", () => ot.baseBobOpen(start.state, responses));
  const alice = timed("baseAliceFinish", () => ot.baseAliceFinish(chosen.state, opened.message));
  return { bob: opened.seeds, alice };
}

/** One line of the table. A node has both roles with each peer: `sum` is what it computes per peer. */
export interface Row {
  readonly operation: string;
  readonly step: string;
  readonly medianMs: number;
  readonly ratio: number;
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

export function run(): readonly Row[] {
  const point = secp256k1.Point.BASE.multiply(7n).double();
  const scalar = randomScalar(group("secp256k1", "fast"), random);
  const times = new Map<string, number[]>();
  const timer =
    (operation: string, kept: boolean): Timer =>
    (step, work) => {
      const start = process.hrtime.bigint();
      const result = work();
      const name = `${operation}/${step}`;
      if (kept) times.set(name, [...(times.get(name) ?? []), Number(process.hrtime.bigint() - start) / 1e6]);
      return result;
    };
  const seeds = baseOt(timer("", false));
  // The subjects take turns, so that whatever else the machine does falls on all alike.
  for (let round = -10; round < 40; round++) {
    timer("U", round >= 0)("", () => point.multiply(scalar));
    for (const name of ["secp256k1", "p256"] as const)
      multiplication(name, seeds, timer(`multiply ${name}`, round >= 0));
    if (round % 4 === 0) baseOt(timer("base OT", round >= 0));
  }
  const unitMs = median(times.get("U/")!);
  const operations = ["multiply secp256k1", "multiply p256", "base OT"];
  return operations.flatMap((operation) => {
    const steps = [...times].filter(([name]) => name.startsWith(`${operation}/`));
    const rows = steps.map(([name, all]) => ({ step: name.slice(operation.length + 1), medianMs: median(all) }));
    rows.push({ step: "sum", medianMs: rows.reduce((sum, one) => sum + one.medianMs, 0) });
    return rows.map((row) => ({ operation, ...row, ratio: row.medianMs / unitMs }));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.table(run().map((row) => ({ ...row, medianMs: row.medianMs.toFixed(2), ratio: row.ratio.toFixed(3) })));
}
