import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bytesToInteger, H, type Random, ristretto255, toScalar, u32be, XOF } from "@quorate/curves";
import { seededRandom } from "@quorate/protocol/testing";
import { beforeAll, describe, expect, test } from "vitest";
import vectors from "../../../../test/vectors/ristretto255.json" with { type: "json" };
import { h1, keyOf, OtFault, type PokContext, SCALARS } from "./base.ts";
import { type BaseAlice, baseAliceChoose, baseAliceFinish, baseAliceRespond } from "./base-alice.ts";
import { type BaseBob, baseBobChallenge, baseBobOpen, baseBobStart } from "./base-bob.ts";
import { bitAt } from "./bit-matrix.ts";

const osid = new Uint8Array(32).fill(9);
const context: PokContext = { pairCtx: new Uint8Array(32).fill(8), rank: 2, backend: "fast" };
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const part = (bytes: Uint8Array, n: number) => bytes.slice(32 * n, 32 * n + 32);
const put = (bytes: Uint8Array, n: number, value: Uint8Array) => {
  const copy = bytes.slice();
  copy.set(value, 32 * n);
  return copy;
};
const flip = (bytes: Uint8Array, at: number) => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
const cut = (bytes: Uint8Array) => [bytes.subarray(1), Uint8Array.of(...bytes, 0), new Uint8Array(0)];
const identity = new Uint8Array(32);

/** One honest run, with copies of what was between. The functions wipe their states. */
function run(seed: number, ofAlice: Random = seededRandom(seed + 1)) {
  const start = baseBobStart(osid, context, seededRandom(seed));
  const chosen = baseAliceChoose(osid, context, start.message, ofAlice);
  const challenges = baseBobChallenge(start.state, chosen.message);
  const responses = baseAliceRespond(chosen.state, challenges);
  const [bobsKeys, alicesKeys] = [start.state.keys.slice(), chosen.state.keys.slice()];
  const choices = chosen.state.choices.slice();
  const bob = baseBobOpen(start.state, responses);
  const alice = baseAliceFinish(chosen.state, bob.message);
  const messages = [start.message, chosen.message, challenges, responses, bob.message] as const;
  return { messages, bob: bob.seeds, alice, bobsKeys, alicesKeys, choices, states: [start.state, chosen.state] };
}

let honest: ReturnType<typeof run>;
let started: { bob: BaseBob; alice: BaseAlice };
beforeAll(() => {
  honest = run(1);
  const bob = baseBobStart(osid, context, seededRandom(1)).state;
  const alice = baseAliceChoose(osid, context, honest.messages[0], seededRandom(2)).state;
  baseBobChallenge(bob, honest.messages[1]);
  baseAliceRespond(alice, honest.messages[2]);
  started = { bob, alice };
});
/** Both of that run before messages 4 and 5 are received, with memory of their own. */
function midway(): { bob: BaseBob; alice: BaseAlice } {
  const { bob, alice } = started;
  const copy = { choices: alice.choices.slice(), keys: alice.keys.slice(), challenges: alice.challenges.slice() };
  return {
    bob: { ...bob, keys: bob.keys.slice(), opened: bob.opened.slice() },
    alice: { ...alice, ...copy, [Symbol.dispose]: () => {} },
  };
}

describe("a base OT", () => {
  test("gives Bob two different seeds each time, and Alice the one that delta does not name", () => {
    const { bob, alice } = honest;
    expect([bob.seeds.length, alice.seeds.length, alice.delta.length]).toEqual([256 * 64, 256 * 32, 32]);
    for (let z = 0; z < 256; z++) {
      const chosen = 1 - bitAt(alice.delta, z);
      expect(hex(part(alice.seeds, z))).toBe(hex(part(bob.seeds, 2 * z + chosen)));
    }
    expect(new Set(Array.from({ length: 512 }, (_, n) => hex(part(bob.seeds, n)))).size).toBe(512);
  });

  test("sends 96, then 256 times 32, 32, 32 and 64 bytes", () => {
    expect(honest.messages.map((one) => one.length)).toEqual([96, 8192, 8192, 8192, 16384]);
  });

  test.each([
    ["first", 0],
    ["second", 255],
  ])("gives what was chosen: always the %s", (_, byte) => {
    let calls = 0;
    const random = seededRandom(7);
    const { bob, alice } = run(5, (length) => (calls++ === 0 ? new Uint8Array(length).fill(byte) : random(length)));
    expect(hex(alice.delta)).toBe(hex(new Uint8Array(32).fill(~byte)));
    for (const z of [0, 100, 255]) expect(hex(part(alice.seeds, z))).toBe(hex(part(bob.seeds, 2 * z + (byte & 1))));
  });

  test("derives seeds from keys whose hashes are opened, and opens no seed", () => {
    const { bobsKeys, bob, messages } = honest;
    for (const n of [0, 1, 511]) {
      const z = n >> 1;
      const opened = H("pair/v1", "vsot/h1", osid, u32be(z), part(bobsKeys, n));
      expect(hex(part(messages[4], n))).toBe(hex(opened));
      expect(hex(part(bob.seeds, n))).toBe(hex(XOF("pair/v1", "vsot/seed", 32, osid, u32be(z), part(bobsKeys, n))));
    }
    const sent = messages.map(hex).join();
    for (let n = 0; n < 512; n++) expect(sent).not.toContain(hex(part(bob.seeds, n)));
  });

  test("wipes keys and choices when it is over", () => {
    for (const state of honest.states) expect(state.keys.every((byte) => byte === 0)).toBe(true);
    expect((honest.states[1] as BaseAlice).choices.every((byte) => byte === 0)).toBe(true);
    const bob = baseBobStart(osid, context, seededRandom(1)).state;
    const alice = baseAliceChoose(osid, context, honest.messages[0], seededRandom(2)).state;
    baseBobChallenge(bob, honest.messages[1]);
    bob[Symbol.dispose]();
    alice[Symbol.dispose]();
    for (const secret of [bob.keys, alice.keys, alice.choices]) expect(secret.every((byte) => byte === 0)).toBe(true);
  });
});

