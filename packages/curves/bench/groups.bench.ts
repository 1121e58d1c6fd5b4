import { fileURLToPath } from "node:url";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { type Backend, type Group, type GroupName, group, toScalar, XOF } from "../src/index.ts";

const RUNS = 60;

/** The median duration of a call, in microseconds, after some calls to warm up. */
function median(call: () => unknown): number {
  const durations: number[] = [];
  for (let run = -10; run < RUNS; run++) {
    const start = process.hrtime.bigint();
    call();
    if (run >= 0) durations.push(Number(process.hrtime.bigint() - start) / 1000);
  }
  return durations.sort((a, b) => a - b)[RUNS / 2]!;
}

/** One operation on one backend: microseconds, and the ratio to U. */
export interface Row {
  readonly group: GroupName;
  readonly backend: Backend;
  readonly operation: string;
  readonly medianUs: number;
  readonly ratio: number;
}

function operations(G: Group): Readonly<Record<string, () => unknown>> {
  const scalar = (index: number) => toScalar(G, "bench", "scalar", Uint8Array.of(index));
  const k = scalar(0);
  const [P, Q] = [G.base(scalar(1)), G.base(scalar(2))];
  const bytes = G.encodePoint(P);
  const commitments = Array.from({ length: 12 }, (_, index) => G.encodePoint(G.base(scalar(index))));
  const seven = Array.from({ length: 7 }, (_, index) => [G.base(scalar(index)), scalar(index + 1)] as const);
  return {
    base: () => G.base(k),
    multiply: () => G.multiply(P, k),
    "multiply by 13": () => G.multiply(P, 13n),
    decode: () => G.decodePoint(bytes),
    encode: () => G.encodePoint(G.add(P, Q)),
    add: () => G.add(P, Q),
    "multiplyAdd of 7": () => G.multiplyAdd(seven),
    // What a FROST signer computes in the group for one signature, 7 of 10.
    "signer, 7 of 10"() {
      G.base(k);
      G.base(k);
      for (const one of commitments) G.decodePoint(one);
      G.add(G.sum(seven.map(([D]) => D)), G.multiplyAdd(seven));
    },
  };
}

/** Times every operation of every group. U is one constant-time multiply of a variable point in noble's secp256k1, timed in the same run. */
export async function run(): Promise<Row[]> {
  const P = secp256k1.Point.BASE.double();
  const k = toScalar(group("secp256k1", "noble"), "bench", "unit", XOF("bench", "seed", 8));
  const unitUs = median(() => P.multiply(k));
  const rows: Row[] = [];
  for (const name of ["ed25519", "secp256k1", "p256"] as const) {
    for (const backend of ["noble", "fast"] as const) {
      for (const [operation, call] of Object.entries(operations(group(name, backend)))) {
        const medianUs = median(call);
        rows.push({ group: name, backend, operation, medianUs, ratio: medianUs / unitUs });
      }
    }
  }
  return rows;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.table(
    (await run()).map((row) => ({ ...row, medianUs: row.medianUs.toFixed(1), ratio: row.ratio.toFixed(3) })),
  );
}
