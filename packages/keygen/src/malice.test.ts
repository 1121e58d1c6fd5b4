import { type Codec, decode, encode, type GroupName } from "@quorate/curves";
import {
  type Abort,
  decodeEvidence,
  encodeEvidence,
  type Identifier,
  type SessionState,
  type Step,
  tampered,
} from "@quorate/protocol";
import { runLocally, testParticipants } from "@quorate/protocol/testing";
import { describe, expect, test } from "vitest";
import type { KeygenConfig } from "./config.ts";
import { judge } from "./judge.ts";
import { keygenRounds, type Opening } from "./rounds.ts";
import type { KeyShare } from "./share.ts";
import { seeded, testConfig, testSessions } from "./testing.ts";

const LIAR = 2;
const HONEST = [1, 3];

type Body = (to: Identifier, honest: Uint8Array) => Uint8Array | null;
type States = ReadonlyMap<Identifier, SessionState<KeyShare>>;

/** Replaces what is sent in one round; a broadcast goes to all alike unless `body` looks at the recipient. */
const inRound = (number: number, body: Body) => (step: Step) => {
  const hit = (step.kind === "broadcast" || step.kind === "private") && step.round.number === number;
  return hit ? tampered(step, [1, 2, 3], body) : step;
};

const edited =
  <T>(codec: Codec<T>, edit: (value: T) => T): Body =>
  (_to, honest) =>
    encode(codec, edit(decode(codec, honest)));

const flip = (bytes: Uint8Array) => bytes.map((byte, at) => (at === 0 ? byte ^ 1 : byte));

function abortOf(states: States, identifier: Identifier): Abort {
  const state = states.get(identifier);
  if (state?.kind !== "aborted") throw new Error(`participant ${identifier} is ${state?.kind}`);
  return state.abort;
}

/** All honest participants stopped for this reason, name exactly the liar, and show evidence that convinces a judge. */
function expectBlame(config: KeygenConfig, states: States, code: string, honest: readonly Identifier[] = HONEST): void {
  for (const one of honest) {
    const abort = abortOf(states, one);
    expect([abort.code, abort.culprits]).toEqual([code, [LIAR]]);
    expect(judge(decodeEvidence(encodeEvidence(abort.evidence!)), config)).toBe(true);
  }
}

