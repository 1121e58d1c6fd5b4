import { type GroupName, u32be } from "@quorate/curves";
import type { Identifier } from "@quorate/protocol";
import { seededRandom } from "@quorate/protocol/testing";
import { describe, expect, test } from "vitest";
import { type TestKey, testKey, testPairs } from "../testing.ts";
import { checked, type PresignConfig, presignContext, type Run } from "./config.ts";
import { nonceOfAll } from "./summands.ts";
import { additiveShare, commitmentTo, sessionId, zeroShare } from "./transcript.ts";

const request = new Uint8Array(32).fill(6);

function configOf(key: TestKey, signers: readonly Identifier[], self: Identifier, tweak = 0n): PresignConfig {
  const { group, suite } = key;
  return {
    ...{ group, suite, request, self, signers, tweak },
    context: presignContext(key, "presign", new Uint8Array(16)),
    signingShare: key.shares.get(self)!,
    publicKey: group.add(key.publicKey, group.base(tweak)),
    pairs: testPairs(key.participants).get(self)!,
    random: seededRandom(self),
  };
}

const runOf = (...args: Parameters<typeof configOf>): Run => checked(configOf(...args));
const sid = new Uint8Array(32).fill(3);

describe.each<GroupName>(["secp256k1", "p256"])("on %s", (name) => {
  const key = testKey(name, 3, 5);
  const { group } = key;
  const sum = (values: readonly bigint[]) => group.mod(values.reduce((total, one) => total + one, 0n));

  test.each([[[1, 2, 3]], [[2, 4, 5]], [[1, 3, 5]]])("zero shares of %j sum to zero and are not zero", (signers) => {
    const shares = signers.map((self) => zeroShare(runOf(key, signers, self), sid));
    expect(sum(shares)).toBe(0n);
    expect(shares).not.toContain(0n);
    expect(shares).not.toEqual(signers.map((self) => zeroShare(runOf(key, signers, self), request)));
  });

  test("summands sum to the key of the child, and are others in every session", () => {
    const signers = [1, 3, 4];
    for (const tweak of [0n, 77n]) {
      const of = (id: Uint8Array) => signers.map((self) => additiveShare(runOf(key, signers, self, tweak), id));
      expect(sum(of(sid))).toBe(group.mod(key.secret + tweak));
      for (const one of of(request)) expect(of(sid)).not.toContain(one);
    }
  });

  test("summands that are not those of the key are refused, and a nonce at infinity or with r = 0", () => {
    const run = runOf(key, [1, 2, 3], 1);
    const [r, half] = [group.base(5n), group.base(group.order - 2n)];
    const rest = group.subtract(group.subtract(key.publicKey, group.base(3n)), group.base(4n));
    const answer = (bigR: typeof r, pk: typeof r) => ({
      ...{ message: new Uint8Array(), salt: sid, psi: 0n, gammaU: r, gammaV: r },
      bigR,
      pk,
    });
    const nonce = { r: 5n, phi: 1n, bigR: r, salt: sid };
    const summand = { sk: 3n, pk: group.base(3n) };
    const first = [2, answer(half, group.base(4n))] as const;
    const sumUp = (bigR: typeof r, pk: typeof r) =>
      nonceOfAll(run, nonce, summand, new Map([first, [3, answer(bigR, pk)]]));
    expect(group.equals(sumUp(group.base(1n), rest), group.base(4n))).toBe(true);
    const x = name === "p256" ? 0n : group.order;
    const zeroR = group.decodePoint(new Uint8Array([2, ...Buffer.from(x.toString(16).padStart(64, "0"), "hex")]));
    for (const [bigR, pk] of [
      [group.base(group.order - 3n), rest],
      [group.subtract(zeroR, group.base(3n)), rest],
      [group.base(1n), group.base(9n)],
    ] as const) {
      expect(() => sumUp(bigR, pk)).toThrow(expect.objectContaining({ code: "inconsistent_shares", culprits: [] }));
    }
  });
});

const key = testKey("secp256k1", 2, 3);
const run = runOf(key, [1, 2], 1);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

