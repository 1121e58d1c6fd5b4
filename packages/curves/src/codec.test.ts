import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bytes,
  type Codec,
  choice,
  DecodeError,
  decode,
  encode,
  fixed,
  flag,
  list,
  mapped,
  nullable,
  struct,
  text,
  tuple,
  u8,
  u16,
  u32,
  u64,
  union,
} from "./codec.ts";

const order = struct({
  id: fixed(4),
  name: text(16),
  urgent: flag,
  signers: list(u8, 3),
  parent: nullable(u16),
  body: union({ ping: struct({}), sign: struct({ digest: bytes(8), epoch: u64 }) }),
  mood: choice(["calm", "grim"]),
  pair: tuple(u32, 2),
});

const example = {
  id: Uint8Array.of(1, 2, 3, 4),
  name: "Zoë",
  urgent: true,
  signers: [1, 3],
  parent: 258,
  body: { kind: "sign", digest: Uint8Array.of(9), epoch: 2 ** 53 - 1 },
  mood: "grim",
  pair: [7, 2 ** 32 - 1],
} as const;

function fieldOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof DecodeError) return error.field;
    throw error;
  }
  return "accepted";
}

const raw = (...values: number[]) => Uint8Array.from(values);

describe("a codec", () => {
  test("gives back what went in", () => {
    expect(decode(order, encode(order, example))).toEqual(example);
    expect(decode(order, encode(order, { ...example, parent: null, body: { kind: "ping" } }))).toEqual({
      ...example,
      parent: null,
      body: { kind: "ping" },
    });
  });

  test("has one encoding per value: what decodes encodes to the same bytes", () => {
    const whole = encode(order, example);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const changed = Uint8Array.from(whole);
        changed[at] = byte;
        try {
          expect(encode(order, decode(order, changed))).toEqual(changed);
        } catch (error) {
          if (!(error instanceof DecodeError)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("refuses every shortened and every lengthened form", () => {
    const whole = encode(order, example);
    for (let length = 0; length < whole.length; length++) {
      expect(() => decode(order, whole.subarray(0, length))).toThrow(DecodeError);
    }
    expect(() => decode(order, Uint8Array.of(...whole, 0))).toThrow("1 bytes follow the end");
  });

  const alone: readonly [string, Codec<unknown>, Uint8Array][] = [
    ["u8", u8, raw(1)],
    ["u16", u16, raw(0, 1)],
    ["u32", u32, raw(0, 0, 0, 1)],
    ["u64", u64, raw(0, 0, 0, 0, 0, 0, 0, 1)],
    ["fixed", fixed(2), raw(1, 2)],
    ["bytes", bytes(2), raw(0, 0, 0, 1, 5)],
    ["text", text(2), raw(0, 0, 0, 1, 65)],
    ["flag", flag, raw(1)],
    ["list", list(u8, 2), raw(0, 0, 0, 1, 5)],
    ["tuple", tuple(u8, 2), raw(1, 2)],
    ["nullable", nullable(u8), raw(0)],
    ["struct", struct({ a: u8 }), raw(1)],
    ["union", union({ a: struct({ b: u8 }) }), raw(0, 1)],
    ["choice", choice(["a"]), raw(0)],
    ["mapped", mapped(u8, String, Number), raw(5)],
  ];
  test.each(alone)("%s refuses trailing bytes", (_, codec, good) => {
    expect(encode(codec, decode(codec, good))).toEqual(good);
    expect(() => decode(codec, Uint8Array.of(...good, 0))).toThrow("follow the end");
    expect(() => decode(codec, good.subarray(0, -1))).toThrow(DecodeError);
  });

  test.each<[string, Codec<unknown>, Uint8Array]>([
    ["integers above 2^53 - 1", u64, raw(0, 0x20, 0, 0, 0, 0, 0, 0)],
    ["integers that a double would round", u64, raw(0, 0x20, 0, 0, 0, 0, 0, 1)],
    ["byte strings over their bound", bytes(2), raw(0, 0, 0, 3, 1, 2, 3)],
    ["lists over their bound", list(u8, 2), raw(0, 0, 0, 3, 1, 2, 3)],
    ["lists that claim four thousand million items", list(u8, 2), raw(255, 255, 255, 255)],
    ["flags that are neither 0 nor 1", flag, raw(2)],
    ["flags of nullables that are neither 0 nor 1", nullable(u8), raw(2, 5)],
    ["text that is not UTF-8", text(8), raw(0, 0, 0, 2, 0xc3, 0x28)],
    ["text in an overlong form", text(8), raw(0, 0, 0, 2, 0xc0, 0x80)],
    ["text with an encoded surrogate", text(8), raw(0, 0, 0, 3, 0xed, 0xa0, 0x80)],
    ["unknown kinds", union({ a: struct({}) }), raw(1)],
    ["unknown words", choice(["a"]), raw(1)],
  ])("refuses %s", (_, codec, input) => {
    expect(() => decode(codec, input)).toThrow(DecodeError);
  });

  test("keeps a byte order mark, which is part of the text", () => {
    const codec = text(8);
    expect(decode(codec, encode(codec, "\ufeffa"))).toBe("\ufeffa");
  });

  test("encodes nothing that it would not decode", () => {
    const refused: [Codec<unknown>, unknown][] = [
      [u8, 256],
      [u8, -1],
      [u8, 1.5],
      [u64, 2 ** 53],
      [fixed(2), raw(1)],
      [bytes(1), raw(1, 2)],
      [text(1), "ab"],
      [text(1), "é"],
      [text(8), "\ud800"],
      [list(u8, 1), [1, 2]],
      [tuple(u8, 2), [1]],
      [choice(["a"]), "b"],
      [union({ a: struct({}) }), { kind: "b" }],
    ];
    for (const [codec, value] of refused) expect(() => encode(codec, value)).toThrow(DecodeError);
  });

  test("names the field that is wrong", () => {
    const nested = struct({
      order: struct({ signers: list(struct({ urgent: flag }), 3) }),
      body: union({ sign: struct({ on: flag }) }),
    });
    const good = encode(nested, {
      order: { signers: [{ urgent: true }, { urgent: false }] },
      body: { kind: "sign", on: true },
    });
    const broken = (at: number) => {
      const changed = Uint8Array.from(good);
      changed[at] = 9;
      return fieldOf(() => decode(nested, changed));
    };
    expect(broken(0)).toBe("order.signers");
    expect(broken(5)).toBe("order.signers[1].urgent");
    expect(broken(6)).toBe("body");
    expect(broken(7)).toBe("body(sign).on");
    expect(fieldOf(() => decode(struct({ a: mapped(u8, refuse, Number) }), raw(1)))).toBe("a");
  });
});

function refuse(): string {
  throw new Error("never");
}