describe("Alice refuses", () => {
  const choose = (message: Uint8Array, id = osid, where = context) =>
    baseAliceChoose(id, where, message, seededRandom(2));

  test.each<[string, (message: Uint8Array) => Uint8Array]>([
    ["another A", (message) => put(message, 0, ristretto255.base(3n))],
    ["the identity as A, with a proof that would hold", (message) => put(message, 0, identity)],
    ["another commitment", (message) => put(message, 1, ristretto255.base(3n))],
    ["another response", (message) => flip(message, 64)],
    [
      "a response that is not reduced",
      (message) => {
        const z = SCALARS.decodeScalar(message.subarray(64)) + SCALARS.order;
        return put(message, 2, new Uint8Array(Buffer.from(z.toString(16).padStart(64, "0"), "hex").reverse()));
      },
    ],
    ["no proof", (message) => put(put(message, 1, identity), 2, identity)],
  ])("message 1 with %s", (_, change) => {
    expect(() => choose(change(honest.messages[0]))).toThrow(OtFault);
  });

  test("the identity as A even with a valid proof", () => {
    const T = ristretto255.base(5n);
    const message = Uint8Array.of(...identity, ...T, ...SCALARS.encodeScalar(5n));
    expect(() => choose(message)).toThrow(OtFault);
  });

  test("message 1 with anything that encodes no element, or of another length", () => {
    for (const encoding of Object.values(vectors.invalid).flat()) {
      const bytes = new Uint8Array(Buffer.from(encoding, "hex"));
      expect(() => choose(put(honest.messages[0], 0, bytes))).toThrow(OtFault);
      expect(() => choose(put(honest.messages[0], 1, bytes))).toThrow(OtFault);
    }
    for (const message of cut(honest.messages[0])) expect(() => choose(message)).toThrow(OtFault);
  });

  test("a proof from another pair, OT or prover", () => {
    expect(() => choose(honest.messages[0], new Uint8Array(32))).toThrow(OtFault);
    expect(() => choose(honest.messages[0], osid, { ...context, rank: 1 })).toThrow(OtFault);
    expect(() => choose(honest.messages[0], osid, { ...context, pairCtx: new Uint8Array(32) })).toThrow(OtFault);
  });

  test("challenges of another length", () => {
    for (const message of cut(honest.messages[2])) {
      expect(() => baseAliceRespond(midway().alice, message)).toThrow(OtFault);
    }
  });

  test("openings that do not fit, of either branch, first or last, or of another length", () => {
    for (const at of [0, 31, 32, 63, 64 * 255, 64 * 255 + 32]) {
      expect(() => baseAliceFinish(midway().alice, flip(honest.messages[4], at))).toThrow(OtFault);
    }
    for (const message of cut(honest.messages[4])) {
      expect(() => baseAliceFinish(midway().alice, message)).toThrow(OtFault);
    }
    expect(hex(baseAliceFinish(midway().alice, honest.messages[4]).delta)).toBe(hex(honest.alice.delta));
  });

  test("openings that fit her keys but not the challenges: a Bob who guessed her choice", () => {
    // He garbles the challenge where he bets that she ignores it, learns from her response, and must open what he challenged.
    const z = Array.from({ length: 256 }, (_, at) => at).find((at) => bitAt(honest.choices, at) === 0)!;
    const { alice } = midway();
    const challenges = flip(honest.messages[2], 32 * z);
    expect(hex(baseAliceRespond(alice, challenges))).toBe(hex(honest.messages[3]));
    expect(() => baseAliceFinish(alice, honest.messages[4])).toThrow(OtFault);
  });
});

