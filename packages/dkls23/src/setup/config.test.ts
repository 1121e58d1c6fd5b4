import { identityFromSeed } from "@quorate/curves";
import { loadUnsafeModel } from "@quorate/curves/model";
import { seededRandom } from "@quorate/protocol/testing";
import { expect, test } from "vitest";
import { type PairConfig, pairContext } from "./config.ts";
import { setUpPair } from "./setup.ts";
import { multiplicationId, setupIdOf, transferId, warmUpId, zeroSeedOf } from "./transcript.ts";

loadUnsafeModel();

const fill = (value: number, length = 32) => new Uint8Array(length).fill(value);
const config: PairConfig = {
  networkId: fill(1),
  pairClass: "default",
  epoch: 3,
  identities: [fill(2), fill(3)],
  backend: "fast",
};
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const distinct = (all: readonly Uint8Array[]) => new Set(all.map(hex)).size;

test("the context of a pair is another for every part of what it names", () => {
  const all = [
    config,
    { ...config, networkId: fill(9) },
    { ...config, pairClass: "cold" },
    { ...config, epoch: 4 },
    { ...config, identities: [fill(1), fill(3)] as const },
    { ...config, identities: [fill(2), fill(4)] as const },
    { ...config, backend: "model" as const },
  ].map(pairContext);
  expect(distinct(all)).toBe(all.length);
  expect(pairContext({ ...config, backend: "noble" })).toEqual(all[0]);
});

test.each<[string, Partial<PairConfig>]>([
  ["identities in descending order", { identities: [fill(3), fill(2)] }],
  ["one identity twice", { identities: [fill(2), fill(2)] }],
  ["a short identity", { identities: [fill(2, 31), fill(3)] }],
  ["a long identity", { identities: [fill(2), fill(3, 33)] }],
  ["a negative epoch", { epoch: -1 }],
  ["half an epoch", { epoch: 0.5 }],
  ["an epoch without end", { epoch: Number.POSITIVE_INFINITY }],
])("%s is refused", (_, wrong) => {
  expect(() => pairContext({ ...config, ...wrong })).toThrow(RangeError);
});

test("a setup needs the identity of its rank", () => {
  const one = identityFromSeed(fill(7));
  const identities = [one.publicKey, fill(255)] as const;
  expect(() => setUpPair({ ...config, identities }, 1, one, seededRandom(1))).not.toThrow();
  expect(() => setUpPair({ ...config, identities }, 2, one, seededRandom(1))).toThrow(RangeError);
});

test("the id of a multiplication is another for every part of what it names, and for each direction", () => {
  const [one, two] = [
    { rank: 1, identifier: 4 },
    { rank: 2, identifier: 3 },
  ] as const;
  const all = [
    multiplicationId("suite", fill(1), fill(2), one, two),
    multiplicationId("suite", fill(1), fill(2), two, one),
    multiplicationId("other", fill(1), fill(2), one, two),
    multiplicationId("suite", fill(3), fill(2), one, two),
    multiplicationId("suite", fill(1), fill(3), one, two),
    multiplicationId("suite", fill(1), fill(2), { ...one, identifier: 5 }, two),
    multiplicationId("suite", fill(1), fill(2), one, { ...two, identifier: 5 }),
    multiplicationId("suite", fill(1), fill(2), { ...one, rank: 2 }, two),
  ];
  expect(distinct(all)).toBe(all.length);
});

test("what names a setup and its parts is another for every part that goes in", () => {
  const messages = [[fill(5)], [fill(6)]] as const;
  const all = [
    setupIdOf(fill(1), fill(2), [fill(3), fill(4)], messages),
    setupIdOf(fill(9), fill(2), [fill(3), fill(4)], messages),
    setupIdOf(fill(1), fill(9), [fill(3), fill(4)], messages),
    setupIdOf(fill(1), fill(2), [fill(9), fill(4)], messages),
    setupIdOf(fill(1), fill(2), [fill(3), fill(9)], messages),
    setupIdOf(fill(1), fill(2), [fill(3), fill(4)], [[fill(9)], [fill(6)]]),
    setupIdOf(fill(1), fill(2), [fill(3), fill(4)], [[fill(5)], [fill(9)]]),
    transferId(fill(1), fill(2), 1, 2),
    transferId(fill(1), fill(2), 2, 1),
    transferId(fill(9), fill(2), 1, 2),
    transferId(fill(1), fill(9), 1, 2),
    warmUpId(fill(1), [fill(2), fill(3)]),
    warmUpId(fill(1), [fill(2), fill(9)]),
    zeroSeedOf(fill(1), [fill(2), fill(3)]),
    zeroSeedOf(fill(1), [fill(2), fill(9)]),
    zeroSeedOf(fill(9), [fill(2), fill(3)]),
  ];
  expect(distinct(all)).toBe(all.length);
});