describe.each<GroupName>(["ed25519", "secp256k1", "p256"])(
  "a liar is named with proof by all on %s, when it",
  (name) => {
    const config = testConfig(name, 2, 3);
    const { group } = config;
    const [, OPENINGS, SHARES, CONFIRMATIONS] = keygenRounds(config);
    const run = (round: number, body: Body) => runLocally(testSessions(config, { [LIAR]: inRound(round, body) }));
    const openings = (edit: (one: Opening) => Opening) => edited(OPENINGS.codec, edit);

    test.each([
      ["another first coefficient", openings((o) => ({ ...o, coefficients: [group.base(7n), o.coefficients[1]!] }))],
      ["another last coefficient", openings((o) => ({ ...o, coefficients: [o.coefficients[0]!, group.base(7n)] }))],
      ["another salt", openings((o) => ({ ...o, salt: flip(o.salt) }))],
      ["swapped coefficients", openings((o) => ({ ...o, coefficients: o.coefficients.toReversed() }))],
    ])("opens its commitment to %s", (_, body) => {
      expectBlame(config, run(2, body), "bad_opening");
    });

    test.each([
      [
        "a changed response",
        openings(({ proofs: [a, b], ...o }) => ({
          ...o,
          proofs: [a!, { ...b!, response: group.mod(b!.response + 1n) }],
        })),
      ],
      [
        "a changed commitment",
        openings(({ proofs: [a, b], ...o }) => ({ ...o, proofs: [{ ...a!, commitment: group.base(5n) }, b!] })),
      ],
      ["proofs of other coefficients", openings((o) => ({ ...o, proofs: o.proofs.toReversed() }))],
      ["one proof twice", openings((o) => ({ ...o, proofs: [o.proofs[0]!, o.proofs[0]!] }))],
    ])("proves its coefficients with %s", (_, body) => {
      expectBlame(config, run(2, body), "bad_proof");
    });

    test("replays the proofs of an earlier session over the same polynomial", () => {
      let earlier = new Uint8Array();
      const record = (step: Step) => {
        if (step.kind === "broadcast" && step.round.number === 2) earlier = new Uint8Array(step.body);
        return step;
      };
      runLocally(testSessions(config, { [LIAR]: record }));
      const sessions = testSessions(config, {}, seeded(2));
      sessions.set(LIAR, testSessions(config, { [LIAR]: inRound(2, () => earlier) }).get(LIAR)!);
      expectBlame(config, runLocally(sessions), "bad_proof");
    });

    test("deals a wrong share", () => {
      const states = run(
        3,
        edited(SHARES.codec, (one) => ({ ...one, share: group.mod(one.share + 1n) })),
      );
      expectBlame(config, states, "bad_share");
    });

    test("deals a wrong share to one only", () => {
      const wrong = edited(SHARES.codec, (one) => ({ ...one, share: 0n }));
      const states = run(3, (to, honest) => (to === 1 ? wrong(to, honest) : honest));
      expectBlame(config, states, "bad_share", [1]);
      expect(states.get(3)?.kind).toBe("running");
    });

    test("deals the share of another", () => {
      let other = new Uint8Array();
      const swap: Body = (to, honest) => {
        if (to === 1) other = new Uint8Array(honest);
        return to === 3 ? other : honest;
      };
      expectBlame(config, run(3, swap), "bad_share", [3]);
    });

    test.each([
      ["part", edited(SHARES.codec, (one) => ({ ...one, chainPart: flip(one.chainPart) }))],
      ["salt", edited(SHARES.codec, (one) => ({ ...one, chainSalt: flip(one.chainSalt) }))],
    ])("opens its part of the chain code with another %s", (_, body) => {
      expectBlame(config, run(3, body), "bad_chain_code");
    });

    test("claims another verifying share", () => {
      const body = edited(CONFIRMATIONS.codec, (one) => ({ ...one, verifyingShare: group.base(7n) }));
      expectBlame(config, run(4, body), "wrong_verifying_share");
    });

    test("does not prove to hold its share", () => {
      const body = edited(CONFIRMATIONS.codec, ({ proof, ...one }) => {
        return { ...one, proof: { ...proof, response: group.mod(proof.response + 1n) } };
      });
      expectBlame(config, run(4, body), "bad_share_proof");
    });

    let anothers = new Uint8Array();
    const record = (step: Step) => {
      if (step.kind === "broadcast" && step.round.number === 4) {
        anothers = new Uint8Array(decode(CONFIRMATIONS.codec, step.body).signature);
      }
      return step;
    };
    runLocally(testSessions(config, { 1: record }));

    test.each([
      ["garbles its signature", (one: Uint8Array) => flip(one)],
      ["signs something else", () => testParticipants(3).identities.get(LIAR)!.sign(new Uint8Array(32))],
      ["shows another's signature", () => anothers],
    ])("%s on the transcript", (_, sign) => {
      const body = edited(CONFIRMATIONS.codec, (one) => ({ ...one, signature: sign(one.signature) }));
      expectBlame(config, run(4, body), "bad_transcript");
    });

    const point = group.pointLength;
    const put = (at: number, bytes: Uint8Array) => (_to: Identifier, honest: Uint8Array) => {
      const changed = honest.slice();
      changed.set(bytes, at);
      return changed;
    };
    const nothing = name === "ed25519" ? Uint8Array.of(1, ...new Uint8Array(31)) : new Uint8Array(33);
    const order = group
      .encodeScalar(group.order - 1n)
      .map((byte, at) => (at === (name === "ed25519" ? 0 : 31) ? byte + 1 : byte));
    const proofs = 2 * point + 32;
    test.each<[string, number, Body]>([
      ["nothing in round 1", 1, () => new Uint8Array()],
      ["a long round 1", 1, (_, honest) => new Uint8Array([...honest, 0])],
      ["no coefficients", 2, () => new Uint8Array(32)],
      ["a coefficient less", 2, (_, honest) => honest.slice(point)],
      ["a coefficient more", 2, (_, honest) => new Uint8Array([...honest.subarray(0, point), ...honest])],
      [
        "a coefficient and a proof more",
        2,
        (_, h) => new Uint8Array([...h.subarray(0, point), ...h, ...h.subarray(proofs, proofs + point + 32)]),
      ],
      ["a proof less", 2, (_, honest) => honest.slice(0, -point - 32)],
      ["the identity as coefficient", 2, put(0, nothing)],
      ["a coefficient off the curve", 2, put(0, new Uint8Array(point).fill(5))],
      ["the order as response", 2, put(proofs + point, order)],
      ["a response above the order", 2, put(proofs + point, new Uint8Array(32).fill(255))],
      ["the order as share", 3, put(0, order)],
      ["a cut share", 3, (_, honest) => honest.slice(1)],
      ["the identity as verifying share", 4, put(0, nothing)],
      ["a cut signature", 4, (_, honest) => honest.slice(0, -1)],
    ])("sends %s", (_, round, body) => {
      expectBlame(config, run(round, body), "malformed");
    });
  },
);

// The eight points of small order on Ed25519, and seven times the generator with each of the seven that are not the identity added.
const TORSION = [
  "0100000000000000000000000000000000000000000000000000000000000000",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "0000000000000000000000000000000000000000000000000000000000000080",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
  "e9b2fe981587efae6478f48ba1fa60cec6126d0e26dde72a0a24f640dcd783e5",
  "d7fcf1f00e29dd947529006e74d779973e3c1a1bad96b7807ab8644b5604ee50",
  "16b981d0b88cdf3ab9fa87190822fe4905b475efda3aec7c34abfa92c19320f4",
  "359dbf604a3b3bedc20d5408b9d4770fbe52c922979b3178d02ab8d41c9c3a4e",
  "044d0167ea7810519b870b745e059f3139ed92f1d92218d5f5db09bf23287c1a",
  "16030e0ff1d6226b8ad6ff918b288668c1c3e5e45269487f85479bb4a9fb11af",
  "d7467e2f477320c5460578e6f7dd01b6fa4b8a1025c51383cb54056d3e6cdf0b",
];

test.each(TORSION)("a coefficient with a torsion component is refused and its sender named: %s", (hex) => {
  const config = testConfig("ed25519", 2, 3);
  for (const at of [0, 32]) {
    const body: Body = (_to, honest) => {
      const changed = honest.slice();
      changed.set(Buffer.from(hex, "hex"), at);
      return changed;
    };
    expectBlame(config, runLocally(testSessions(config, { [LIAR]: inRound(2, body) })), "malformed");
  }
});
