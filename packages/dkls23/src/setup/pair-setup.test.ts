import { inspect } from "node:util";
import { DecodeError } from "@quorate/curves";
import { describe, expect, test } from "vitest";
import { dealPair, testPairConfig } from "../testing.ts";
import { decodePairSetup, encodePairSetup } from "./pair-setup.ts";

const config = testPairConfig(new Uint8Array(32).fill(1), new Uint8Array(32).fill(2), 7);
const [first, second] = dealPair(config);

describe("the record of a pair", () => {
  test.each([first, second])("reads as what was written (rank $rank)", (setup) => {
    using record = encodePairSetup(setup);
    expect(record.length).toBe(1 + 32 + 8 + 1 + 16384 + 32 + 8192 + 32);
    expect({ ...decodePairSetup(record.expose(), "fast") }).toEqual({ ...setup });
  });

  test("may be wiped once it is read", () => {
    const record = encodePairSetup(first);
    const read = decodePairSetup(record.expose(), "fast");
    record.wipe();
    expect({ ...read }).toEqual({ ...first });
  });

  test("has one form, and everything else is refused", () => {
    const bytes = encodePairSetup(first).expose();
    const changed = (at: number, value: number) => bytes.map((byte, index) => (index === at ? value : byte));
    const wrong = [new Uint8Array(), bytes.slice(0, -1), bytes.slice(1), Uint8Array.of(...bytes, 0)];
    for (const one of [...wrong, changed(0, 0), changed(0, 2), changed(41, 0), changed(41, 3), changed(33, 255)]) {
      expect(() => decodePairSetup(one, "fast")).toThrow(DecodeError);
    }
  });
});

describe("a pair's setup", () => {
  test("is wiped when disposed of", () => {
    const setup = decodePairSetup(encodePairSetup(first).expose(), "fast");
    setup[Symbol.dispose]();
    for (const bytes of [setup.bob.seeds, setup.alice.seeds, setup.alice.delta, setup.zeroSeed]) {
      expect(bytes.every((byte) => byte === 0)).toBe(true);
    }
    expect(first.zeroSeed.every((byte) => byte === 0)).toBe(false);
  });

  test("is never shown", () => {
    expect([`${first}`, JSON.stringify(first), inspect(first)]).toEqual(["[secret]", '"[secret]"', "[secret]"]);
  });
});
