import { type Codec, decode, encode, evaluateInExponent, type GroupName, Secret } from "@quorate/curves";
import {
  type Abort,
  decodeEvidence,
  encodeEvidence,
  type Identifier,
  type SessionState,
  type Step,
  tampered,
} from "@quorate/protocol";
import { runLocally } from "@quorate/protocol/testing";
import { describe, expect, test } from "vitest";
import { judgeEncoded, verifyCertificate } from "./aggregate/index.ts";
import { laterCertificateCodec } from "./certificate.ts";
import { type KeygenConfig, keygenContext, refreshConfig } from "./config.ts";
import { keygen } from "./keygen.ts";
import { refresh } from "./refresh.ts";
import { keygenRounds } from "./rounds.ts";
import { activate, decodeShare, type KeyShare } from "./share.ts";
import { type Edits, reconstruct, refreshSessions, testConfig, testSessions, trustIn } from "./testing.ts";

const GROUPS = ["ed25519", "secp256k1", "p256"] as const satisfies readonly GroupName[];
const SIZES = [2, 3, 4, 5].flatMap((n) => Array.from({ length: n - 1 }, (_, at) => [at + 2, n] as const));
const LIAR = 2;

type States = ReadonlyMap<Identifier, SessionState<KeyShare>>;

function outputs(states: States): readonly KeyShare[] {
  return [...states.values()].map((state) => {
    if (state.kind !== "done") throw new Error(state.kind === "aborted" ? state.abort.message : state.kind);
    return state.output;
  });
}

function abortOf(states: States, identifier: Identifier): Abort {
  const state = states.get(identifier);
  if (state?.kind !== "aborted") throw new Error(`participant ${identifier} is ${state?.kind}`);
  return state.abort;
}

function made(name: GroupName, minSigners = 2, n = 3) {
  const config = testConfig(name, minSigners, n);
  const old = outputs(runLocally(testSessions(config)));
  const { group } = config;
  const again = (edits: Edits = {}) => refreshSessions(old, { group, edits });
  return { config, group, old, again, trust: trustIn(config.participants) };
}

/** Replaces what the liar sends in one round. */
function lies<T>(number: number, codec: Codec<T>, edit: (value: T, to: Identifier) => T): Edits {
  const step = (one: Step) => {
    const hit = (one.kind === "broadcast" || one.kind === "private") && one.round.number === number;
    if (!hit) return one;
    return tampered(one, [1, 2, 3], (to, honest) => encode(codec, edit(decode(codec, honest), to)));
  };
  return { [LIAR]: step };
}

function expectBlame(config: KeygenConfig, states: States, code: string, by: readonly Identifier[] = [1, 3]): void {
  for (const one of by) {
    const abort = abortOf(states, one);
    expect([abort.code, abort.culprits]).toEqual([code, [LIAR]]);
    expect(judgeEncoded(encodeEvidence(abort.evidence!), [LIAR], config)).toBe(true);
    const { origin: _, ...other } = config;
    expect(judgeEncoded(encodeEvidence(abort.evidence!), [LIAR], other)).toBe(false);
  }
}

