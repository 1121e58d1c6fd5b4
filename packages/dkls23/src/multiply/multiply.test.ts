import { DecodeError, type GroupName, group, H, type Random, randomScalar } from "@quorate/curves";
import { seededRandom } from "@quorate/protocol/testing";
import { describe, expect, test } from "vitest";
import { bitAt } from "../ot/bit-matrix.ts";
import { dealPair, testPairConfig } from "../testing.ts";
import { challenges, combine, gadget, pads } from "./hashes.ts";
import {
  aliceAnswer,
  aliceCheck,
  bobBegin,
  bobFinish,
  FailedCheck,
  type MultiplyParams,
  messageBytes,
} from "./index.ts";

const random = seededRandom(41);
const { first: MESSAGE_1_BYTES, second: MESSAGE_2_BYTES } = messageBytes({ backend: "fast" });
const [{ bob }, { alice }] = dealPair(testPairConfig(random(32), random(32)));
const TAU = 96 * 512;
const ALL = Array.from({ length: 512 }, (_, j) => j);

const paramsOf = (name: GroupName, msid = random(32)): MultiplyParams => {
  return { group: group(name, "fast"), domain: `ecdsa-${name}`, msid };
};
const params = paramsOf("secp256k1", new Uint8Array(32).fill(3));
const { order, mod, encodeScalar, decodeScalar } = params.group;
/** Bob's choices: the bits of the multiplication, and the mask of the check. */
const choosing =
  (bits: Uint8Array): Random =>
  () =>
    Uint8Array.of(...bits, ...random(16));
const flip = (bytes: Uint8Array, at: number) => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
const scalarAt = (message: Uint8Array, at: number) => decodeScalar(message.subarray(at, at + 32));
const put = (message: Uint8Array, at: number, value: Uint8Array) => {
  const copy = message.slice();
  copy.set(value, at);
  return copy;
};

function multiply(with_: MultiplyParams, a1: bigint, a2: bigint, ofBob: Random = random) {
  const { message, run } = bobBegin(with_, bob, ofBob);
  const answer = aliceAnswer(aliceCheck(with_, alice, message), a1, a2, random);
  return { message1: message, run, ...answer, ...bobFinish(run, answer.message) };
}

function expectShares(with_: MultiplyParams, a1: bigint, a2: bigint, ofBob?: Random): bigint {
  const { c1, c2, d1, d2, run } = multiply(with_, a1, a2, ofBob);
  const { group: G } = with_;
  expect([G.mod(c1 + d1), G.mod(c2 + d2)]).toEqual([G.mod(a1 * run.chi), G.mod(a2 * run.chi)]);
  return run.chi;
}

describe.each<GroupName>(["secp256k1", "p256"])("a multiplication on %s", (name) => {
  const G = group(name, "fast");
  const last = G.order - 1n;

  test.each([1, 2, 3, 4, 5])("shares both products, with all else random: hundred %i", () => {
    const factors = new Set<bigint>();
    for (let run = 0; run < 100; run++)
      factors.add(expectShares(paramsOf(name), randomScalar(G, random), randomScalar(G, random)));
    expect(factors.size).toBe(100);
  });

  test.each([
    [0n, last],
    [last, 0n],
    [0n, 0n],
    [1n, last],
    [last, last],
  ])("shares the products of %s and %s", (a1, a2) => {
    expectShares(paramsOf(name), a1, a2);
  });

  test.each([
    ["no choice bit is set: the factor is 0", 0],
    ["all are set: the factor is the sum of the gadget", 255],
  ])("shares products when %s", (_, byte) => {
    const with_ = paramsOf(name);
    const chi = expectShares(with_, 5n, last, choosing(new Uint8Array(64).fill(byte)));
    const slices = gadget(with_);
    const sum = ALL.reduce(
      (total, j) => total + BigInt(`0x${Buffer.from(slices.subarray(48 * j, 48 * j + 48)).toString("hex")}`),
      0n,
    );
    expect(chi).toBe(byte === 0 ? 0n : G.mod(sum));
  });

  test("works on the portable backend as on the fast one", () => {
    const msid = random(32);
    const [fast, noble] = (["fast", "noble"] as const).map((backend) => {
      const with_ = { ...paramsOf(name, msid), group: group(name, backend) };
      const [ofBob, ofAlice] = [seededRandom(1), seededRandom(2)];
      const { message, run } = bobBegin(with_, bob, ofBob);
      const answer = aliceAnswer(aliceCheck(with_, alice, message), 3n, 4n, ofAlice);
      return { message, answer, ...bobFinish(run, answer.message) };
    });
    expect(noble).toEqual(fast);
  });
});

