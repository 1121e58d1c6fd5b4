import { Abort } from "@quorate/protocol";
import { seededRandom } from "@quorate/protocol/testing";
import { expect, test } from "vitest";
import { assemble, joined } from "./assembly.ts";
import { keygenContext } from "./config.ts";
import { Dealing } from "./dealing.ts";
import { testConfig } from "./testing.ts";
import { groupCommitmentOf } from "./transcript.ts";

const config = testConfig("secp256k1", 2, 2);
const run = { ...config, ctx: keygenContext(config) };
const { group } = config;
const sid = new Uint8Array(32).fill(1);
const dealt = (share: bigint) => ({ share, chainPart: new Uint8Array(32), chainSalt: new Uint8Array(32) });
const degenerate = expect.objectContaining({ code: "degenerate_key", culprits: [] });

test("contributions that cancel out give no key, and blame nobody", () => {
  const opening = (k: bigint) => ({ coefficients: [group.base(k), group.base(7n)] });
  const openings = new Map([
    [1, opening(5n)],
    [2, opening(group.order - 5n)],
  ]);
  expect(() => groupCommitmentOf(run, openings)).toThrow(degenerate);
});

test.each<[string, readonly bigint[], readonly [bigint, bigint]]>([
  ["our share is zero", [5n, 7n], [3n, group.order - 3n]],
  ["somebody's verifying share is the identity", [group.order - 2n, 1n], [3n, 4n]],
])("no key is made when %s", (_, coefficients, shares) => {
  using owner = new DisposableStack();
  const all = joined(1, dealt(shares[0]), new Map([[2, dealt(shares[1])]]));
  const points = coefficients.map((one) => group.base(one));
  expect(() => assemble(run, 1, sid, points, all, owner)).toThrow(Abort);
  expect(() => assemble(run, 1, sid, points, all, owner)).toThrow(degenerate);
});

test("an unfinished run wipes its share and its chain code", () => {
  const owner = new DisposableStack();
  const all = joined(1, dealt(3n), new Map([[2, dealt(4n)]]));
  const { share } = assemble(run, 1, sid, [group.base(5n), group.base(7n)], all, owner);
  expect(share.signingShare.expose()).toEqual(group.encodeScalar(7n));
  owner.dispose();
  expect(() => share.signingShare.expose()).toThrow("wiped");
  expect(() => share.chainCode.expose()).toThrow("wiped");
});

test("a dealing that ends keeps neither its polynomial nor its part of the chain code", () => {
  const dealing = new Dealing(config, seededRandom(1));
  expect(dealing.coefficients).toHaveLength(2);
  dealing[Symbol.dispose]();
  expect(dealing.coefficients).toHaveLength(0);
  expect(() => dealing.chainPart.expose()).toThrow("wiped");
});