describe.each(GROUPS)("a refresh on %s", (name) => {
  test.each(SIZES)(
    "gives %i of %i new shares of the same key, which fit with one another and with no old one",
    (t, n) => {
      const { group, old, again, trust } = made(name, t, n);
      const fresh = outputs(runLocally(again().sessions));
      const x = reconstruct(group, old.slice(0, t));
      for (let from = 0; from + t <= n; from++) expect(reconstruct(group, fresh.slice(from, from + t))).toBe(x);
      for (let mixed = 1; mixed < t; mixed++) {
        expect(reconstruct(group, [...old.slice(0, mixed), ...fresh.slice(mixed, t)])).not.toBe(x);
      }
      for (const [at, { identifier: _i, signingShare, chainCode, certificate, ...key }] of fresh.entries()) {
        expect(key).toEqual(verifyCertificate(certificate, trust));
        expect([key.keyId, key.publicKey, key.chainHash]).toEqual([
          old[0]!.keyId,
          old[0]!.publicKey,
          old[0]!.chainHash,
        ]);
        expect([key.epoch, key.minSigners]).toEqual([1, t]);
        expect(chainCode.expose()).toEqual(old[at]!.chainCode.expose());
        expect(signingShare.expose()).not.toEqual(old[at]!.signingShare.expose());
        expect(certificate).toEqual(fresh[0]!.certificate);
      }
    },
  );

  test("shows and deals nothing of the constant term", () => {
    const { group, again } = made(name, 3, 3);
    const { config, sessions } = again();
    const points = keygenRounds(config)[1];
    const seen: number[] = [];
    const watch = (step: Step) => {
      if (step.kind === "broadcast" && step.round.number === 2) {
        const { coefficients } = decode(points.codec, step.body);
        seen.push(coefficients.length);
        expect(group.isIdentity(evaluateInExponent(group, [group.identity, ...coefficients], 0))).toBe(true);
      }
      return step;
    };
    expect(sessions.size).toBe(3);
    outputs(runLocally(again({ 1: watch }).sessions));
    expect(seen).toEqual([2]);
  });

  test("names with proof who deals a polynomial that is not zero at 0", () => {
    const { group, again } = made(name);
    const { config } = again();
    const [, , SHARES] = keygenRounds(config);
    const shifted = lies(3, SHARES.codec, (one) => ({ ...one, share: group.mod(one.share + 5n) }));
    expectBlame(config, runLocally(again(shifted).sessions), "bad_share");
  });

  test("names with proof who shows other points than it proved", () => {
    const { group, again } = made(name);
    const { config } = again();
    const [COMMITMENTS, OPENINGS, , CONFIRMATIONS] = keygenRounds(config);
    const point = lies(2, OPENINGS.codec, (one) => ({ ...one, coefficients: [group.base(7n)] }));
    expectBlame(config, runLocally(again(point).sessions), "bad_opening");
    const proof = lies(2, OPENINGS.codec, ({ proofs: [one], ...rest }) => {
      return { ...rest, proofs: [{ ...one!, response: group.mod(one!.response + 1n) }] };
    });
    expectBlame(config, runLocally(again(proof).sessions), "bad_proof");
    const chain = (step: Step) => {
      if (step.kind !== "broadcast" || step.round.number !== 1) return step;
      const other = { ...decode(COMMITMENTS.codec, step.body), chainCommitment: new Uint8Array(32) };
      return { ...step, body: encode(COMMITMENTS.codec, other) };
    };
    expectBlame(config, runLocally(again({ [LIAR]: chain }).sessions), "bad_chain_code");
    const share = lies(4, CONFIRMATIONS.codec, (one) => ({ ...one, verifyingShare: group.base(7n) }));
    expectBlame(config, runLocally(again(share).sessions), "wrong_verifying_share");
    const holding = lies(4, CONFIRMATIONS.codec, (one) => {
      return { ...one, proof: { ...one.proof, response: group.mod(one.proof.response + 1n) } };
    });
    expectBlame(config, runLocally(again(holding).sessions), "bad_share_proof");
    const signature = lies(4, CONFIRMATIONS.codec, (one) => ({ ...one, signature: new Uint8Array(64) }));
    expectBlame(config, runLocally(again(signature).sessions), "bad_transcript");
  });

  test.each([-1, 1])("takes no list of points that is %i too long", (more) => {
    const { group, again } = made(name);
    const { config } = again();
    const [, OPENINGS] = keygenRounds(config);
    const length = more < 0 ? 0 : 2;
    const long = (one: Step) => {
      if (one.kind !== "broadcast" || one.round.number !== 2) return one;
      const { salt } = decode(OPENINGS.codec, one.body);
      const point = group.encodePoint(group.base(7n));
      const proof = Buffer.concat([point, group.encodeScalar(3n)]);
      const body = Buffer.concat([...Array(length).fill(point), salt, ...Array(length).fill(proof)]);
      return tampered(one, [1, 2, 3], () => new Uint8Array(body));
    };
    const states = runLocally(again({ [LIAR]: long }).sessions);
    for (const one of [1, 3]) expect(abortOf(states, one)).toMatchObject({ code: "malformed", culprits: [LIAR] });
  });

  test("names who says different things to different participants", () => {
    const { again } = made(name);
    const { config } = again();
    const [COMMITMENTS] = keygenRounds(config);
    const split = lies(1, COMMITMENTS.codec, (one, to) => (to === 1 ? { ...one, nonce: new Uint8Array(32) } : one));
    const states = runLocally(again(split).sessions);
    for (const one of [1, 3]) expect(["equivocation", "echo_mismatch"]).toContain(abortOf(states, one).code);
  });
});