test("a context is another for every part of what it names", () => {
  const executionId = new Uint8Array(16);
  const [first, second, third] = key.participants;
  const contexts = [
    presignContext(key, "presign", executionId),
    presignContext(key, "sign", executionId),
    presignContext(key, "presign", new Uint8Array(16).fill(1)),
    presignContext({ ...key, suite: "other" }, "presign", executionId),
    presignContext({ ...key, keyId: sid }, "presign", executionId),
    presignContext({ ...key, epoch: 1 }, "presign", executionId),
    presignContext({ ...key, minSigners: 3 }, "presign", executionId),
    presignContext({ ...key, participants: [first!, second!] }, "presign", executionId),
    presignContext({ ...key, participants: [first!, second!, { ...third!, identifier: 4 }] }, "presign", executionId),
    presignContext({ ...key, participants: [first!, second!, { ...third!, publicKey: sid }] }, "presign", executionId),
  ];
  expect(new Set(contexts.map(hex)).size).toBe(contexts.length);
  const reordered = { ...key, participants: key.participants.toReversed() };
  expect(presignContext(reordered, "presign", executionId)).toEqual(contexts[0]);
});

test("a commitment is another for every part of what it commits to", () => {
  const R = key.group.base(5n);
  const all = [
    commitmentTo(run, 1, sid, R, request),
    commitmentTo(run, 2, sid, R, request),
    commitmentTo(run, 1, request, R, request),
    commitmentTo(run, 1, sid, key.group.base(6n), request),
    commitmentTo(run, 1, sid, R, sid),
    commitmentTo({ ...run, request: sid }, 1, sid, R, request),
    commitmentTo({ ...run, context: sid }, 1, sid, R, request),
    commitmentTo({ ...run, suite: "other" }, 1, sid, R, request),
  ];
  expect(new Set(all.map(hex)).size).toBe(all.length);
});

test("a session id is another for every part of what it names", () => {
  const of = (changed: Partial<Run>, identifier = 2, nonce = sid, commitment = sid) => {
    const one = { request, nonce: u32be(1), commitment: u32be(2) };
    return sessionId(
      { ...run, ...changed },
      new Map([
        [1, one],
        [identifier, { request, nonce, commitment }],
      ]),
    );
  };
  const all = [
    of({}),
    of({ context: sid }),
    of({ request: sid }),
    of({ suite: "other" }),
    of({}, 3),
    of({}, 2, request),
    of({}, 2, sid, request),
  ];
  expect(new Set(all.map(hex)).size).toBe(all.length);
});

describe("a configuration that contradicts itself is refused:", () => {
  const good = configOf(key, [1, 2], 1);
  test("not so one that does not", () => expect(checked(good).peers).toEqual([2]));

  test.each<[string, Partial<PresignConfig>, string]>([
    ["identifier 0", { signers: [0, 1] }, "not within 1..15"],
    ["identifier 16", { signers: [1, 16] }, "not within 1..15"],
    ["half an identifier", { signers: [1, 1.5] }, "not within 1..15"],
    ["an identifier twice", { signers: [1, 1, 2] }, "ascending"],
    ["signers out of order", { signers: [2, 1] }, "ascending"],
    ["one signer", { signers: [1] }, "at least 2"],
    ["nobody", { signers: [] }, "at least 2"],
    ["another set", { self: 3 }, "not among the signers"],
    ["a co-signer without a pair", { signers: [1, 2, 4] }, "no pair"],
    ["a share of zero", { signingShare: 0n }, "not a share"],
    ["a share of the order", { signingShare: key.group.order }, "not a share"],
    ["a negative tweak", { tweak: -1n }, "not a scalar"],
    ["a tweak of the order", { tweak: key.group.order }, "not a scalar"],
    ["a short context", { context: new Uint8Array(31) }, "32 bytes"],
    ["a long request", { request: new Uint8Array(33) }, "32 bytes"],
    ["another kind of group", { group: testKey("ed25519", 2, 2).group }, "not defined"],
  ])("%s", (_, wrong, message) => {
    expect(() => checked({ ...good, ...wrong })).toThrow(RangeError);
    expect(() => checked({ ...good, ...wrong })).toThrow(message);
  });
});
