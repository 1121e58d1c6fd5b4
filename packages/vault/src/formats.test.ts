import { type Codec, DecodeError, decode, encode } from "@quorate/curves";
import { describe, expect, test } from "vitest";
import { type BindingRecord, bindingRecord, type VerdictRecord, verdictRecord } from "./formats.ts";

const binding: BindingRecord = {
  digest: new Uint8Array(32).fill(1),
  deadline: 1_760_000_000_000,
  until: 1_760_000_000_001,
};
const verdict: VerdictRecord = {
  id: "00".repeat(8),
  at: 1_760_000_000_000,
  kind: "keygen",
  code: "bad_share",
  accused: "ohio",
  keyId: new Uint8Array(32).fill(2),
  executionId: new Uint8Array(16).fill(3),
  document: new Uint8Array(5),
};

function refuses<T>(codec: Codec<T>, value: T): void {
  const bytes = encode(codec, value);
  expect(decode(codec, bytes)).toEqual(value);
  expect(() => decode(codec, bytes.subarray(0, -1))).toThrow(DecodeError);
  expect(() => decode(codec, Uint8Array.of(...bytes, 0))).toThrow(DecodeError);
  expect(() => decode(codec, Uint8Array.of(9, ...bytes.subarray(1)))).toThrow("format 9, known is");
}

describe("record formats", () => {
  test("read back what was written, and nothing but that", () => {
    refuses(bindingRecord, binding);
    refuses(verdictRecord, verdict);
    refuses(verdictRecord, { ...verdict, keyId: null });
  });

  test("the bytes of a binding record stay what they are on disk", () => {
    expect(Buffer.from(encode(bindingRecord, binding)).toString("hex")).toBe(
      `02${"01".repeat(32)}00000199c82cc00000000199c82cc001`,
    );
  });

  test("evidence beyond its bound is refused", () => {
    expect(() => encode(verdictRecord, { ...verdict, document: new Uint8Array((1 << 19) + 1) })).toThrow(DecodeError);
  });
});