describe("certificates of refreshed keys", () => {
  const prepared = () => {
    const { again, ...key } = made("secp256k1", 2, 3);
    const fresh = outputs(runLocally(again().sessions));
    return { ...key, fresh, genuine: decode(laterCertificateCodec, fresh[0]!.certificate) };
  };

  test.each([
    ["epoch", { newEpoch: 2 }],
    ["old epoch", { epoch: 0, newEpoch: 7 }],
    ["key", { keyId: new Uint8Array(32).fill(1) }],
    ["previous shares", { previous: new Uint8Array(32) }],
    ["operation", { operation: "import" as const }],
  ])("do not verify with another %s", (_, change) => {
    const { genuine, trust } = prepared();
    const forged = encode(laterCertificateCodec, { ...genuine, ...change });
    expect(() => verifyCertificate(forged, trust)).toThrow("certificate");
  });

  test("do not verify where the epochs do not ascend", () => {
    const { genuine, trust } = prepared();
    const forged = encode(laterCertificateCodec, { ...genuine, newEpoch: 0 });
    expect(() => verifyCertificate(forged, trust)).toThrow("malformed");
  });

  test("activate the share of their epoch and no other", () => {
    const { fresh, old, trust } = prepared();
    const { suite, keyId, identifier, chainCode } = fresh[0]!;
    const staged = (epoch: number, signingShare: Secret) => {
      return { suite, keyId, epoch, identifier, chainCode, signingShare };
    };
    const share = fresh[0]!.signingShare;
    expect(activate(staged(1, share), fresh[0]!.certificate, trust).epoch).toBe(1);
    expect(() => activate(staged(0, share), fresh[0]!.certificate, trust)).toThrow("other_key");
    expect(() => activate(staged(0, share), old[0]!.certificate, trust)).toThrow("other_key");
    expect(() => activate(staged(1, old[0]!.signingShare), fresh[0]!.certificate, trust)).toThrow("other_key");
  });

  test("verify after any number of refreshes, with epochs left out", () => {
    const { group, old, trust } = prepared();
    let shares = old;
    for (const newEpoch of [3, 4, 9]) {
      const executionId = new Uint8Array(16).fill(newEpoch);
      shares = outputs(runLocally(refreshSessions(shares, { group, newEpoch, executionId, seed: newEpoch }).sessions));
      expect(verifyCertificate(shares[0]!.certificate, trust)).toMatchObject({ epoch: newEpoch, keyId: old[0]!.keyId });
    }
    expect(reconstruct(group, shares.slice(0, 2))).toBe(reconstruct(group, old.slice(0, 2)));
  });

  test("come from a run that no other epoch, execution or key shares", () => {
    const { config, fresh, group, old } = prepared();
    const contexts = [
      keygenContext(config),
      ...[1, 2].map((epoch) => keygenContext(refreshConfig(old[0]!, group, new Uint8Array(16), epoch))),
      keygenContext(refreshConfig(fresh[0]!, group, new Uint8Array(16), 2)),
      keygenContext(refreshConfig(old[0]!, group, new Uint8Array(16).fill(1), 1)),
      keygenContext(refreshConfig({ ...old[0]!, keyId: new Uint8Array(32) }, group, new Uint8Array(16), 1)),
    ].map((one) => Buffer.from(one).toString("hex"));
    expect(new Set(contexts).size).toBe(contexts.length);
  });

  test("need an epoch that comes after the key's, and the key's own share and chain code", () => {
    const { fresh, group, old } = prepared();
    const at = (epoch: number) => () => refreshConfig(fresh[0]!, group, new Uint8Array(16), epoch);
    expect(at(1)).toThrow(RangeError);
    expect(at(0)).toThrow(RangeError);
    const identity = { publicKey: new Uint8Array(32), sign: () => new Uint8Array(64) };
    const run = (held: KeyShare) => () => refresh(at(2)(), held, identity, (length) => new Uint8Array(length));
    expect(run(old[0]!)).toThrow("another key or epoch");
    expect(run({ ...fresh[0]!, chainCode: new Secret(new Uint8Array(32)) })).toThrow("chain code");
    expect(() => keygen(at(2)(), 1, identity, (length) => new Uint8Array(length))).toThrow("from nothing");
  });
});

test("the record that a refresh hands out is the share of the new epoch, before anybody confirms", () => {
  const { again } = made("ed25519");
  const records: number[] = [];
  const watch = (step: Step) => {
    if (step.kind === "checkpoint") records.push(decodeShare(step.value.expose()).epoch);
    if (step.kind === "broadcast" && step.round.number === 4) expect(records).toEqual([1]);
    return step;
  };
  const states = runLocally(again({ 1: watch }).sessions, { saves: (one) => one !== 3 });
  expect(records).toEqual([1]);
  for (const one of [1, 2]) expect(states.get(one)?.kind).toBe("running");
});

test("evidence of a refresh survives its journey", () => {
  const { again } = made("ed25519");
  const { config } = again();
  const [, , SHARES] = keygenRounds(config);
  const states = runLocally(again(lies(3, SHARES.codec, (one) => ({ ...one, share: 0n }))).sessions);
  const encoded = encodeEvidence(abortOf(states, 1).evidence!);
  expect(encodeEvidence(decodeEvidence(encoded))).toEqual(encoded);
});