describe("the messages", () => {
  test("have the lengths that are promised", () => {
    const { message1, message } = multiply(params, 1n, 2n);
    expect([message1.length, message.length]).toEqual([MESSAGE_1_BYTES, MESSAGE_2_BYTES]);
    expect([MESSAGE_1_BYTES, MESSAGE_2_BYTES]).toEqual([24_592, 49_216]);
  });

  test("of Alice are what their definition says", () => {
    const { message: message1, run } = bobBegin(params, bob, random);
    const checked = aliceCheck(params, alice, message1);
    const columns = checked.columns.slice();
    const e = randomScalar(params.group, seededRandom(5));
    const { message, c1 } = aliceAnswer(checked, 7n, 8n, seededRandom(5));
    const zeros = pads(params, columns);
    const ones = pads(
      params,
      columns.map((byte, at) => byte ^ alice.delta[at % 32]!),
    );
    for (const j of [0, 255, 511]) {
      for (const [at, input] of [7n, 8n, e].entries()) {
        const [zero, one] = [zeros, ones].map((rows) => scalarAt(rows, 136 * j + 32 * at)) as [bigint, bigint];
        expect(scalarAt(message, 96 * j + 32 * at)).toBe(mod(zero - one + input));
      }
    }
    const theta = challenges(params, message1, message.subarray(0, TAU));
    const { mu, sum1 } = combine(params, zeros, gadget(params), theta);
    expect(scalarAt(message, TAU)).toBe(mod(e + theta[0] * 7n + theta[1] * 8n));
    expect(message.subarray(TAU + 32)).toEqual(mu);
    expect(c1).toBe(mod(-sum1));
    expect(run.params).toBe(params);
  });

  test("repeat when an id does, which is why it must not: two of Bob's then show how his choices differ", () => {
    const [one, two] = [random(80), random(80)];
    const [first, second] = [one, two].map((choices) => bobBegin(params, bob, () => choices).message) as [
      Uint8Array,
      Uint8Array,
    ];
    const difference = first.subarray(0, 80).map((byte, at) => byte ^ second[at]!);
    expect(difference).toEqual(one.map((byte, at) => byte ^ two[at]!));
    const fresh = bobBegin(paramsOf("secp256k1"), bob, () => two).message;
    expect(first.subarray(0, 80).map((byte, at) => byte ^ fresh[at]!)).not.toEqual(difference);
  });
});

describe("Alice", () => {
  const { message } = bobBegin(params, bob, random);
  const check = (message1: Uint8Array, with_ = params) => aliceCheck(with_, alice, message1);

  test("refuses a message 1 that is changed, and says no more than that", () => {
    for (const at of [0, 79, 20_479, 20_480, 20_495, 20_496, MESSAGE_1_BYTES - 1]) {
      const error = errorOf(() => check(flip(message, at)));
      expect(error).toBeInstanceOf(FailedCheck);
      expect({ ...error }).toEqual({ name: "FailedCheck", check: "extension" });
      expect(error.message).toBe("the peer's extension does not hold");
    }
  });

  test("refuses a message 1 for another multiplication, or of another suite", () => {
    expect(() => check(message, { ...params, msid: random(32) })).toThrow(FailedCheck);
    expect(() => check(message, { ...params, domain: "ecdsa-p256" })).toThrow(FailedCheck);
    expect(() => check(message)).not.toThrow();
  });

  test.each([0, 1, MESSAGE_1_BYTES - 1, MESSAGE_1_BYTES + 1])("refuses a message 1 of %i bytes", (length) => {
    expect(() => check(new Uint8Array(length))).toThrow(DecodeError);
  });

  test("refuses inputs of her own that are not reduced", () => {
    expect(() => aliceAnswer(check(message), order, 1n, random)).toThrow("not in [0, order)");
    expect(() => aliceAnswer(check(message), 1n, -1n, random)).toThrow("not in [0, order)");
  });

  test("answers with the delta that she had, though the setup is erased in between", () => {
    const own = { delta: alice.delta.slice(), seeds: alice.seeds };
    const { message: message1, run } = bobBegin(params, bob, random);
    const checked = aliceCheck(params, own, message1);
    own.delta.fill(0);
    const { message: message2, c1 } = aliceAnswer(checked, 9n, 1n, random);
    expect(mod(c1 + bobFinish(run, message2).d1)).toBe(mod(9n * run.chi));
  });
});