test("Alice refuses openings that fit the challenges but not her keys: a Bob who made all of them up", () => {
  const alice = { ...midway().alice, challenges: new Uint8Array(256 * 32) };
  const [keys, opened] = [new Uint8Array(32).fill(1), new Uint8Array(256 * 64)];
  for (let z = 0; z < 256; z++) {
    for (const n of [2 * z, 2 * z + 1]) opened.set(h1(osid, z, keys), 32 * n);
  }
  // Both keys of an instance are the same, so that every challenge is zero.
  expect(hex(baseAliceRespond(alice, alice.challenges))).not.toBe(hex(honest.messages[3]));
  expect(() => baseAliceFinish(alice, opened)).toThrow(OtFault);
});

describe("Bob refuses", () => {
  const challenge = (message: Uint8Array) => {
    return baseBobChallenge(baseBobStart(osid, context, seededRandom(1)).state, message);
  };

  test.each<[string, (message: Uint8Array) => Uint8Array]>([
    ["A itself", (message) => put(message, 100, part(honest.messages[0], 0))],
    ["the identity", (message) => put(message, 255, identity)],
    ["a point twice", (message) => put(message, 255, part(message, 0))],
    ["bytes that encode no element", (message) => put(message, 17, new Uint8Array(32).fill(255))],
    ["a negative encoding", (message) => flip(message, 0)],
  ])("message 2 with %s", (_, change) => {
    expect(() => challenge(change(honest.messages[1]))).toThrow(OtFault);
  });

  test("message 2 of another length", () => {
    for (const message of cut(honest.messages[1])) expect(() => challenge(message)).toThrow(OtFault);
  });

  test("a response that is wrong anywhere, or of another length, and opens nothing", () => {
    for (const at of [0, 31, 32 * 128, 32 * 256 - 1]) {
      expect(() => baseBobOpen(midway().bob, flip(honest.messages[3], at))).toThrow(OtFault);
    }
    for (const message of cut(honest.messages[3])) expect(() => baseBobOpen(midway().bob, message)).toThrow(OtFault);
    expect(hex(baseBobOpen(midway().bob, honest.messages[3]).message)).toBe(hex(honest.messages[4]));
  });

  test("an Alice without the key that she needs", () => {
    const other = run(11).messages[3];
    expect(() => baseBobOpen(midway().bob, other)).toThrow(OtFault);
  });
});

/** Every hash tag that stands anywhere in the sources. */
function tags(): readonly string[] {
  const packages = fileURLToPath(new URL("../../../", import.meta.url));
  const sources = readdirSync(packages, { recursive: true, encoding: "utf8" }).filter(
    (name) => /^[^/]+\/src\/.*\.ts$/.test(name) && !name.includes("test"),
  );
  const text = sources.map((name) => readFileSync(join(packages, name), "utf8")).join("\n");
  return [...new Set([...text.matchAll(/["`]([a-z0-9]+(?:\/[a-z0-9]+)+)["`]/g)].map((match) => match[1]!))];
}

test("an Alice who bets that a point of the protocol is a hash times the generator never gets the other key", () => {
  const { messages, bobsKeys, alicesKeys, choices } = honest;
  const A = part(messages[0], 0);
  const z = 3;
  const B = part(messages[1], z);
  const c = bitAt(choices, z);
  const e = c === 0 ? 1 : 0;
  const [own, other] = [part(bobsKeys, 2 * z + c), part(bobsKeys, 2 * z + e)];
  expect(hex(part(alicesKeys, z))).toBe(hex(own));
  const all = tags();
  expect(all).toEqual(expect.arrayContaining(["vsot/key", "vsot/h1", "vsot/seed", "ote/prg", "mul/th", "dkg/share"]));
  const inputs = [
    [osid],
    [context.pairCtx, osid, u32be(2), u32be(0), A],
    [context.pairCtx, osid, u32be(2), u32be(0), new Uint8Array(), new Uint8Array()],
    [osid, u32be(z), A, B],
    [osid, u32be(z), Uint8Array.of(e), A, B],
  ];
  for (const tag of [...all, "pok/vsot"]) {
    for (const parts of inputs) {
      const h = toScalar(SCALARS, "pair/v1", tag, ...parts);
      const wide = SCALARS.mod(bytesToInteger(XOF("pair/v1", tag, 32, ...parts)));
      for (const k of [h, wide, SCALARS.mod(-h)]) {
        const [kA, kB] = [ristretto255.multiply(A, k), ristretto255.multiply(B, k)];
        for (const P of [kA, kB, ristretto255.subtract(kB, kA), ristretto255.base(k)]) {
          expect(hex(keyOf(osid, z, e, A, B, P))).not.toBe(hex(other));
        }
      }
    }
  }
});
