import { type GroupName, identityFromSeed } from "@quorate/curves";
import { Abort, type Identifier, type SessionState } from "@quorate/protocol";
import { type Delivery, runLocally, seededRandom, testParticipants } from "@quorate/protocol/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { verifyCertificate } from "./aggregate/index.ts";
import { type KeygenConfig, keygenContext } from "./config.ts";
import { keygen } from "./keygen.ts";
import { activate, decodeShare, type KeyShare } from "./share.ts";
import { reconstruct, seeded, testConfig, testSessions, trustIn } from "./testing.ts";

function outputs(states: ReadonlyMap<Identifier, SessionState<KeyShare>>): readonly KeyShare[] {
  return [...states.values()].map((state) => {
    if (state.kind !== "done") throw new Error(state.kind === "aborted" ? state.abort.message : state.kind);
    return state.output;
  });
}

const make = (config: KeygenConfig, delivery: Delivery = {}) => outputs(runLocally(testSessions(config), delivery));

/** All subsets of `size`. */
function subsets<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  if (size === 0) return [[]];
  return items.flatMap((item, at) => subsets(items.slice(at + 1), size - 1).map((rest) => [item, ...rest]));
}

const SIZES = [2, 3, 4, 5].flatMap((n) => Array.from({ length: n - 1 }, (_, at) => [at + 2, n] as const));

describe.each<GroupName>(["ed25519", "secp256k1", "p256"])("key generation on %s", (name) => {
  test.each(SIZES)("gives %i of %i shares of one key, whichever are taken", (minSigners, n) => {
    const config = testConfig(name, minSigners, n);
    const { group } = config;
    const shares = make(config);
    for (const some of subsets(shares, minSigners)) {
      const x = reconstruct(group, some);
      expect(group.encodePoint(group.base(x))).toEqual(shares[0]!.publicKey);
    }
    for (const some of subsets(shares, minSigners - 1)) {
      const x = reconstruct(group, some);
      expect(group.encodePoint(group.base(x))).not.toEqual(shares[0]!.publicKey);
    }
    for (const { identifier, signingShare } of shares) {
      const verifyingShare = group.encodePoint(group.base(group.decodeScalar(signingShare.expose())));
      for (const one of shares) expect(one.verifyingShares.get(identifier)).toEqual(verifyingShare);
    }
  });
  test("ends with one certificate, which says what everybody holds", () => {
    const config = testConfig(name, 2, [2, 7, 15]);
    for (const share of make(config)) {
      const { identifier: _i, signingShare: _s, chainCode: _c, certificate, ...key } = share;
      expect(certificate).toEqual(make(config)[0]!.certificate);
      expect(verifyCertificate(certificate, trustIn(config.participants))).toEqual(key);
    }
  });

  test("gives everybody one chain code", () => {
    const [one, ...others] = make(testConfig(name, 2, 3));
    for (const other of others) expect(other.chainCode.expose()).toEqual(one!.chainCode.expose());
  });
});

test("neither order nor repetition of frames changes the result", () => {
  const config = testConfig("secp256k1", 2, 3);
  const [expected] = make(config);
  const property = fc.property(fc.nat(), fc.boolean(), (seed, duplicates) => {
    for (const share of make(config, { seed, duplicates })) expect(share.certificate).toEqual(expected!.certificate);
  });
  fc.assert(property, { numRuns: 15 });
});

test("every contribution changes the key and the chain code", () => {
  const config = testConfig("ed25519", 2, 3);
  const first = make(config)[0]!;
  for (const changed of [1, 2, 3]) {
    const sessions = testSessions(config);
    sessions.set(changed, testSessions(config, {}, seeded(2)).get(changed)!);
    const second = outputs(runLocally(sessions))[0]!;
    expect(second.publicKey).not.toEqual(first.publicKey);
    expect(second.chainCode.expose()).not.toEqual(first.chainCode.expose());
  }
});

test("the suite separates keys on one curve", () => {
  const config = testConfig("secp256k1", 2, 3);
  const [plain, taproot] = [config, { ...config, suite: "taproot" }].map((one) => make(one)[0]!);
  expect(plain!.publicKey).toEqual(taproot!.publicKey);
  expect(plain!.keyId).not.toEqual(taproot!.keyId);
  expect(plain!.chainCode.expose()).not.toEqual(taproot!.chainCode.expose());
});

