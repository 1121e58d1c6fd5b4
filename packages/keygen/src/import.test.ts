import { evaluate, type GroupName, group as groupNamed, randomScalar } from "@quorate/curves";
import type { Abort, SessionState } from "@quorate/protocol";
import { runLocally, seededRandom, testParticipants } from "@quorate/protocol/testing";
import { describe, expect, test } from "vitest";
import { verifyCertificate } from "./aggregate/index.ts";
import { importConfig, importKey } from "./import.ts";
import type { KeyShare } from "./share.ts";
import { reconstruct, seeded, sessionsOf, testConfig, trustIn } from "./testing.ts";

const GROUPS = ["ed25519", "secp256k1", "p256"] as const satisfies readonly GroupName[];
const SIZES = [2, 3, 4, 5].flatMap((n) => Array.from({ length: n - 1 }, (_, at) => [at + 2, n] as const));

function dealt(name: GroupName, minSigners: number, n: number, degree = minSigners - 1, seed = 3) {
  const group = groupNamed(name, "fast");
  const random = seededRandom(seed);
  const coefficients = Array.from({ length: degree + 1 }, () => randomScalar(group, random));
  const shares = Array.from({ length: n }, (_, at) => evaluate(group, coefficients, BigInt(at + 1)));
  return { group, secret: coefficients[0]!, shares, shown: shares.map((one) => group.base(one)) };
}

function outputs(states: ReadonlyMap<number, SessionState<KeyShare>>): readonly KeyShare[] {
  return [...states.values()].map((state) => {
    if (state.kind !== "done") throw new Error(state.kind === "aborted" ? state.abort.message : state.kind);
    return state.output;
  });
}

describe.each(GROUPS)("an import on %s", (name) => {
  test.each(SIZES)("makes %i of %i shares of the key that its bringer does not know", (minSigners, n) => {
    const { group, secret, shares, shown } = dealt(name, minSigners, n);
    const config = importConfig(testConfig(name, minSigners, n), shown);
    const sessions = sessionsOf(config, {}, (self, identity) => {
      return importKey(config, self, shares[self - 1]!, identity, seeded(4)(self));
    });
    const made = outputs(runLocally(sessions));
    const trust = trustIn(config.participants);
    expect(reconstruct(group, made.slice(0, minSigners))).toBe(secret);
    for (const [at, { identifier: _i, signingShare, chainCode: _c, certificate, ...key }] of made.entries()) {
      expect(key).toEqual(verifyCertificate(certificate, trust));
      expect(key.publicKey).toEqual(group.encodePoint(group.base(secret)));
      expect(signingShare.expose()).not.toEqual(group.encodeScalar(shares[at]!));
    }
  });

  test("is refused of public shares of another degree, count or value", () => {
    const config = testConfig(name, 3, 5);
    const { group, shown } = dealt(name, 3, 5);
    const refused = (list: typeof shown) => {
      try {
        importConfig(config, list);
      } catch (error) {
        return (error as Error).message;
      }
      return "accepted";
    };
    expect(refused(shown)).toBe("accepted");
    expect(refused(dealt(name, 3, 5, 3).shown)).toContain("one polynomial of degree 2");
    expect(refused(dealt(name, 3, 5, 1).shown)).toContain("fewer than 3");
    expect(refused(shown.slice(1))).toContain("4 public shares");
    expect(refused([...shown.slice(0, 4), group.base(9n)])).toContain("one polynomial");
    const empty = Array.from({ length: 5 }, (_, at) => group.base(BigInt((at + 1) ** 2)));
    expect(refused(empty)).toContain("no key");
  });
});

test("participants of an import are numbered from 1", () => {
  const { shown } = dealt("ed25519", 2, 3);
  expect(() => importConfig(testConfig("ed25519", 2, [1, 2, 4]), shown)).toThrow("numbered from 1");
});

test("a share that the public shares do not show is not taken", () => {
  const { shown, shares } = dealt("ed25519", 2, 3);
  const config = importConfig(testConfig("ed25519", 2, 3), shown);
  const { identities } = testParticipants(3);
  expect(() => importKey(config, 1, shares[1]!, identities.get(1)!, seededRandom(1))).toThrow("public shares show");
});

test("participants that were given different keys stop, and none of them is blamed", () => {
  const one = dealt("secp256k1", 2, 3);
  const other = dealt("secp256k1", 2, 3, 1, 9);
  const base = testConfig("secp256k1", 2, 3);
  const sessions = sessionsOf(importConfig(base, one.shown), {}, (self, identity) => {
    const given = self === 3 ? other : one;
    return importKey(importConfig(base, given.shown), self, given.shares[self - 1]!, identity, seeded(4)(self));
  });
  for (const state of runLocally(sessions).values()) {
    expect(state.kind).toBe("aborted");
    const { abort } = state as { abort: Abort };
    expect([abort.code, abort.culprits]).toEqual(["request_mismatch", []]);
  }
});

test("two imports of one key are two keys with chain codes of their own", () => {
  const { shares, shown } = dealt("ed25519", 2, 3);
  const config = importConfig(testConfig("ed25519", 2, 3), shown);
  const [first, second] = [4, 5].map((seed) => {
    const make = (self: number, identity: Parameters<typeof importKey>[3]) =>
      importKey(config, self, shares[self - 1]!, identity, seeded(seed)(self));
    return outputs(runLocally(sessionsOf(config, {}, make)))[0]!;
  });
  expect(second!.publicKey).toEqual(first!.publicKey);
  expect(second!.keyId).not.toEqual(first!.keyId);
  expect(second!.chainCode.expose()).not.toEqual(first!.chainCode.expose());
});
