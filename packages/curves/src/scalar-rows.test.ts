import { describe, expect, test } from "vitest";
import { group } from "./groups.ts";
import { XOF } from "./hash.ts";
import { bytesToInteger, integerToBytes } from "./integer.ts";
import { combineRows } from "./scalar-rows.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const random = (what: string, length: number) => XOF("test", what, length);

/** The same from the definition. */
function naive(order: bigint, rows: Uint8Array, weights: Uint8Array, [f1, f2]: readonly [bigint, bigint]) {
  let [sum1, sum2] = [0n, 0n];
  const values: string[] = [];
  for (let n = 0; n < rows.length / 136; n++) {
    const at = (offset: number) => bytesToInteger(rows.subarray(136 * n + offset, 136 * n + offset + 32));
    const weight = bytesToInteger(weights.subarray(48 * n, 48 * n + 48));
    sum1 += weight * at(0);
    sum2 += weight * at(32);
    values.push(hex(integerToBytes((at(64) + f1 * at(0) + f2 * at(32)) % order, 32)));
  }
  return { sums: [sum1, sum2], values: values.join("") };
}

function expectSame(order: bigint, rows: Uint8Array, weights: Uint8Array, factors: readonly [bigint, bigint]): void {
  const before = hex(rows) + hex(weights);
  const { sums, values } = combineRows(order, rows, weights, factors);
  expect({ sums, values: hex(values) }).toEqual(naive(order, rows, weights, factors));
  expect(hex(rows) + hex(weights)).toBe(before);
}

describe.each(["secp256k1", "p256"] as const)("rows of scalars of %s", (name) => {
  const { order } = group(name, "noble");
  const factors = [order - 1n, bytesToInteger(random("factor", 31))] as const;

  test.each([0, 1, 2, 511, 512, 513, 1100])("are combined as the definition says: %i of them", (count) => {
    expectSame(order, random("rows", 136 * count), random("weights", 48 * count), factors);
  });

  test("are reduced however large or small they are", () => {
    const edges = [0n, 1n, 2n, order - 1n, order, order + 1n, (1n << 256n) - 1n, 1n << 255n, (1n << 224n) - 1n];
    const rows: Uint8Array[] = [];
    for (const y1 of edges) {
      for (const y2 of edges) {
        for (const y3 of edges) {
          const row = new Uint8Array(136).fill(255);
          for (const [e, value] of [y1, y2, y3].entries()) row.set(integerToBytes(value, 32), 32 * e);
          rows.push(row);
        }
      }
    }
    const all = new Uint8Array(Buffer.concat(rows));
    const weights = new Uint8Array(48 * rows.length).fill(255);
    for (const f1 of edges) expectSame(order, all, weights, [f1, edges[edges.length - 1]!]);
    for (const f1 of edges) expectSame(order, all, weights, [f1, order - f1 < 0n ? 0n : order - f1]);
  });
});

test("an order that is not just below 2^256 is refused, and the next call is not the worse for it", () => {
  const { order } = group("p256", "noble");
  for (const other of [group("ed25519", "noble").order, 1n << 256n, (1n << 256n) - (1n << 230n)]) {
    expect(() => combineRows(other, random("rows", 136), random("weights", 48), [1n, 1n])).toThrow("just below");
  }
  expectSame(order, random("rows", 136), random("weights", 48), [1n, 1n]);
});