describe("Bob", () => {
  const message2Of = (message1: Uint8Array) => aliceAnswer(aliceCheck(params, alice, message1), 5n, 6n, random).message;

  test("refuses a message 2 with another eta or mu, and says no more than that", () => {
    const { message, run } = bobBegin(params, bob, random);
    const message2 = message2Of(message);
    for (const at of [TAU + 31, TAU + 32, TAU + 63]) {
      const error = errorOf(() => bobFinish(run, flip(message2, at)));
      expect(error).toBeInstanceOf(FailedCheck);
      expect({ ...error }).toEqual({ name: "FailedCheck", check: "multiplication" });
      expect(error.message).toBe("the peer's multiplication does not hold");
    }
    expect(() => bobFinish(run, message2)).not.toThrow();
  });

  test("refuses a message 2 with another correction, whether he uses it or not", () => {
    const { message, run } = bobBegin(params, bob, random);
    const message2 = message2Of(message);
    const used = ALL.find((j) => bitAt(run.choices, j) === 1)!;
    const unused = ALL.find((j) => bitAt(run.choices, j) === 0)!;
    for (const j of [0, 511, used, unused]) {
      for (const at of [31, 63, 95]) expect(() => bobFinish(run, flip(message2, 96 * j + at))).toThrow(FailedCheck);
    }
  });

  test("refuses a message 2 that answers another message 1 of his", () => {
    const { run } = bobBegin(params, bob, random);
    expect(() => bobFinish(run, message2Of(bobBegin(params, bob, random).message))).toThrow(FailedCheck);
  });

  test.each([0, 32 * 3, TAU - 32, TAU])("refuses a scalar that is not reduced, at byte %i", (at) => {
    const { message, run } = bobBegin(params, bob, random);
    const message2 = message2Of(message);
    const same = scalarAt(message2, at) + order;
    for (const value of [order, (1n << 256n) - 1n, ...(same < 1n << 256n ? [same] : [])]) {
      const bytes = new Uint8Array(Buffer.from(value.toString(16), "hex"));
      expect(() => bobFinish(run, put(message2, at, bytes))).toThrow(DecodeError);
    }
  });

  test.each([0, MESSAGE_2_BYTES - 32, MESSAGE_2_BYTES - 1, MESSAGE_2_BYTES + 1])(
    "refuses a message 2 of %i bytes",
    (length) => {
      expect(() => bobFinish(bobBegin(params, bob, random).run, new Uint8Array(length))).toThrow(DecodeError);
    },
  );
});

/**
 * A malicious Alice, who uses the input `a1 + shift` at some indices. In the third corrections she makes up for it with the challenge as it was
 * before she changed anything: the right one, if challenges did not depend on corrections. All else she computes as is right.
 */
function shifted(message1: Uint8Array, indices: readonly number[], shift: bigint): Uint8Array {
  const checked = aliceCheck(params, alice, message1);
  const zeros = pads(params, checked.columns);
  const [a1, a2, e] = [5n, 6n, randomScalar(params.group, seededRandom(6))];
  const { message } = aliceAnswer(checked, a1, a2, seededRandom(6));
  const [guess] = challenges(params, message1, message.subarray(0, TAU));
  for (const j of indices) {
    message.set(encodeScalar(mod(scalarAt(message, 96 * j) + shift)), 96 * j);
    message.set(encodeScalar(mod(scalarAt(message, 96 * j + 64) - guess * shift)), 96 * j + 64);
  }
  const theta = challenges(params, message1, message.subarray(0, TAU));
  message.set(encodeScalar(mod(e + theta[0] * a1 + theta[1] * a2)), TAU);
  message.set(combine(params, zeros, gadget(params), theta).mu, TAU + 32);
  return message;
}

describe("an Alice who uses another input at four indices", () => {
  const indices = [3, 100, 300, 511];
  const bits = (set: readonly number[]) => {
    const choices = random(64);
    for (const j of indices)
      choices[j >> 3]! = (choices[j >> 3]! & ~(1 << (j & 7))) | (set.includes(j) ? 1 << (j & 7) : 0);
    return choices;
  };

  test.each([[[3]], [[100]], [[511]], [[3, 300]], [indices]])("is refused when the choice bits at %j are 1", (set) => {
    const { message, run } = bobBegin(params, bob, choosing(bits(set)));
    expect(() => bobFinish(run, shifted(message, indices, 77n))).toThrow(FailedCheck);
  });

  test("passes only when all of them are 0, which changes nothing", () => {
    const { message, run } = bobBegin(params, bob, choosing(bits([])));
    const { d1 } = bobFinish(run, shifted(message, indices, 77n));
    const honest = aliceAnswer(aliceCheck(params, alice, message), 5n, 6n, random);
    expect(mod(honest.c1 + d1)).toBe(mod(5n * run.chi));
  });
});

test("runs are wiped when disposed of, and the setup is not", () => {
  const before = H("test", "seeds", bob.seeds, alice.seeds, alice.delta);
  const { message, run } = bobBegin(params, bob, random);
  const checked = aliceCheck(params, alice, message);
  aliceAnswer(checked, 1n, 2n, random);
  run[Symbol.dispose]();
  checked[Symbol.dispose]();
  for (const secret of [run.choices, run.columns, checked.columns, checked.delta])
    expect(secret.every((byte) => byte === 0)).toBe(true);
  expect(H("test", "seeds", bob.seeds, alice.seeds, alice.delta)).toEqual(before);
});

function errorOf(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("nothing was thrown");
}
