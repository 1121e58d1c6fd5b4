import { bytesToInteger, type Group, group, H, toScalar, u32be, XOF } from "@quorate/curves";
import { seededRandom } from "@quorate/protocol/testing";
import { expect, test } from "vitest";
import { challenges, combine, gadget, maskedSum, pads, ROW_STRIDE } from "./hashes.ts";

const random = seededRandom(31);
const params = { group: group("p256", "fast"), domain: "ecdsa-p256", msid: random(32) };
const { domain, msid } = params;
const columns = random(32 * 512);
const integer = (bytes: Uint8Array, at: number, length = 32) => bytesToInteger(bytes.subarray(at, at + length));
const slice = (j: number) => integer(gadget(params), 48 * j, 48);

test("pads are the hash of number and column", () => {
  const rows = pads(params, columns);
  for (const j of [0, 1, 511]) {
    const expected = XOF(domain, "ote/rand", 96, msid, u32be(j), columns.subarray(32 * j, 32 * j + 32));
    expect(rows.subarray(ROW_STRIDE * j, ROW_STRIDE * j + 96)).toEqual(expected);
  }
});

test("pads not below the order are hashed again, so that they are uniform", () => {
  // With an order that every second value exceeds, one row in eight passes the first time.
  const order = (1n << 255n) + 5n;
  const small: Group = { ...params.group, order };
  const rows = pads({ ...params, group: small }, columns);
  let retries = 0;
  for (let j = 0; j < 512; j++) {
    const column = columns.subarray(32 * j, 32 * j + 32);
    let expected = XOF(domain, "ote/rand", 96, msid, u32be(j), column);
    for (let counter = 1; [0, 32, 64].some((at) => integer(expected, at) >= order); counter++, retries++)
      expected = XOF(domain, "ote/rand", 96, msid, u32be(j), column, u32be(counter));
    expect(rows.subarray(ROW_STRIDE * j, ROW_STRIDE * j + 96)).toEqual(expected);
  }
  expect(retries).toBeGreaterThan(1000);
});

test("a masked sum is the sum of what is chosen", () => {
  const vector = gadget(params);
  expect(vector).toHaveLength(48 * 512);
  const all = Array.from({ length: 512 }, (_, j) => slice(j));
  for (const chosen of [(j: number) => j % 3 === 0, () => true, () => false]) {
    const expected = all.reduce((sum, g, j) => sum + (chosen(j) ? g : 0n), 0n);
    expect(maskedSum(vector, (j) => (chosen(j) ? -1 : 0))).toBe(expected);
  }
});

test("rows are combined as their definition says", () => {
  const rows = pads(params, columns);
  const theta = [params.group.order - 1n, 12345n] as const;
  const { mu, sum1, sum2 } = combine(params, rows, gadget(params), theta);
  let [expected1, expected2] = [0n, 0n];
  const values = Array.from({ length: 512 }, (_, j) => {
    const [y1, y2, y3] = [0, 32, 64].map((at) => integer(rows, ROW_STRIDE * j + at)) as [bigint, bigint, bigint];
    expected1 += slice(j) * y1;
    expected2 += slice(j) * y2;
    return Buffer.from(params.group.encodeScalar(params.group.mod(y3 + theta[0] * y1 + theta[1] * y2)));
  });
  expect([sum1, sum2]).toEqual([expected1, expected2].map(params.group.mod));
  expect(mu).toEqual(H(domain, "mul/mu", msid, Buffer.concat(values)));
});

test("challenges depend on the message that is answered, on every correction, on the id and on the domain", () => {
  const [message1, tau] = [random(100), random(100)];
  const changed = (bytes: Uint8Array, at: number) => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
  const all = [
    challenges(params, message1, tau),
    challenges(params, changed(message1, 99), tau),
    challenges(params, message1, changed(tau, 99)),
    challenges({ ...params, msid: changed(msid, 0) }, message1, tau),
    challenges({ ...params, domain: "ecdsa-secp256k1" }, message1, tau),
  ];
  expect(new Set(all.flat()).size).toBe(10);
  const digest = H(domain, "mul/theta", msid, H(domain, "mul/m1", message1), tau);
  expect(all[0]).toEqual([1, 2].map((e) => toScalar(params.group, domain, "mul/th", digest, Uint8Array.of(e))));
});