test("a key of 3 of 5 costs at most 1,350 bytes sent per peer, so that 1,500 hold with the transport's own", () => {
  for (const name of ["ed25519", "secp256k1", "p256"] as const) {
    const sent = new Map<string, number>();
    const intercept = (from: Identifier, to: Identifier, frame: Uint8Array) => {
      sent.set(`${from} ${to}`, (sent.get(`${from} ${to}`) ?? 0) + frame.length);
      return [frame];
    };
    make(testConfig(name, 3, 5), { intercept });
    expect(sent.size).toBe(20);
    expect(Math.max(...sent.values())).toBeLessThanOrEqual(1350);
  }
});

describe("before the last round", () => {
  const config = testConfig("ed25519", 2, 3);

  test("the share is handed out to be saved, and nothing is confirmed until it is", () => {
    const sessions = testSessions(config);
    let confirmations = 0;
    runLocally(sessions, {
      saves: (identifier) => identifier !== 1,
      intercept: (from, _to, frame) => {
        if (from === 1 && frame[16] === 4) confirmations += 1;
        return [frame];
      },
    });
    expect(confirmations).toBe(0);
    const { state } = sessions.get(1)!;
    if (state.kind !== "checkpoint") throw new Error(state.kind);
    const staged = decodeShare(state.value.expose());
    expect([...sessions.values()].map((one) => one.state.kind)).toEqual(["checkpoint", "running", "running"]);
    const { certificate, signingShare } = make(config)[0]!;
    expect(staged.signingShare.expose()).toEqual(signingShare.expose());
    expect(activate(staged, certificate, trustIn(config.participants))).toEqual(make(config)[0]);
  });

  test("an end wipes the record", () => {
    const sessions = testSessions(config);
    runLocally(sessions, { saves: () => false });
    const { state } = sessions.get(1)!;
    sessions.get(1)!.stop(new Abort("stopped"));
    expect(state.kind === "checkpoint" && (() => state.value.expose())).toThrow("wiped");
  });
});

test.each<[string, Partial<KeygenConfig>]>([
  ["minSigners 1", { minSigners: 1 }],
  ["minSigners above n", { minSigners: 4 }],
  ["minSigners not whole", { minSigners: 2.5 }],
  ["identifier 0", { participants: testParticipants([0, 1, 2]).participants }],
  ["identifier 16", { participants: testParticipants([1, 2, 16]).participants }],
  [
    "an identifier twice",
    { participants: [...testParticipants(2).participants, { identifier: 1, publicKey: new Uint8Array(32) }] },
  ],
  [
    "an identity twice",
    { participants: testParticipants(2).participants.map((one) => ({ ...one, publicKey: new Uint8Array(32) })) },
  ],
  ["a short execution id", { executionId: new Uint8Array(15) }],
])("a configuration that contradicts itself is refused: %s", (_, wrong) => {
  const config = { ...testConfig("ed25519", 2, 3), ...wrong };
  const identity = identityFromSeed(new Uint8Array(32).fill(1));
  expect(() => keygen(config, 1, identity, seededRandom(1))).toThrow(RangeError);
  expect(() => keygenContext(config)).toThrow(RangeError);
});

test("only a participant takes part", () => {
  const identity = identityFromSeed(new Uint8Array(32).fill(9));
  expect(() => keygen(testConfig("ed25519", 2, 3), 9, identity, seededRandom(1))).toThrow(RangeError);
});

test("the context differs in everything that must be agreed on", () => {
  const config = testConfig("ed25519", 2, 3);
  const [one, two, three] = config.participants;
  const changes: readonly Partial<KeygenConfig>[] = [
    {},
    { suite: "other" },
    { minSigners: 3 },
    { executionId: new Uint8Array(16) },
    { participants: [one!, two!] },
    { participants: [one!, two!, { ...three!, identifier: 4 }] },
    { participants: [one!, two!, { ...three!, publicKey: new Uint8Array(32) }] },
  ];
  const contexts = changes.map((change) => Buffer.from(keygenContext({ ...config, ...change })).toString("hex"));
  expect(new Set(contexts).size).toBe(changes.length);
  expect(keygenContext({ ...config, participants: [three!, two!, one!] })).toEqual(keygenContext(config));
});
