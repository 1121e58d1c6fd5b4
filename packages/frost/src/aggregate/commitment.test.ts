import { describe, expect, test } from "vitest";
import { commit } from "../nonces.ts";
import { deal, refusal, seededRandom } from "../testing.ts";
import { checkSigningSet, parseCommitment, parseCommitments } from "./commitment.ts";
import { type FrostSuiteName, suite as suiteOf } from "./suite.ts";

const SUITES: readonly FrostSuiteName[] = ["ed25519", "taproot", "secp256k1", "p256"];
const hex = (text: string) => new Uint8Array(Buffer.from(text, "hex"));

/** The points of small order of edwards25519 in canonical encoding: the identity, order 2, 4, 4, 8, 8, 8, 8. */
const TORSION = [
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0000000000000000000000000000000000000000000000000000000000000080",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
].map(hex);
/** Bytes that are no point: the invalid elements of the Zcash Foundation's tests, and forms that are not canonical. */
const BAD: Readonly<Record<"ed25519" | "secp256k1" | "p256", readonly Uint8Array[]>> = {
  ed25519: [
    ...TORSION,
    hex("123456f9e9d319cad973b84cc4c835c8ee73281f5e2638d2d2b352c09edccbfb"),
    // y = p + 3, where y = 3 is on the curve.
    hex("f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    new Uint8Array(32).fill(255),
  ],
  secp256k1: [
    hex("123456afdf4a7f88885ab26b20d18edb7d4d9589812a6cf1a5a1a09d3808dae5d8"),
    hex("02fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f"),
    hex(`02${"00".repeat(31)}05`),
    new Uint8Array(33),
  ],
  p256: [
    hex("1234561ff7e5eee9158f10f7af6deea45e93b0c5a30b01701107b29cf8d4bae5b1"),
    hex("02ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"),
    hex(`02${"00".repeat(31)}07`),
    new Uint8Array(33),
  ],
};

describe.each(SUITES.flatMap((name) => (["fast", "noble"] as const).map((backend) => ({ name, backend }))))(
  "a commitment of $name with $backend",
  ({ name, backend }) => {
    const suite = suiteOf(name, backend);
    const [key] = deal(suite, 2, 3, seededRandom(1));
    const { encoded } = commit(key!, seededRandom(2)).commitment;

    test("is parsed to the points that were encoded, and keeps what it came in", () => {
      const parsed = parseCommitment(suite, { ...encoded, note: "kept" });
      expect(suite.group.encodePoint(parsed.hiding)).toEqual(encoded.hiding);
      expect(suite.group.encodePoint(parsed.binding)).toEqual(encoded.binding);
      expect(parsed.encoded.note).toBe("kept");
    });

    test("is refused for a bad point in either place, naming its maker", () => {
      const long = Uint8Array.of(...encoded.hiding, 0);

      for (const bad of [...BAD[suite.group.name], long, encoded.hiding.slice(1), new Uint8Array()]) {
        for (const place of ["hiding", "binding"] as const) {
          const refused = refusal(() => parseCommitment(suite, { ...encoded, identifier: 2, [place]: bad }));
          expect(refused, Buffer.from(bad).toString("hex")).toMatchObject({
            code: "invalid_commitment",
            culprits: [2],
          });
        }
      }
    });

    test.each([0, -1, 1.5, Number.NaN, 2 ** 53])("is refused for identifier %s", (identifier) => {
      expect(refusal(() => parseCommitment(suite, { ...encoded, identifier })).code).toBe("invalid_commitment");
    });
  },
);

describe("a list of commitments", () => {
  const suite = suiteOf("ed25519", "fast");
  const keys = deal(suite, 3, 5, seededRandom(3));
  const made = keys.map((key, at) => commit(key, seededRandom(10 + at)).commitment);
  const pick = (...identifiers: number[]) => identifiers.map((identifier) => made[identifier - 1]!);

  test("names everyone whose commitment is bad", () => {
    const list = made.map(({ encoded }) =>
      [2, 4].includes(encoded.identifier) ? { ...encoded, binding: TORSION[4]! } : encoded,
    );
    expect(refusal(() => parseCommitments(suite, list))).toMatchObject({
      code: "invalid_commitment",
      culprits: [2, 4],
    });
  });

  test("takes the own entry as parsed only if it is the same in every byte", () => {
    const list = made.map((one) => one.encoded);
    expect(parseCommitments(suite, list, made[2]!)[2]).toBe(made[2]);
    const own = { ...made[2]!, encoded: { ...made[2]!.encoded, hiding: made[1]!.encoded.hiding } };
    expect(parseCommitments(suite, list, own)).not.toContain(own);
  });

  test.each([
    ["too few signers", [1, 2]],
    ["nobody", []],
    ["a participant twice", [1, 2, 2]],
    ["a participant twice, apart", [1, 2, 1]],
    ["another order", [1, 3, 2]],
  ])("is no signing set with %s", (_, identifiers) => {
    expect(refusal(() => checkSigningSet(keys[0]!, pick(...identifiers))).code).toBe("invalid_signing_set");
  });

  test("is no signing set with someone who holds no share", () => {
    const stranger = { ...made[4]!, identifier: 6 };
    expect(refusal(() => checkSigningSet(keys[0]!, [...pick(1, 2), stranger])).code).toBe("invalid_signing_set");
  });

  test.each([[[1, 2, 3]], [[1, 3, 5]], [[1, 2, 3, 4, 5]]])("is a signing set with %j", (identifiers) => {
    expect(() => checkSigningSet(keys[0]!, pick(...identifiers))).not.toThrow();
  });
});
