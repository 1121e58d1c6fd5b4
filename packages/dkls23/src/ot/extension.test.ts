import { H, u32be, XOF } from "@quorate/curves";
import { seededRandom } from "@quorate/protocol/testing";
import { describe, expect, test } from "vitest";
import { dealPair, testPairConfig } from "../testing.ts";
import { bitAt } from "./bit-matrix.ts";
import { checkExtension, extend, extensionBytes } from "./extension.ts";
import { otParameters } from "./parameters.ts";

const random = seededRandom(21);
const [{ bob }, { alice }] = dealPair(testPairConfig(random(32), random(32)));
const domain = "ecdsa-secp256k1";
const parameters = otParameters("fast");
const EXTENSION_BYTES = extensionBytes(parameters);
const context = (seed: number) => ({ domain, msid: new Uint8Array(32).fill(seed), parameters });
const column = (columns: Uint8Array, j: number) => Buffer.from(columns.subarray(32 * j, 32 * j + 32));
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const flip = (bytes: Uint8Array, bit: number) =>
  bytes.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));

const U_BITS = 256 * 640;
const FIELD = (1n << 128n) - 1n;

/** Strings of bits as integers: bit b of the string is bit b of the integer. */
const integer = (bytes: Uint8Array) => BigInt(`0x${hex(bytes.toReversed())}`);
const bytes = (value: bigint, length: number) =>
  new Uint8Array(Buffer.from(value.toString(16).padStart(2 * length, "0"), "hex").reverse());

/** A product in GF(2^128), bit by bit. */
function multiply(a: bigint, b: bigint): bigint {
  let product = 0n;
  for (let bit = 127n; bit >= 0n; bit--) {
    product = (product << 1n) ^ ((product >> 127n) & 1n ? (1n << 128n) | 0x87n : 0n);
    if ((b >> bit) & 1n) product ^= a;
  }
  return product;
}

/** Message 1 from its definition, for rows u that an attacker may have changed before the challenge. */
function naive(seed: number, choices: Uint8Array, change: (i: number) => bigint = () => 0n) {
  const { msid } = context(seed);
  const row = (i: number, y: number) => {
    const n = 2 * i + y;
    return integer(XOF(domain, "ote/prg", 80, msid, u32be(n), bob.seeds.subarray(32 * n, 32 * n + 32)));
  };
  const x = integer(choices);
  const all = Array.from({ length: 256 }, (_, i) => i);
  const u = Buffer.concat(all.map((i) => bytes(x ^ row(i, 0) ^ row(i, 1) ^ change(i), 80)));
  const digest = H(domain, "ote/u", msid, u);
  const chi = [0, 1, 2, 3].map((j) => integer(XOF(domain, "ote/chi", 16, digest, u32be(j))));
  const fold = (w: bigint) =>
    chi.reduce((sum, one, j) => sum ^ multiply((w >> (128n * BigInt(j))) & FIELD, one), w >> 512n);
  return Buffer.concat([u, bytes(fold(x), 16), ...all.map((i) => bytes(fold(row(i, 1)), 16))]);
}

describe("the extension", () => {
  test("sends what its definition says", () => {
    const choices = random(80);
    const { message } = extend(context(1), bob, choices);
    expect(message).toHaveLength(EXTENSION_BYTES);
    expect(hex(message)).toBe(hex(naive(1, choices)));
  });

  test.each<[string, Uint8Array]>([
    ["random choices", random(80)],
    ["no choice", new Uint8Array(80)],
    ["all choices", new Uint8Array(80).fill(255)],
  ])("gives Alice the columns of Bob, plus delta where he chose: %s", (_, choices) => {
    const { message, columns } = extend(context(2), bob, choices);
    const received = checkExtension(context(2), alice, message)!;
    for (let j = 0; j < 512; j++) {
      const delta = alice.delta.map((byte) => byte & -bitAt(choices, j));
      expect(hex(column(received, j))).toBe(hex(column(columns, j).map((byte, at) => byte ^ delta[at]!)));
    }
  });

  test("differs wherever its id or its domain does, for the same choices", () => {
    const choices = random(80);
    const run = (one: ReturnType<typeof context>) => extend(one, bob, choices).message.subarray(0, U_BITS / 8);
    const messages = [context(1), context(2), { ...context(1), domain: "ecdsa-p256" }].map((one) => hex(run(one)));
    expect(new Set(messages).size).toBe(3);
  });
});

describe("the check of the extension refuses", () => {
  const choices = random(80);
  const { message } = extend(context(3), bob, choices);
  const accepts = (changed: Uint8Array) => checkExtension(context(3), alice, changed) !== undefined;

  test("a bit that changes on the way, wherever it is", () => {
    expect(accepts(message)).toBe(true);
    const bits = [
      0,
      511,
      512,
      639,
      640,
      100 * 640 + 5,
      U_BITS - 1,
      U_BITS + 128,
      U_BITS + 128 * 200,
      8 * EXTENSION_BYTES - 1,
    ];
    expect(bits.map((bit) => accepts(flip(message, bit)))).toEqual(bits.map(() => false));
    // A change of the folded choices is seen in the rows where the bit of delta is 1: some.
    expect(accepts(flip(message, U_BITS))).toBe(false);
    expect(accepts(flip(message, U_BITS + 127))).toBe(false);
  });

  test("a message for another id, domain or pair", () => {
    expect(checkExtension(context(4), alice, message)).toBeUndefined();
    expect(checkExtension({ ...context(3), domain: "ecdsa-p256" }, alice, message)).toBeUndefined();
    const stranger = dealPair(testPairConfig(random(32), random(32)))[1].alice;
    expect(checkExtension(context(3), stranger, message)).toBeUndefined();
  });

  test("a flip before the challenge with honest folds exactly where the bit of delta is 1: the leak for which a pair is burned", () => {
    const instances = Array.from({ length: 24 }, (_, at) => 11 * at);
    const passed = instances.map((i) =>
      accepts(naive(3, choices, (row) => (row === i ? 1n << (BigInt(20 * i) % 640n) : 0n))),
    );
    expect(passed).toEqual(instances.map((i) => bitAt(alice.delta, i) === 0));
    expect(new Set(passed).size).toBe(2);
  });

  test("other choices in one row than in the others, if its bit of delta is 1", () => {
    const [one] = Array.from({ length: 256 }, (_, i) => i).filter((i) => bitAt(alice.delta, i) === 1);
    expect(accepts(naive(3, choices, (row) => (row === one ? (1n << 640n) - 1n : 0n)))).toBe(false);
    expect(accepts(naive(3, choices, () => (1n << 640n) - 1n))).toBe(false);
  });
});
